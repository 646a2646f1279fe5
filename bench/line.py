"""A telephone line: what is left of a voice after 8 kHz and mu-law (ITU-T G.711)."""

from __future__ import annotations

import numpy as np

from rehearsal.models.sound import Samples, levelled, resample

RATE = 8000
CLIP, BIAS = 32635, 132


def telephone(samples: Samples, rate: int) -> Samples:
    """*samples* as they leave the line, at `RATE`, at a peak of -6 dBFS."""
    return through_mu_law(levelled(resample(samples, rate, RATE)))


def through_mu_law(samples: Samples) -> Samples:
    """Coded to 8 bits and back: each value becomes the middle of its step."""
    linear = np.clip(np.abs(samples) * 32768, 0, CLIP) + BIAS
    exponent = np.floor(np.log2(linear)) - 7
    mantissa = np.floor(linear / 2 ** (exponent + 3)) - 16
    decoded = (2 * mantissa + 33) * 2 ** (exponent + 2) - BIAS
    coded: Samples = (np.sign(samples) * decoded / 32768).astype(np.float32)
    return coded
