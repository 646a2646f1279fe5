"""The phrase files: what may be said on the telephone, written for people to read and edit.

A line is words, ``<slots>``, ``(a | b)`` alternatives and ``[optional parts]``; ``#`` starts a comment; a final
``?`` marks a question. `expand` turns one line into every token sequence it stands for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "phrases"
TOKEN = re.compile(r"<[a-z_]+>|[a-z][a-z']*|[()\[\]|]")

Tokens = tuple[str, ...]


class PhraseError(ValueError):
    """A phrase line that cannot be read; the message names file and line."""


@dataclass(frozen=True)
class Phrase:
    """One thing to say, fully expanded: words and ``<slots>``, and whether it asks something."""

    tokens: Tokens
    question: bool


def read_lines(name: str) -> list[tuple[int, str]]:
    """The numbered lines of ``phrases/<name>.txt`` without comments and blanks."""
    text = (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    lines = ((number, line.split("#")[0].strip()) for number, line in enumerate(text.splitlines(), 1))
    return [(number, line) for number, line in lines if line]


@cache
def words(name: str) -> tuple[str, ...]:
    """A plain list, such as the first names: one entry a line."""
    return tuple(line for _, line in read_lines(name))


@cache
def load(name: str) -> tuple[Phrase, ...]:
    """Every phrase of ``phrases/<name>.txt``, expanded, each once, in the file's order."""
    found: dict[Tokens, Phrase] = {}
    for number, line in read_lines(name):
        try:
            for tokens in expand(line.removesuffix("?")):
                found.setdefault(tokens, Phrase(tokens, line.endswith("?")))
        except PhraseError as error:
            raise PhraseError(f"phrases/{name}.txt:{number}: {error}") from None
    return tuple(found.values())


def expand(line: str) -> list[Tokens]:
    """Every token sequence that *line* stands for; raises `PhraseError` when it is not well formed."""
    tokens = TOKEN.findall(line)
    rest = TOKEN.sub("", line).strip()
    if rest:
        raise PhraseError(f"cannot read {rest!r}")
    position, choices = _choices(tokens, 0)
    if position != len(tokens):
        raise PhraseError(f"{tokens[position]!r} closes nothing")
    return [choice for choice in dict.fromkeys(choices) if choice]


def _choices(tokens: list[str], position: int) -> tuple[int, list[Tokens]]:
    """Reads ``a b | c`` up to a closing bracket or the end; answers where it stopped and all its readings."""
    done: list[Tokens] = []
    current: list[Tokens] = [()]
    while position < len(tokens) and tokens[position] not in ")]":
        item = tokens[position]
        position += 1
        if item == "|":
            done, current = done + current, [()]
            continue
        inner: list[Tokens] = [(item,)]
        if item in "([":
            position, inner = _group(tokens, position, item)
        current = list(_joined(current, inner))
    return position, done + current


def _group(tokens: list[str], position: int, opener: str) -> tuple[int, list[Tokens]]:
    position, inner = _choices(tokens, position)
    closer = ")" if opener == "(" else "]"
    if position == len(tokens) or tokens[position] != closer:
        raise PhraseError(f"{opener!r} is never closed")
    return position + 1, inner if opener == "(" else [(), *inner]


def _joined(heads: list[Tokens], tails: list[Tokens]) -> Iterator[Tokens]:
    return (head + tail for head in heads for tail in tails)
