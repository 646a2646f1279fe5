"""How well and how fast the rehearsal's ears hear, over a telephone line, on sentences made by rule.

    python -m bench.recogniser [--sentences 15] [--voices alloy,onyx] [--noise 0.003] [--misses]

For each grammar and voice: words right (1 - word error rate), sentences right, amounts and dates right (as written),
CPU seconds an utterance. Half of the sentences are drawn from all phrases, half from those that carry a slot.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from bench.corpus import Utterance, sentences, with_slots
from bench.line import RATE, telephone
from rehearsal.models import grammar, written
from rehearsal.models.recogniser import Recogniser
from rehearsal.models.speech import RATE as SPEECH_RATE
from rehearsal.models.speech import synthesise
from rehearsal.models.voices import VOICES

SEED = 7
SLOTS = frozenset({"<amount>", "<date>", "<month_day>", "<relative_date>", "<digits>"})
FACT = re.compile(r"[$£€][\d,.]*\d|\w+ \d+(?:st|nd|rd|th)(?:, \d{4})?|\d{3,}|\b\w+day\b")
"""An amount, a day, a number or a weekday in a written sentence."""


@dataclass
class Score:
    """Sums over utterances."""

    words: int = 0
    wrong_words: int = 0
    utterances: int = 0
    right_utterances: int = 0
    facts: int = 0
    right_facts: int = 0
    cpu: float = 0.0
    seconds: float = 0.0
    misses: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        words, sentences_ = self.wrong_words / self.words, self.right_utterances / self.utterances
        return (
            f"words {1 - words:6.1%}  sentences {sentences_:6.1%}  "
            f"amounts and dates {self.right_facts}/{self.facts}  cpu {self.cpu / self.utterances:.2f} s "
            f"of {self.seconds / self.utterances:.1f} s"
        )


def corpus(name: str, count: int, seed: int = SEED) -> list[Utterance]:
    """What is listened to with grammar *name*: *count* of all phrases and *count* with slots."""
    return sentences(name, count, seed) + with_slots(name, SLOTS, count, seed + 1)


def measure(ear: Recogniser, name: str, utterances: Sequence[Utterance], voice: str, noise: float) -> Score:
    """Speaks, sends down a line with white noise of RMS *noise*, listens, compares."""
    score = Score()
    rng = np.random.default_rng(SEED)
    for utterance in utterances:
        sound = telephone(synthesise(utterance.text, VOICES[voice]), SPEECH_RATE)
        sound += (noise * rng.standard_normal(len(sound))).astype(np.float32)
        began = time.process_time()
        heard = ear.transcribe(sound, RATE, name)
        score.cpu += time.process_time() - began
        score.seconds += len(sound) / RATE
        said = written.write(grammar.automaton(name).punctuate(utterance.words))
        _compare(score, said, heard)
    return score


def _compare(score: Score, said: str, heard: str) -> None:
    wrong = distance(_words(said), _words(heard))
    score.words += len(_words(said))
    score.wrong_words += wrong
    score.utterances += 1
    score.right_utterances += wrong == 0
    facts, found = FACT.findall(said), FACT.findall(heard)
    score.facts += len(facts)
    score.right_facts += len(facts) if facts == found else sum(fact in found for fact in facts)
    if wrong:
        score.misses.append(f"{said} | {heard}")


def _words(text: str) -> list[str]:
    return re.findall(r"[\w$£€',.]*[\w']", text.lower())


def distance(said: Sequence[str], heard: Sequence[str]) -> int:
    """Words to replace, insert or delete (Levenshtein)."""
    row = np.arange(len(heard) + 1)
    for number, word in enumerate(said, 1):
        previous, row = row, np.full(len(heard) + 1, number)
        for position, other in enumerate(heard, 1):
            row[position] = min(
                previous[position] + 1, row[position - 1] + 1, previous[position - 1] + (word != other)
            )
    return int(row[-1])


def scores(voices: Sequence[str], count: int, noise: float) -> Iterator[tuple[str, str, Score]]:
    """Grammar, voice and score, one after the other."""
    ear = Recogniser()
    for name in (grammar.CALLER, grammar.AGENT):
        utterances = corpus(name, count)
        for voice in voices:
            yield name, voice, measure(ear, name, utterances, voice, noise)


def main() -> None:
    """Prints a line for each grammar and voice."""
    parser = argparse.ArgumentParser(prog="python -m bench.recogniser")
    parser.add_argument("--sentences", type=int, default=15, help="of each kind, for each grammar and voice")
    parser.add_argument("--voices", default=",".join(VOICES))
    parser.add_argument("--noise", type=float, default=0.0, help="RMS on the line; speech peaks at 0.5")
    parser.add_argument("--misses", action="store_true", help="show what was said and what was heard")
    options = parser.parse_args()
    for name, voice, score in scores(options.voices.split(","), options.sentences, options.noise):
        print(f"{name:7} {voice:8} {score}", flush=True)
        if options.misses and score.misses:
            print(*(f"    {miss}" for miss in score.misses), sep="\n")


if __name__ == "__main__":
    main()
