"""Sentences that a non-programmer can read and extend; the tests next door hold the product to them."""

from pathlib import Path

_FOLDER = Path(__file__).parent


def sentences(name: str) -> list[str]:
    """The lines of a file but comments and empty ones."""
    lines = (_FOLDER / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


def labelled(name: str) -> list[tuple[str, str]]:
    """Lines “label: text” as (label, text)."""
    pairs = (line.partition(": ") for line in sentences(name))
    return [(label, text) for label, _, text in pairs]
