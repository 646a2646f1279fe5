"""Words and numbers of plain English, written or spoken: what the readers of amounts and dates stand on."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .spoken import ORDINALS as _ORDINALS
from .spoken import TEENS, UNITS
from .spoken import TENS as _TENS

Words = Sequence[str]

_TOKEN = re.compile(
    r"\d{4}-\d{2}-\d{2}"  # an ISO date
    r"|\d{1,2}/\d{1,2}(?:/\d{2,4})?"  # a date with slashes
    r"|\d+(?:st|nd|rd|th)\b"
    r"|\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)"
    r"|\d+(?:\.\d+)?"
    r"|[a-z]+(?:'[a-z]+)*"
    r"|[$£€]"
)

SMALL = {word: value for value, word in enumerate([*UNITS, *TEENS])}
TENS = {word: 10 * value for value, word in enumerate(_TENS, 2)}
ORDINALS = {word: value for value, word in enumerate(_ORDINALS, 1) if " " not in word}
_NEGATIONS = {"not", "can't", "cannot", "won't", "isn't"}
# What comes between a "not" and the thing that is meant after all: "not right, Friday", "not before Friday".
_TURNS = {"until", "till", "before", "but", "only", "right", "correct", "wrong", "sure"}


def split(text: str) -> list[str]:
    """Lower-case words, numbers, ordinals, dates and currency signs, in order; hyphens and punctuation are
    gone."""
    return _TOKEN.findall(text.lower().replace("’", "'"))


def contains(words: Words, phrase: str) -> bool:
    """Whether the phrase (words apart by spaces) occurs in the words, whole words only."""
    return f" {phrase} " in f" {' '.join(words)} "


def contains_any(words: Words, phrases: Sequence[str]) -> bool:
    return any(contains(words, phrase) for phrase in phrases)


def word_at(words: Words, at: int) -> str:
    """The word at a place, or an empty one beyond either end."""
    return words[at] if 0 <= at < len(words) else ""


def negated(words: Words, at: int, since: int = 0) -> bool:
    """Whether a "not" or "can't" just before a place takes back what is there: "not on Friday", but not
    "can't until". A "not" before `since` belongs to something else."""
    before = list(words[max(at - 4, since) : at])
    for turn in _TURNS:
        if turn in before:
            before = before[len(before) - before[::-1].index(turn) :]
    return any(word in _NEGATIONS for word in before)


def cardinal_at(words: Words, at: int) -> tuple[int, int] | None:
    """A whole number that begins at a place: (value, the place after it). "12", "one thousand and five",
    "a hundred"."""
    first = word_at(words, at)
    if first.replace(",", "").isdecimal():
        return _scaled_digits(words, at)
    if first == "a" and word_at(words, at + 1) in ("hundred", "thousand"):
        return _spoken(words, at + 1, group=1)
    if first in SMALL or first in TENS:
        return _spoken(words, at, group=0)
    return None


def _scaled_digits(words: Words, at: int) -> tuple[int, int]:
    value = int(words[at].replace(",", ""))
    if word_at(words, at + 1) == "thousand":
        return value * 1000, at + 2
    return value, at + 1


def _spoken(words: Words, at: int, *, group: int) -> tuple[int, int]:
    """Adds up number words from a place on, for as long as they make one number; `group` counts below a
    thousand."""
    total, start = 0, at
    while True:
        word = word_at(words, at)
        if word in TENS and group % 100 == 0 and (at == start or group or total):
            group += TENS[word]
        elif word in SMALL and _fits(SMALL[word], group, first=at == start):
            group += SMALL[word]
        elif word == "hundred" and 0 < group < 100:
            group *= 100
        elif word == "thousand" and group and not total:
            total, group = group * 1000, 0
        elif word == "and" and (group or total) and group % 100 == 0 and _goes_on(words, at + 1):
            pass
        else:
            return total + group, at
        at += 1


def _fits(value: int, group: int, *, first: bool) -> bool:
    """Whether a word up to nineteen may follow what the group holds: "twenty five", but not "twenty
    fifteen"."""
    if value == 0:
        return first
    return group % 100 == 0 or (value < 10 and group % 100 >= 20 and group % 10 == 0)


def _goes_on(words: Words, at: int) -> bool:
    """After "and": a part below a hundred, so that "one hundred and two thousand" stays a number."""
    return word_at(words, at) in TENS or SMALL.get(word_at(words, at), 0) > 0


def ordinal_at(words: Words, at: int) -> tuple[int, int] | None:
    """ "14th", "fourteenth", "twenty first": (value, the place after it)."""
    word = word_at(words, at)
    if word[:-2].isdecimal() and word[-2:] in ("st", "nd", "rd", "th"):
        return int(word[:-2]), at + 1
    if word in ORDINALS and not (ORDINALS[word] < 10 and word_at(words, at - 1) in TENS):
        return ORDINALS[word], at + 1
    last = ORDINALS.get(word_at(words, at + 1), 0)
    if word in TENS and 0 < last < 10:
        return TENS[word] + last, at + 2
    return None


def digits(words: Words) -> str:
    """The longest run of digits said one by one or in pairs: "one zero zero four", "10 041", "double o
    seven"."""
    runs, run, repeat, at = [""], "", 1, 0
    while at < len(words):
        word = words[at]
        at += 1
        if word in ("double", "triple"):
            repeat = 2 if word == "double" else 3
            continue
        piece = _digits_of(word)
        if word in TENS and 0 < SMALL.get(word_at(words, at), 0) < 10:
            piece, at = str(TENS[word] + SMALL[words[at]]), at + 1
        run = run + piece * repeat if piece else ""
        runs.append(run)
        repeat = 1
    return max(runs, key=len)


def _digits_of(word: str) -> str:
    if word.isdecimal():
        return word
    if word in ("o", "oh"):
        return "0"
    value = SMALL.get(word, TENS.get(word))
    return "" if value is None else str(value)
