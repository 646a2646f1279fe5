"""G.711 mu-law, the telephone's 8-bit samples, as table look-ups (ITU-T G.711)."""

import numpy as np
import numpy.typing as npt

RATE = 8000
FRAME_MS = 20
FRAME = RATE * FRAME_MS // 1000  # samples, and bytes of mu-law, in one frame

Samples = npt.NDArray[np.int16]


def _decode_table() -> Samples:
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    magnitude = ((((code & 0x0F) << 3) + 0x84) << ((code >> 4) & 0x07)) - 0x84
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


def _encode_table() -> npt.NDArray[np.uint8]:
    """Indexed by a 16-bit sample read as unsigned."""
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
    """Mu-law bytes as 16-bit samples, one for each byte."""
    samples: Samples = _DECODE[np.frombuffer(ulaw, dtype=np.uint8)]
    return samples


def encode(samples: Samples) -> bytes:
    """16-bit samples as mu-law bytes, one for each sample."""
    return _ENCODE[samples.view(np.uint16)].tobytes()
