"""Is there a voice at all? What keeps silence and noise from becoming words: a grammar would find some in anything."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .sound import Samples

RATE = 16000  # Hz of what is judged
WINDOW, STEP = 512, 160  # samples: 32 ms, two periods of the lowest voice; 10 ms
LAGS = slice(RATE // 400, RATE // 70)  # the periods of voices from 400 down to 70 Hz
PERIODIC = 0.6  # normalised autocorrelation: voiced sounds reach .8, telephone-band noise .3
QUIET = 0.003  # RMS below which nothing is heard: -50 dBFS
BELOW_LOUDEST = 0.05  # -26 dB: what is further below the loudest window is the line, not the voice
ENOUGH = 0.08  # seconds of voiced sound in the shortest word


def has_voice(samples: Samples) -> bool:
    """Whether *samples* at `RATE` hold enough voiced sound to be a word."""
    return voiced_seconds(samples) >= ENOUGH


def voiced_seconds(samples: Samples) -> float:
    """How long something periodic as a voice is heard."""
    if len(samples) < WINDOW:
        return 0.0
    windows = sliding_window_view(samples, WINDOW)[::STEP]
    loudness = np.sqrt((windows**2).mean(axis=1))
    heard = windows[loudness > max(QUIET, BELOW_LOUDEST * loudness.max(initial=0.0))]
    if not len(heard):
        return 0.0
    centred = heard - heard.mean(axis=1, keepdims=True)
    spectrum = np.abs(np.fft.rfft(centred, 2 * WINDOW)) ** 2
    correlation = np.fft.irfft(spectrum)[:, :WINDOW]
    fewer = 1 - np.arange(WINDOW) / WINDOW  # a lag compares fewer samples: undo that
    peak = (correlation[:, LAGS] / fewer[LAGS]).max(axis=1) / np.maximum(correlation[:, 0], 1e-12)
    return float((peak > PERIODIC).sum()) * STEP / RATE
