"""G.711 mu-law and the step from a synthesiser's rate down to the telephone's 8 kHz, in numpy."""

import functools

import numpy as np
import numpy.typing as npt

RATE = 8000
Samples = npt.NDArray[np.int16]


def _decode_table() -> Samples:
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    magnitude = ((((code & 0x0F) << 3) + 0x84) << ((code >> 4) & 0x07)) - 0x84
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


def _encode_table() -> npt.NDArray[np.uint8]:
    """Indexed by a 16-bit sample read as unsigned. Works on 14 bits, as the reference coder (ITU-T G.711)
    does."""
    sample = np.arange(65536, dtype=np.int32).astype(np.uint16).view(np.int16).astype(np.int32) >> 2
    biased = np.minimum(np.abs(sample), 8158) + 33
    exponent = np.floor(np.log2(biased)).astype(np.int32) - 5
    mantissa = (biased >> (exponent + 1)) & 0x0F
    code: npt.NDArray[np.uint8] = (
        ~(np.where(sample < 0, 0x80, 0) | (exponent << 4) | mantissa) & 0xFF
    ).astype(np.uint8)
    return code


_DECODE = _decode_table()
_ENCODE = _encode_table()


def decode(ulaw: bytes) -> Samples:
    samples: Samples = _DECODE[np.frombuffer(ulaw, dtype=np.uint8)]
    return samples


def encode(samples: Samples) -> bytes:
    return _ENCODE[samples.view(np.uint16)].tobytes()


@functools.lru_cache(maxsize=8)
def _low_pass(taps: int, cutoff: float) -> npt.NDArray[np.float64]:
    """Windowed sinc; `cutoff` as a fraction of the sampling rate."""
    at = np.arange(taps) - (taps - 1) / 2
    kernel: npt.NDArray[np.float64] = 2 * cutoff * np.sinc(2 * cutoff * at) * np.blackman(taps)
    kernel /= kernel.sum()
    return kernel


def to_phone_rate(samples: Samples, rate: int) -> Samples:
    """Resamples mono PCM to 8 kHz. What lies above the telephone's band is removed first: without it
    sibilants fold down into speech and a recogniser on the line hears other words."""
    if rate == RATE or not len(samples):
        return samples
    signal = samples.astype(np.float64)
    if rate > RATE:
        taps = 32 * rate // RATE + 1
        signal = np.convolve(signal, _low_pass(taps, 3500 / rate), mode="same")[: len(samples)]
    count = len(samples) * RATE // rate
    if rate % RATE == 0:
        signal = signal[:: rate // RATE][:count]
    else:
        signal = np.interp(np.arange(count) * (rate / RATE), np.arange(len(signal)), signal)
    return np.clip(np.rint(signal), -32768, 32767).astype(np.int16)


def level(ulaw: bytes) -> float:
    """Root mean square of the samples, 0 to 32124."""
    samples = decode(ulaw).astype(np.float64)
    return float(np.sqrt(np.mean(samples * samples))) if len(samples) else 0.0
