"""Finding a known sound in a longer one."""

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float64]
FRAME = 160  # 20 ms at 8 kHz
AUDIBLE = 300.0


def through_telephone(samples: Samples) -> Samples:
    """24 kHz to what a telephone keeps of it: band-limited to 3.4 kHz, 8 kHz, mu-law's steps (ITU-T G.711)."""
    taps = np.arange(-96, 97)
    low_pass = np.sinc(2 * 3400 / 24000 * taps) * np.hamming(taps.size)
    narrow = np.convolve(samples, low_pass / low_pass.sum(), mode="same")[::3] / 32768
    steps = np.round(np.sign(narrow) * np.log1p(255 * np.abs(narrow)) / np.log(256) * 127) / 127
    return np.asarray(np.sign(steps) * (np.power(256.0, np.abs(steps)) - 1) / 255 * 32768)


def find(needle: Samples, hay: Samples, start: int) -> tuple[int, float]:
    """Where from `start` on `needle` is most alike, and how alike (normalised cross-correlation, -1 to 1)."""
    hay = hay[start:]
    if len(hay) < len(needle) or not needle.any():
        return start, 0.0
    size = 1 << (len(hay) + len(needle)).bit_length()
    product = np.fft.irfft(np.fft.rfft(hay, size) * np.conj(np.fft.rfft(needle, size)), size)
    product = product[: len(hay) - len(needle) + 1]
    energy = np.concatenate([[0.0], np.cumsum(hay**2)])
    norms = np.sqrt((energy[len(needle) :] - energy[: -len(needle)]).clip(1e-9) * (needle**2).sum())
    # A window with hardly any sound in it is like nothing.
    likeness = np.where(norms > 0.05 * norms.max(), product / norms, 0.0)
    best = int(likeness.argmax())
    return start + best, float(likeness[best])


def onset_after(samples: Samples, ms: float) -> float | None:
    """When, in ms, the next audible frame begins at or after `ms`; None if there is none."""
    first = int(ms // 20)
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
    loud = np.nonzero(np.sqrt((frames[first:] ** 2).mean(axis=1)) > AUDIBLE)[0]
    return float((first + loud[0]) * 20) if loud.size else None
