"""One plain form of a text, whatever characters it is written in, with the way back to the original positions."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

# What stands for a masked name in the plain form: a word that no table holds.
MASK = "zqname"

_APOSTROPHES = frozenset("'’‘ʼ`´′＇")
_UNSEEN = frozenset("\u115f\u1160\u3164\uffa0\u2800\u180e")
_LOOKALIKES = {
    **dict(zip("авезкмнорстухіјѕԁһԛԝѵьгпдлчбіїёєґқң", "abe3kmhopctyxijsdhqwvbrnanu6iieerkh", strict=False)),
    **dict(zip("αβγδεζηθικλμνξοπρσςτυφχψω", "abydezn0ikauvxonpoctuqxyw", strict=False)),
    **dict(zip("աոսօցհեգզ", "wnuoghtqq", strict=False)),
    "ı": "i", "ȷ": "j", "ℓ": "l", "ə": "e", "ɑ": "a", "ɡ": "g", "ɩ": "i", "ɪ": "i", "ʟ": "l", "ƨ": "s",
    "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t",
}  # fmt: skip
_LETTER_NAME = re.compile(
    r"\bLETTER (?:SMALL CAPITAL |SCRIPT |TURNED |REVERSED |OPEN )?([A-Z])(?: WITH .*)?$"
)
_NUMBER_NAME = re.compile(r"\bDIGIT (ZERO|ONE|TWO|THREE|FOUR|FIVE|SIX|SEVEN|EIGHT|NINE)\b")
_NUMBER_VALUES = dict(
    zip(
        ("ZERO", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE"),
        "0123456789",
        strict=True,
    )
)
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")


class Folded:
    """`text` in a-z, 0-9, apostrophes and separators; `at[i]` is where its character i stands in the original."""

    __slots__ = ("at", "ends", "text")

    def __init__(self, text: str, at: Sequence[int], ends: Sequence[int]) -> None:
        self.text = text
        self.at = at
        self.ends = ends

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Original (start, end) of the plain text's characters `start` to `end`."""
        if end <= start:
            return (0, 0)
        return min(self.at[start:end]), max(self.ends[start:end])

    def rewritten(self, parts: Iterable[tuple[str, int, int]]) -> "Folded":
        """A new plain text of `parts`: (words, start, end), each in the place of characters `start` to `end`.

        A part of the same length keeps each character's own place.
        """
        out: list[str] = []
        at: list[int] = []
        ends: list[int] = []
        for words, start, end in parts:
            out.append(words)
            if len(words) == end - start:
                at.extend(self.at[start:end])
                ends.extend(self.ends[start:end])
            else:
                first, last = self.span(start, end)
                at.extend([first] * len(words))
                ends.extend([last] * len(words))
        return Folded("".join(out), at, ends)

    def replaced(self, pattern: re.Pattern[str], by: Callable[[re.Match[str]], str]) -> "Folded":
        """`pattern.sub(by, text)`, keeping places."""
        parts: list[tuple[str, int, int]] = []
        done = 0
        for found in pattern.finditer(self.text):
            parts.append((self.text[done : found.start()], done, found.start()))
            parts.append((by(found), found.start(), found.end()))
            done = found.end()
        if not parts:
            return self
        parts.append((self.text[done:], done, len(self.text)))
        return self.rewritten(parts)


def fold(text: str, masked: Sequence[tuple[int, int]] = ()) -> Folded:
    """The plain form: lower case, no accents, no invisible characters, look-alikes and digits of all scripts as ASCII.

    `masked` spans of the original, in order and apart, become the word `MASK`.
    """
    out: list[str] = []
    at: list[int] = []
    ends: list[int] = []
    position = 0
    for start, end in [*masked, (len(text), len(text))]:
        for index in range(position, start):
            for plain in _plain(text[index]):
                out.append(plain)
                at.append(index)
                ends.append(index + 1)
        if end > start:
            out.append(MASK)
            at.extend([start] * len(MASK))
            ends.extend([end] * len(MASK))
        position = max(position, end)
    return Folded("".join(out), at, ends)


def unreadable(text: str) -> list[int]:
    """Where letters or number signs stand that have no plain form: no voice of ours can be meant to say them."""
    return [index for index, character in enumerate(text) if _is_foreign(character)]


@lru_cache(maxsize=8192)
def _plain(character: str) -> str:
    if character.isascii():
        return character.lower() if character.isprintable() or character.isspace() else ""
    if character in _APOSTROPHES:
        return "'"
    if character in _UNSEEN or unicodedata.category(character) in ("Cf", "Mn", "Me", "Cc", "Co", "Cs"):
        return ""
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    whole = unicodedata.normalize("NFKD", character).casefold()
    return "".join(_letter(part) for part in unicodedata.normalize("NFKD", whole))


def _letter(character: str) -> str:
    if character.isascii():
        return character
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return ""
    if (known := _LOOKALIKES.get(character)) is not None:
        return known
    name = unicodedata.name(character, "")
    if named := _LETTER_NAME.search(name):
        # Of the scripts that are not Latin only look-alikes are known.
        latin = "LATIN" in name or "REGIONAL INDICATOR" in name or "SQUARED" in name or "CIRCLED" in name
        return named[1].lower() if latin else character
    if counted := _NUMBER_NAME.search(name):
        return _NUMBER_VALUES[counted[1]]
    return character


@lru_cache(maxsize=8192)
def _is_foreign(character: str) -> bool:
    if character.isascii() or character in _UNSEEN or character in _APOSTROPHES:
        return False
    kind = unicodedata.category(character)
    decomposed = unicodedata.normalize("NFKD", character)
    if kind.startswith("L"):
        # Letters of other scripts that look like ours stand for ours, and are foreign all the same.
        return "LATIN" not in unicodedata.name(character, "") and not decomposed[0].isascii()
    if kind.startswith("N"):
        # Other numbers than digits ("Ⅻ", "½", "〇") are read as what they decompose to, or not at all.
        return not all(part in _PLAIN or part in " ⁄/()." for part in _plain(character))
    return "BRAILLE PATTERN" in unicodedata.name(character, "")
