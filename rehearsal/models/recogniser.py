"""The ear: samples in, spoken words out, found by pocketsphinx in one of the two grammars.

One `Recogniser` belongs to one process: pocketsphinx holds the GIL while it decodes.
"""

from __future__ import annotations

import math
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
    "bestpath": False,  # its lattice takes half a minute when everything is possible, as in music
    "loglevel": "FATAL",
}
THOROUGH: dict[str, Any] = {"beam": 1e-75, "pbeam": 1e-75, "wbeam": 1e-55, "maxhmmpf": 5000}
"""What the second search differs in: several times slower, and it finds what the first one lost."""

ANOTHER = 0.001  # probability that an utterance goes on with a further phrase
SURE = -0.0048
"""The least mean logarithm of a frame's score: phrases reach -0.001 to -0.0035, other talk -0.006 to -0.01."""


class Recogniser:
    """Both grammars over one acoustic model, loaded once."""

    def __init__(self, **options: Any) -> None:
        """*options* replace pocketsphinx's options (for measuring); ``another`` replaces `ANOTHER`."""
        another = options.pop("another", ANOTHER)
        with tempfile.TemporaryDirectory(prefix="recogniser-") as name:
            folder = Path(name)
            (folder / "words.dict").write_text("\n".join(lexicon()) + "\n", encoding="utf-8")
            for known in (grammar.CALLER, grammar.AGENT):
                (folder / known).write_text(grammar.automaton(known).to_fsg(known, another), encoding="utf-8")
            settings = {
                "hmm": str(acoustics.ORIGINAL),
                "dict": str(folder / "words.dict"),
                "lm": None,
                **acoustics.install(folder),
                **acoustics.FRONT_END,
                **SEARCH,
            }
            self._quick = _decoder(folder, settings | options)
            self._thorough = _decoder(folder, settings | THOROUGH | options)

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
        """Words of *sound* at `RATE`: the quick search's, and when that has lost every path the thorough one's."""
        if not has_voice(sound):
            return []
        data = (prepared(sound) * 32767).astype("<i2").tobytes()
        for decoder in (self._quick, self._thorough):
            decoder.activate_search(name)
            decoder.start_utt()
            decoder.process_raw(data, full_utt=True)
            decoder.end_utt()
            if hypothesis := decoder.hyp():
                sure = math.log(max(hypothesis.score, 1e-300)) > SURE * decoder.n_frames()
                return str(hypothesis.hypstr).split() if sure else []
        return []


def _decoder(folder: Path, settings: dict[str, Any]) -> pocketsphinx.Decoder:
    """A decoder that knows both grammars, whose files are in *folder*."""
    decoder = pocketsphinx.Decoder(pocketsphinx.Config(**settings))
    for name in (grammar.CALLER, grammar.AGENT):
        model = pocketsphinx.FsgModel.readfile(str(folder / name), decoder.logmath, settings["lw"])
        decoder.add_fsg(name, model)
    return decoder


def prepared(samples: Samples) -> Samples:
    """At the model's level, without long pauses, with a little noise and some near silence around it."""
    sound = levelled(samples)
    return framed(windows(sound)[without_pauses(sound)].reshape(-1))


def framed(samples: Samples) -> Samples:
    """*samples* with a little noise, and near silence around them."""
    silence = np.zeros(round(PADDING * RATE), np.float32)
    sound = np.concatenate([silence, samples, silence])
    noise = np.random.default_rng(0).standard_normal(len(sound), np.float32)
    noisy: Samples = sound + np.float32(NOISE) * noise
    return noisy


def without_pauses(samples: Samples) -> list[int]:
    """The numbers of the windows of *samples* that stay when every pause is cut to `PAUSE`."""
    kept = round(PAUSE / STEP)
    return [at for at, quiet in _quiet_runs(windows(samples)) if quiet <= kept]


def sentences(samples: Samples) -> list[Samples]:
    """*samples* in pieces, cut in the middle of every pause that is longer than people make within a sentence."""
    long = round(SENTENCE_PAUSE / STEP)
    whole = windows(samples)
    cuts = [at - long // 2 for at, quiet in _quiet_runs(whole) if quiet == long]
    return [piece.reshape(-1) for piece in np.split(whole, cuts)]


def windows(samples: Samples) -> Samples:
    """*samples* in rows of `STEP` seconds."""
    length = round(STEP * RATE)
    return samples[: len(samples) // length * length].reshape(-1, length)


def _quiet_runs(rows: Samples) -> Iterator[tuple[int, int]]:
    """Each window's number, and how many quiet ones end with it; 0 for one that is not quiet."""
    loudness = np.sqrt((rows**2).mean(axis=1))
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
