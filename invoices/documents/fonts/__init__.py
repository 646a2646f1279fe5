"""DejaVu Sans: Latin, Greek, Cyrillic and more, freely redistributable (see LICENSE here)."""

from functools import lru_cache
from pathlib import Path

from fontTools.ttLib import TTFont

FAMILY = "DejaVu Sans"
HERE = Path(__file__).resolve().parent
REGULAR, BOLD = HERE / "DejaVuSans.ttf", HERE / "DejaVuSans-Bold.ttf"


def can_show(text: str) -> bool:
    """Whether both faces have every character."""
    return all(ord(each) in _characters() for each in text)


@lru_cache(maxsize=1)
def _characters() -> frozenset[int]:
    found = [frozenset(TTFont(face, lazy=True).getBestCmap()) for face in (REGULAR, BOLD)]
    return found[0] & found[1]
