"""Is there a voice at all? What keeps silence and noise from becoming words: a grammar would find some in anything."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .sound import Samples

RATE = 16000  # Hz of what is judged
WINDOW, STEP = 512, 160  # samples: 32 ms, two periods of the lowest voice; 10 ms
LAGS = slice(RATE // 400, RATE // 70)  # the periods of voices from 400 down to 70 Hz
BAND = slice(
    200 * 2 * WINDOW // RATE, 3600 * 2 * WINDOW // RATE
)  # bins of 200 to 3600 Hz: a hum below is not a voice
PERIODIC = 0.6  # normalised autocorrelation: voiced sounds reach .8, telephone-band noise .3
QUIET = 0.003  # RMS below which nothing is heard: -50 dBFS
BELOW_LOUDEST = 0.05  # -26 dB: what is further below the loudest window is the line, not the voice
ENOUGH = 0.08  # seconds of voiced sound in the shortest word

HANN = np.hanning(WINDOW).astype(np.float32)
OVERLAP = np.fft.irfft(np.abs(np.fft.rfft(HANN, 2 * WINDOW)) ** 2)[:WINDOW] / (HANN**2).sum()
"""How much of the window is compared at each lag."""


def has_voice(samples: Samples) -> bool:
    """Whether *samples* at `RATE` hold enough voiced sound to be a word."""
    return voiced_seconds(samples) >= ENOUGH


def voiced_seconds(samples: Samples) -> float:
    """How long something periodic as a voice is heard in the telephone's band."""
    if len(samples) < WINDOW:
        return 0.0
    windows = sliding_window_view(samples, WINDOW)[::STEP]
    spectrum = np.abs(np.fft.rfft(windows * HANN, 2 * WINDOW)) ** 2
    spectrum[:, : BAND.start] = spectrum[:, BAND.stop :] = 0
    correlation = np.fft.irfft(spectrum)[:, :WINDOW]
    loudness = np.sqrt(np.maximum(correlation[:, 0], 0) / (HANN**2).sum())
    heard = correlation[loudness > max(QUIET, BELOW_LOUDEST * loudness.max(initial=0.0))]
    peaks = (heard[:, LAGS] / OVERLAP[LAGS]).max(axis=1) / np.maximum(heard[:, 0], 1e-12)
    return float((peaks > PERIODIC).sum()) * STEP / RATE
