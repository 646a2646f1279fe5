"""The ear: samples in, spoken words out, found by pocketsphinx in one of the two grammars.

One `Recogniser` belongs to one process: pocketsphinx holds the GIL while it decodes.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pocketsphinx

from . import acoustics, grammar, phrases
from .gate import has_voice
from .sound import Samples, levelled, resample
from .written import write

RATE = 16000
"""Hz of the acoustic model en-us."""

PADDING = 0.05  # seconds of near silence around an utterance: the model has to see it begin and end
PAUSE = 0.06  # seconds of a pause that are kept: in silence every word stays possible, which costs most of the search
QUIET = 0.003  # RMS of a window that is a pause whatever else is heard: -50 dBFS
BELOW_LOUDEST = 0.02  # and of one beside the loudest: -34 dB, below the breath of an f or an s
STEP = 0.01  # seconds of a window
SENTENCE_PAUSE = 0.3  # seconds: espeak pauses for 0.15 to 0.25 at a comma, 0.35 and more between sentences
NOISE = 0.0006  # RMS added: exact zeros break the decoder's front end
SEARCH: dict[str, Any] = {
    "lw": 6.5,
    "beam": 1e-56,
    "pbeam": 1e-56,
    "wbeam": 1e-38,
    "silprob": 0.5,
    "loglevel": "FATAL",
}
ANOTHER = 0.001  # probability that an utterance goes on with a further phrase


class Recogniser:
    """Both grammars over one acoustic model, loaded once."""

    def __init__(self, **options: Any) -> None:
        """*options* replace pocketsphinx's options (for measuring); ``another`` replaces `ANOTHER`."""
        another = options.pop("another", ANOTHER)
        with tempfile.TemporaryDirectory(prefix="recogniser-") as name:
            folder = Path(name)
            (folder / "words.dict").write_text("\n".join(lexicon()) + "\n", encoding="utf-8")
            settings = {
                "hmm": str(acoustics.ORIGINAL),
                "dict": str(folder / "words.dict"),
                "lm": None,
                **acoustics.install(folder),
                **acoustics.FRONT_END,
                **SEARCH,
                **options,
            }
            self._decoder = pocketsphinx.Decoder(pocketsphinx.Config(**settings))
            for known in (grammar.CALLER, grammar.AGENT):
                path = folder / f"{known}.fsg"
                path.write_text(grammar.automaton(known).to_fsg(known, another), encoding="utf-8")
                model = pocketsphinx.FsgModel.readfile(str(path), self._decoder.logmath, settings["lw"])
                self._decoder.add_fsg(known, model)

    def transcribe(self, samples: Samples, rate: int, name: str) -> str:
        """What was said, as sentences; "" for nothing. A sentence that the grammar lacks costs no other one."""
        language = grammar.automaton(name)
        sound = resample(samples, rate, RATE)
        spoken = [language.punctuate(self._search(piece, name)) or [] for piece in sentences(sound)]
        return write([phrase for phrases_ in spoken for phrase in phrases_])

    def words(self, samples: Samples, rate: int, name: str) -> list[str]:
        """What was said in one breath, as words of the grammar *name*."""
        return self._search(resample(samples, rate, RATE), name)

    def _search(self, sound: Samples, name: str) -> list[str]:
        if not has_voice(sound):
            return []
        sound = prepared(sound)
        decoder = self._decoder
        decoder.activate_search(name)
        decoder.start_utt()
        decoder.process_raw((sound * 32767).astype("<i2").tobytes(), full_utt=True)
        decoder.end_utt()
        hypothesis = decoder.hyp()
        return hypothesis.hypstr.split() if hypothesis else []


def prepared(samples: Samples) -> Samples:
    """At the model's level, without long pauses, with a little noise and some near silence around it."""
    silence = np.zeros(round(PADDING * RATE), np.float32)
    sound = np.concatenate([silence, shortened(levelled(samples)), silence])
    noise = np.random.default_rng(0).standard_normal(len(sound)).astype(np.float32)
    return sound + np.float32(NOISE) * noise


def shortened(samples: Samples) -> Samples:
    """*samples* with every pause cut to `PAUSE`."""
    kept = round(PAUSE / STEP)
    windows = _windows(samples)
    chosen = [at for at, quiet in _quiet_runs(windows) if quiet <= kept]
    return windows[chosen].reshape(-1)


def sentences(samples: Samples) -> list[Samples]:
    """*samples* in pieces, cut in the middle of every pause that is longer than people make within a sentence."""
    long = round(SENTENCE_PAUSE / STEP)
    windows = _windows(samples)
    cuts = [at - long // 2 for at, quiet in _quiet_runs(windows) if quiet == long]
    return [piece.reshape(-1) for piece in np.split(windows, cuts)]


def _windows(samples: Samples) -> Samples:
    length = round(STEP * RATE)
    return samples[: len(samples) // length * length].reshape(-1, length)


def _quiet_runs(windows: Samples) -> Iterator[tuple[int, int]]:
    """Each window's number, and how many quiet ones end with it; 0 for one that is not quiet."""
    loudness = np.sqrt((windows**2).mean(axis=1))
    limit = max(QUIET, BELOW_LOUDEST * loudness.max(initial=0.0))
    run = 0
    for at, loud in enumerate(loudness):
        run = run + 1 if loud < limit else 0
        yield at, run


def lexicon() -> list[str]:
    """The lines of a Sphinx dictionary: cmudict's pronunciations of the words of both grammars, and our own."""
    words = grammar.automaton(grammar.CALLER).words | grammar.automaton(grammar.AGENT).words
    path = pocketsphinx.get_model_path("en-us/cmudict-en-us.dict")
    lines = [line.rstrip() for line in Path(path).read_text(encoding="utf-8").splitlines()]
    found = [line for line in lines if line.split()[0].split("(")[0] in words]
    missing = words - {line.split()[0] for line in found}
    if missing:
        raise phrases.PhraseError(f"no pronunciation is known of {', '.join(sorted(missing))}")
    return found
