"""How the voices of this rehearsal sound over a telephone: pocketsphinx's model en-us, adapted.

The model was trained on people at 16 kHz; synthetic voices through 300-3400 Hz and mu-law sound different enough to
cost it half of all words. ``acoustics.npz`` holds its Gaussians and mixture weights re-estimated by
``bench/acoustics.py`` on sentences made by rule. `install` writes them as the files pocketsphinx reads.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pocketsphinx
from numpy.typing import NDArray

STORED = Path(__file__).parent / "acoustics.npz"
ORIGINAL = Path(pocketsphinx.get_model_path("en-us/en-us"))

CODEBOOKS, STREAMS, DENSITIES, WIDTH = 42, 3, 128, 13
SENONES = 5126
SHAPE = (CODEBOOKS, STREAMS, DENSITIES, WIDTH)
WEIGHTS_SHAPE = (STREAMS, DENSITIES, SENONES)

FRONT_END: dict[str, Any] = {"lowerf": 200, "upperf": 3600}
"""The band the adapted model was estimated in, Hz."""


def install(folder: Path) -> dict[str, str]:
    """Writes the adapted model's files into *folder*; answers pocketsphinx's options that name them."""
    stored = np.load(STORED)
    write_gaussians(folder / "means", stored["means"])
    write_gaussians(folder / "variances", stored["variances"])
    write_weights(folder / "sendump", stored["weights"])
    names = {"mean": "means", "var": "variances", "sendump": "sendump"}
    return {option: str(folder / name) for option, name in names.items()}


def write_gaussians(path: Path, values: NDArray[Any]) -> None:
    """*values* of `SHAPE` in Sphinx-3 format, without a checksum."""
    header = struct.pack("<i", 0x11223344) + struct.pack("<7i", *SHAPE[:3], *[WIDTH] * 3, values.size)
    path.write_bytes(b"s3\nversion 1.0\nendhdr\n" + header + values.astype("<f4").tobytes())


def read_gaussians(path: Path) -> NDArray[Any]:
    """The means or variances of a Sphinx-3 file, of `SHAPE`."""
    data = path.read_bytes()
    begin = data.index(b"endhdr\n") + len(b"endhdr\n") + 4 * 8
    return np.frombuffer(data, "<f4", CODEBOOKS * STREAMS * DENSITIES * WIDTH, begin).reshape(SHAPE)


def write_weights(path: Path, values: NDArray[Any]) -> None:
    """Mixture weights of `WEIGHTS_SHAPE`, as the byte each is in a sendump, behind the original's header."""
    path.write_bytes(_sendump()[0] + values.astype(np.uint8).tobytes())


def read_weights() -> NDArray[Any]:
    """The original mixture weights, of `WEIGHTS_SHAPE`: minus the logarithm to 1.0001, divided by 1024."""
    return np.frombuffer(_sendump()[1], np.uint8).reshape(WEIGHTS_SHAPE)


def _sendump() -> tuple[bytes, bytes]:
    data = (ORIGINAL / "sendump").read_bytes()
    begin = len(data) - STREAMS * DENSITIES * SENONES
    return data[:begin], data[begin:]
