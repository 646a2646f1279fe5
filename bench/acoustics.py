"""How ``rehearsal/models/acoustics.npz`` was made: pocketsphinx's model, re-estimated on voices over the telephone.

    python -m bench.acoustics --sentences 1200        (about ten minutes; writes the file anew)

Sentences made by rule are spoken twice over: at 16 kHz, where the original model finds every state's time well, and
through a telephone line with more or less noise. The wide sound says which Gaussian each frame belongs to, the narrow
one what that Gaussian should be (single-pass retraining, as in HTK's book, 13.7); two rounds of maximum a posteriori
estimation on the narrow sound alone follow. Sentences differ from those of ``bench.recogniser`` by their seeds.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pocketsphinx
from numpy.typing import NDArray

from bench.corpus import Utterance, sentences, with_slots
from bench.line import RATE as LINE_RATE
from bench.line import telephone, through_mu_law
from rehearsal.models import acoustics, grammar
from rehearsal.models.acoustics import CODEBOOKS, STREAMS, WIDTH
from rehearsal.models.recogniser import RATE, framed, lexicon, windows, without_pauses
from rehearsal.models.sound import Samples, levelled, resample
from rehearsal.models.speech import RATE as SPEECH_RATE
from rehearsal.models.speech import synthesise
from rehearsal.models.voices import VOICES

SEED = 501
SLOTS = frozenset({"<amount>", "<date>", "<month_day>", "<digits>", "<relative_date>", "<name>"})
PACES = (0.93, 1.0, 1.07)
NOISES = (0.0, 0.0, 0.001, 0.003, 0.01)  # RMS on the line
PHONES = [
    "+NSN+",
    "+SPN+",
    "AA",
    "AE",
    "AH",
    "AO",
    "AW",
    "AY",
    "B",
    "CH",
    "D",
    "DH",
    "EH",
    "ER",
    "EY",
    "F",
    "G",
    "HH",
    "IH",
    "IY",
    "JH",
    "K",
    "L",
    "M",
    "N",
    "NG",
    "OW",
    "OY",
    "P",
    "R",
    "S",
    "SH",
    "SIL",
    "T",
    "TH",
    "UH",
    "UW",
    "V",
    "W",
    "Y",
    "Z",
    "ZH",
]
"""The codebooks, in the model's order."""

LOGBASE = np.log(1.0001) * 1024  # of a byte in a sendump
PRIOR = 10.0  # frames that the value before counts for, Gaussians
WEIGHT_PRIOR = 20.0  # the same, mixture weights
ROUNDS = 3
FLOOR = 1e-4  # variances; pocketsphinx's own

Array = NDArray[Any]


@dataclass
class Frames:
    """Features of the same frames from wide and narrow sound, (frames, STREAMS, WIDTH), and what they belong to."""

    wide: Array
    narrow: Array
    senone: Array
    codebook: Array


class Listener:
    """A pocketsphinx that gives its cepstra away, and the times of states when it is told the words."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self._cepstra = folder / "cepstra"
        self._cepstra.mkdir()
        (folder / "words.dict").write_text("\n".join(lexicon()) + "\n")
        settings = {"hmm": str(acoustics.ORIGINAL), "dict": str(folder / "words.dict"), "lm": None}
        self._decoder = pocketsphinx.Decoder(
            pocketsphinx.Config(**settings, mfclogdir=str(self._cepstra), loglevel="FATAL", **options)
        )

    def features(self, sound: Samples, words: list[str]) -> Array:
        """The model's features of *sound*, without recognising anything."""
        self._decoder.set_align_text(" ".join(words))
        self._run(sound, search=False)
        return self._features()

    def aligned(self, sound: Samples, words: list[str]) -> tuple[Array, Array, Array] | None:
        """Features, senones and codebooks of the frames of *sound*; None when it can't be aligned."""
        try:
            self._decoder.set_align_text(" ".join(words))
            self._run(sound)
            self._decoder.set_alignment()
            self._run(sound)
            states = [
                (int(state.name), PHONES.index(phone.name), state.duration)
                for word in self._decoder.get_alignment().words()
                for phone in word
                for state in phone
            ]
        except RuntimeError:  # pocketsphinx can't align when it gives <s> a single frame
            return None
        finally:
            features = self._features()
        senones, codebooks, durations = zip(*states, strict=True)
        length = min(len(features), sum(durations))
        return (
            features[:length],
            np.repeat(senones, durations)[:length],
            np.repeat(codebooks, durations)[:length],
        )

    def _run(self, sound: Samples, *, search: bool = True) -> None:
        self._decoder.start_utt()
        data = (framed(sound) * 32767).astype("<i2").tobytes()
        self._decoder.process_raw(data, no_search=not search, full_utt=True)
        self._decoder.end_utt()

    def _features(self) -> Array:
        """Of the newest log of cepstra, and none is kept: cepstra, deltas, double deltas (feature 1s_c_d_dd)."""
        logs = sorted(self._cepstra.iterdir())
        cepstra = np.frombuffer(logs[-1].read_bytes()[4:], ">f4").reshape(-1, WIDTH).astype(float)
        for log in logs:
            log.unlink()
        cepstra = cepstra - cepstra[cepstra[:, 0] >= 0].mean(axis=0)  # pocketsphinx's cmn skips silent frames
        padded = np.pad(cepstra, ((3, 3), (0, 0)), "edge")

        def at(shift: int) -> Array:
            return padded[3 + shift : 3 + shift + len(cepstra)]

        return np.stack([cepstra, at(2) - at(-2), (at(3) - at(-1)) - (at(1) - at(-3))], axis=1)


def collect(count: int, seed: int) -> Frames:
    """The frames of *count* sentences, as far as they can be aligned."""
    rng = random.Random(seed)
    found: list[tuple[Array, Array, Array, Array]] = []
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        wide = Listener(Path(one))
        narrow = Listener(Path(other), **acoustics.FRONT_END)
        for number, utterance in enumerate(_utterances(count, seed), 1):
            voice = rng.choice(list(VOICES.values()))
            speech = synthesise(utterance.text, voice, rng.choice(PACES))
            clear = levelled(resample(speech, SPEECH_RATE, RATE))
            kept = without_pauses(clear)
            aligned = wide.aligned(windows(clear)[kept].reshape(-1), utterance.words)
            if aligned is not None:
                line = levelled(resample(_line(speech, rng), LINE_RATE, RATE))
                whole = windows(np.append(line, np.zeros(RATE, np.float32)))  # for a rounded-off last window
                features = narrow.features(whole[kept].reshape(-1), utterance.words)
                length = min(len(features), len(aligned[0]))
                clear_features, senones, codebooks = (part[:length] for part in aligned)
                found.append((features[:length], clear_features, senones, codebooks))
            if number % 50 == 0:
                print(f"{number} sentences, {len(found)} aligned", flush=True)
    narrow_all, wide_all, senones, codebooks = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return Frames(wide_all, narrow_all, senones, codebooks)


def _utterances(count: int, seed: int) -> Iterator[Utterance]:
    for shift, name in enumerate((grammar.CALLER, grammar.AGENT)):
        yield from sentences(name, count // 4, seed + 10 * shift)
        yield from with_slots(name, SLOTS, count // 4, seed + 10 * shift + 1)


def _line(speech: Samples, rng: random.Random) -> Samples:
    heard = telephone(speech, SPEECH_RATE)
    noise = np.random.default_rng(rng.randrange(2**32)).standard_normal(len(heard)) * rng.choice(NOISES)
    return through_mu_law(np.clip(heard + noise, -1, 1).astype(np.float32))


@dataclass
class Model:
    """Means and variances of SHAPE, logarithms of mixture weights of WEIGHTS_SHAPE."""

    means: Array
    variances: Array
    weights: Array

    @classmethod
    def original(cls) -> Model:
        """As pocketsphinx ships it."""
        means, variances = (
            acoustics.read_gaussians(acoustics.ORIGINAL / name) for name in ("means", "variances")
        )
        weights = -acoustics.read_weights().astype(float) * LOGBASE
        return cls(means.astype(float), np.maximum(variances.astype(float), FLOOR), weights)

    def save(self) -> None:
        """To where `acoustics.install` reads it."""
        weights = np.clip(np.round(-self.weights / LOGBASE), 0, 255).astype(np.uint8)
        means, variances = self.means.astype(np.float16), self.variances.astype(np.float16)
        np.savez_compressed(acoustics.STORED, weights=weights, means=means, variances=variances)


def estimate(frames: Frames) -> Model:
    """The model of the narrow sound."""
    model = Model.original()
    floor = np.maximum(np.quantile(model.variances, 0.1, axis=2) * 0.3, FLOOR)
    adapted = _reestimated(frames, frames.wide, model, _moved(frames, model), floor)
    for _ in range(ROUNDS):
        adapted = _reestimated(frames, frames.narrow, adapted, adapted, floor)
    return adapted


def _moved(frames: Frames, model: Model) -> Model:
    """The prior: each codebook's means moved as its frames move from wide to narrow, by regression."""
    means = model.means.copy()
    for stream in range(STREAMS):
        wide = np.hstack([frames.wide[:, stream], np.ones((len(frames.wide), 1))])
        common = np.linalg.lstsq(wide, frames.narrow[:, stream], rcond=None)[0]
        for codebook in range(CODEBOOKS):
            mine = frames.codebook == codebook
            part = wide[mine]
            normal = part.T @ part + 50 * np.eye(WIDTH + 1)  # few frames: stay near what all of them do
            matrix = np.linalg.solve(normal, part.T @ frames.narrow[mine, stream] + 50 * common)
            means[codebook, stream] = model.means[codebook, stream] @ matrix[:WIDTH] + matrix[WIDTH]
    return Model(means, model.variances, model.weights)


def _reestimated(frames: Frames, seen: Array, model: Model, prior: Model, floor: Array) -> Model:
    """One step: *model* shares the frames out by how they are *seen*; the narrow sound moves *prior*."""
    means, variances = prior.means.copy(), prior.variances.copy()
    counts = np.exp(Model.original().weights) * WEIGHT_PRIOR
    for codebook in range(CODEBOOKS):
        mine = np.flatnonzero(frames.codebook == codebook)
        for stream in range(STREAMS):
            key = (codebook, stream)
            weights = model.weights[stream][:, frames.senone[mine]].T
            shares = _shares(seen[mine, stream], model.means[key], model.variances[key], weights)
            narrow, size = frames.narrow[mine, stream], shares.sum(axis=0)[:, None] + PRIOR
            means[key] = (PRIOR * prior.means[key] + shares.T @ narrow) / size
            square = PRIOR * (prior.variances[key] + prior.means[key] ** 2) + shares.T @ narrow**2
            variances[key] = np.maximum(square / size - means[key] ** 2, floor[key])
            np.add.at(counts[stream].T, frames.senone[mine], shares)
    return Model(means, variances, np.log(counts / counts.sum(axis=1, keepdims=True) + 1e-12))


def _shares(values: Array, means: Array, variances: Array, weights: Array) -> Array:
    """How much each frame belongs to each Gaussian of its codebook, (frames, DENSITIES); rows sum to 1."""
    constant = (means**2 / variances + np.log(variances)).sum(axis=1)
    scores = weights - 0.5 * (values**2 @ (1 / variances).T - 2 * values @ (means / variances).T + constant)
    scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Array = scores / scores.sum(axis=1, keepdims=True)
    return shares


def main() -> None:
    """Collects, estimates, writes."""
    parser = argparse.ArgumentParser(prog="python -m bench.acoustics")
    parser.add_argument("--sentences", type=int, default=1200)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    frames = collect(options.sentences, options.seed)
    print(f"{len(frames.senone)} frames of {len(set(frames.senone.tolist()))} states")
    estimate(frames).save()


if __name__ == "__main__":
    main()
