"""G.711 mu-law and the step from a synthesiser's rate down to the telephone's 8 kHz, in numpy."""

import functools

import numpy as np
import numpy.typing as npt

RATE = 8000
Samples = npt.NDArray[np.int16]

_BIAS = 0x84
_CLIP = 32635


def _decode_table() -> Samples:
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    magnitude = ((((code & 0x0F) << 3) + _BIAS) << ((code >> 4) & 0x07)) - _BIAS
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


def _encode_table() -> npt.NDArray[np.uint8]:
    """Index: a 16-bit sample seen as unsigned."""
    sample = np.arange(65536, dtype=np.int32)
    sample = np.where(sample >= 32768, sample - 65536, sample)
    biased = np.minimum(np.abs(sample), _CLIP) + _BIAS
    exponent = np.maximum(np.floor(np.log2(biased)).astype(np.int32) - 7, 0)
    mantissa = (biased >> (exponent + 3)) & 0x0F
    return (~(np.where(sample < 0, 0x80, 0) | (exponent << 4) | mantissa) & 0xFF).astype(np.uint8)


_DECODE = _decode_table()
_ENCODE = _encode_table()


def decode(ulaw: bytes) -> Samples:
    return _DECODE[np.frombuffer(ulaw, dtype=np.uint8)]


def encode(samples: Samples) -> bytes:
    return _ENCODE[samples.astype(np.int16).view(np.uint16)].tobytes()


@functools.lru_cache(maxsize=8)
def _low_pass(taps: int, cutoff: float) -> npt.NDArray[np.float64]:
    """Windowed sinc; `cutoff` as a fraction of the sampling rate."""
    at = np.arange(taps) - (taps - 1) / 2
    kernel = 2 * cutoff * np.sinc(2 * cutoff * at) * np.blackman(taps)
    return kernel / kernel.sum()


def to_phone_rate(samples: Samples, rate: int) -> Samples:
    """Resamples mono PCM to 8 kHz. Everything above 3.7 kHz is removed first: without it sibilants fold down into the
    speech band and a recogniser on the line hears other words."""
    if rate == RATE or not len(samples):
        return samples
    signal = samples.astype(np.float64)
    if rate > RATE:
        signal = np.convolve(signal, _low_pass(16 * rate // RATE * 2 + 1, 3700 / rate), mode="same")
    count = len(signal) * RATE // rate
    if rate % RATE == 0:
        signal = signal[:: rate // RATE][:count]
    else:
        signal = np.interp(np.arange(count) * (rate / RATE), np.arange(len(signal)), signal)
    return np.clip(np.rint(signal), -32768, 32767).astype(np.int16)


def level(ulaw: bytes) -> float:
    """Root mean square of the samples, 0 to 32767."""
    samples = decode(ulaw).astype(np.float64)
    return float(np.sqrt(np.mean(samples * samples))) if len(samples) else 0.0
