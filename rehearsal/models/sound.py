"""Samples: reading and writing WAV, changing the rate, setting the level. Mono, float32 of -1..1 unless said."""

from __future__ import annotations

import io
import math
import struct
import wave
from functools import cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Samples = NDArray[np.float32]

PEAK = 0.5  # -6 dBFS
ZERO_CROSSINGS = (
    16  # of the resampling filter, each side: about 80 dB of stop band with the Kaiser window below
)


class WavError(ValueError):
    """The bytes are no WAV file that can be read; the message says why."""


def read_wav(data: bytes) -> tuple[Samples, int]:
    """The samples of a 16-bit PCM WAV file mixed to mono, and its rate in Hz.

    A WAV written to a pipe carries sizes of 0 or 0xFFFFFFFF; what is there is read.
    """
    try:
        with wave.open(io.BytesIO(data)) as file:
            channels, width, rate = file.getnchannels(), file.getsampwidth(), file.getframerate()
            raw = file.readframes(max(0, len(data)))
    except (wave.Error, EOFError, struct.error) as error:
        raise WavError(f"not a WAV file: {error or 'it ends too early'}") from None
    if width != 2:
        raise WavError(f"{8 * width} bits a sample; only 16-bit PCM is understood")
    if rate < 4000 or channels < 1:
        raise WavError(f"{channels} channels at {rate} Hz cannot be speech")
    whole = len(raw) // (2 * channels) * channels
    samples = np.frombuffer(raw, "<i2", whole).reshape(-1, channels).mean(axis=1)
    return (samples / 32768).astype(np.float32), rate


def write_wav(samples: Samples, rate: int) -> bytes:
    """A 16-bit mono WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as target:
        target.setnchannels(1)
        target.setsampwidth(2)
        target.setframerate(rate)
        target.writeframes(to_pcm(samples))
    return file.getvalue()


def to_pcm(samples: Samples) -> bytes:
    """Little-endian signed 16-bit."""
    return (np.clip(samples, -1, 1) * 32767).round().astype("<i2").tobytes()


def levelled(samples: Samples, peak: float = PEAK) -> Samples:
    """Scaled so that the loudest sample is *peak*; silence stays as it is."""
    loudest = float(np.abs(samples).max(initial=0.0))
    return samples if loudest < 1e-5 else samples * np.float32(peak / loudest)


def resample(samples: Samples, source: int, target: int) -> Samples:
    """The same sound at *target* Hz: polyphase windowed sinc, cut off just below the lower Nyquist frequency."""
    if source == target or not len(samples):
        return samples
    up, down = target // math.gcd(source, target), source // math.gcd(source, target)
    filters = _filters(up, down)
    half = filters.shape[1] // 2
    windows = sliding_window_view(np.pad(samples, (half, half + 1)), filters.shape[1])
    out = np.empty(-(-len(samples) * up // down), np.float32)
    for phase in range(
        min(up, len(out))
    ):  # all outputs of one phase share a filter and step through the input evenly
        first, offset = divmod(phase * down, up)
        out[phase::up] = windows[first::down][: len(out[phase::up])] @ filters[offset]
    return out


@cache
def _filters(up: int, down: int) -> Samples:
    """One row of taps for each of the *up* fractional delays."""
    cutoff = 0.95 * min(1.0, up / down)
    half = math.ceil(ZERO_CROSSINGS / cutoff)
    taps = np.arange(-half, half + 1)[None, :] - np.arange(up)[:, None] / up
    window = np.i0(8.0 * np.sqrt(np.clip(1 - (taps / (half + 1)) ** 2, 0, 1))) / np.i0(8.0)
    return (cutoff * np.sinc(cutoff * taps) * window).astype(np.float32)
