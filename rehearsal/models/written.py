"""Spoken words as people write them, the way Whisper does: the undoing of `spoken`.

One convention everywhere: money "$120.50", "£50", "$1,200"; days "December 4th", "December 4th, 2026"; two or more
digits in a row "10041"; spelt letters "INV1001"; other numbers from ten on "14", below ten in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import cache

from . import phrases
from .automaton import STOPS
from .spoken import MONTHS, ORDINALS, TEENS, TENS, UNITS, WEEKDAYS

SMALL = {word: number for number, word in enumerate([*UNITS, *TEENS])}
TENFOLD = {word: 20 + 10 * number for number, word in enumerate(TENS)}
ORDINAL = {tuple(words.split()): day for day, words in enumerate(ORDINALS, 1)}
DIGIT = {word: str(number) for number, word in enumerate(UNITS)} | {"oh": "0"}
SIGNS = {
    "dollar": "$", "dollars": "$", "pound": "£", "pounds": "£", "euro": "€", "euros": "€",
}  # fmt: skip
HUNDREDTHS = {"cent": "$€", "cents": "$€", "penny": "£", "pence": "£"}
CAPITALS = {*WEEKDAYS, *MONTHS} - {"may", "march"}  # these two are other words unless a day follows
TITLES = {"mister": "Mr.", "missus": "Mrs.", "miss": "Miss"}

Found = tuple[str, int]
"""What was written, and how many words it took; ("", 0) for nothing."""
NOTHING: Found = ("", 0)


def write(spoken: Sequence[Sequence[str]]) -> str:
    """Phrases of words, each ending in its stop, as sentences: "Yes. I can pay $120.50 on December 4th." """
    return " ".join(sentence(phrase) for phrase in spoken)


def sentence(words: Sequence[str]) -> str:
    """One phrase, with a capital at its beginning and its stop (the last word, else a full stop)."""
    stop = words[-1] if words[-1] in STOPS else "."
    text = " ".join(_parts([word for word in words if word not in STOPS]))
    return text[:1].upper() + text[1:] + stop


def _parts(words: list[str]) -> list[str]:
    parts = []
    position = 0
    while position < len(words):
        rest = words[position:]
        readers = (_day, _money, _digits, _letters, _business, _number)
        text, count = next((found for reader in readers if (found := reader(rest))[1]), NOTHING)
        if not count:
            text, count = _word(rest), 1
        parts.append(text)
        position += count
    return parts


def _word(rest: list[str]) -> str:
    word = rest[0]
    if word in TITLES and len(rest) > 1 and rest[1] in phrases.words("last"):
        return TITLES[word]
    if word == "i" or word.startswith("i'") or word in CAPITALS or word in names():
        return word.capitalize()
    return word


@cache
def names() -> frozenset[str]:
    """Words that are names wherever they stand: no phrase uses them as anything else."""
    plain = {
        token for name in ("caller", "agent") for phrase in phrases.load(name) for token in phrase.tokens
    }
    return frozenset({*phrases.words("first"), *phrases.words("last")} - plain)


def number(words: Sequence[str]) -> tuple[int, int]:
    """The cardinal at the beginning of *words* and how many words it took; (0, 0) for none."""
    total = group = position = 0
    room = 1000  # what may still be added: keeps "one two" and "twenty thirty" from becoming one number
    while position < len(words):
        word = words[position]
        size, value = (1, SMALL[word]) if word in SMALL else (10, TENFOLD.get(word, 0))
        if word == "a" and position == 0 and words[1:2] in (["hundred"], ["thousand"]):
            size, value = 1, 1
        if word == "and":
            follows = words[position + 1 : position + 2]
            if not (room >= 100 and position and follows and (follows[0] in SMALL or follows[0] in TENFOLD)):
                break
        elif word == "hundred" and 0 < group < 10:
            group, room = group * 100, 100
        elif word == "thousand" and group > 0 and not total:
            total, group, room = group * 1000, 0, 1000
        elif (value or word == "zero") and _fits(value, size, room, position):
            group, room = group + value, 10 if size == 10 else 1
        else:
            break
        position += 1
    return total + group, position


def _fits(value: int, size: int, room: int, position: int) -> bool:
    if value == 0:
        return position == 0
    return room >= 100 or (room == 10 and size == 1 and value < 10)


def _money(words: list[str]) -> Found:
    whole, count = number(words)
    unit = words[count] if count and count < len(words) else ""
    if unit in HUNDREDTHS and whole < 100:
        return f"{HUNDREDTHS[unit][0]}{Decimal(whole) / 100:.2f}", count + 1
    if unit not in SIGNS:
        return NOTHING
    count += 1
    cents, taken = _hundredths(words[count:], SIGNS[unit])
    figure = f"{whole:,}.{cents:02}" if taken else f"{whole:,}"
    return SIGNS[unit] + figure, count + taken


def _hundredths(words: list[str], sign: str) -> tuple[int, int]:
    joint = 1 if words[:1] == ["and"] else 0
    cents, count = number(words[joint:])
    end = joint + count
    if count and cents < 100 and sign in HUNDREDTHS.get("".join(words[end : end + 1]), ""):
        return cents, end + 1
    return 0, 0


def _day(words: list[str]) -> Found:
    if words[0] in MONTHS:
        skip = 2 if words[1:2] == ["the"] else 1
        day, count = _ordinal(words[skip:])
        month, end = words[0], skip + count
    else:
        skip = 1 if words[0] == "the" else 0
        day, count = _ordinal(words[skip:])
        end = skip + count + 2
        joint, month = [*words[end - 2 : end], "", ""][:2]
        if joint != "of" or month not in MONTHS:
            return NOTHING
    if not day:
        return NOTHING
    year, more = _year(words[end:])
    return f"{month.capitalize()} {day}{suffix(day)}{year}", end + more


def suffix(day: int) -> str:
    """The letters after an ordinal's figures: 1st, 2nd, 3rd, 4th, 11th."""
    return "th" if 10 < day < 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


def _ordinal(words: list[str]) -> tuple[int, int]:
    for length in (2, 1):
        day = ORDINAL.get(tuple(words[:length]))
        if day and len(words) >= length:
            return day, length
    return 0, 0


def _year(words: list[str]) -> Found:
    century = {"nineteen": 19, "twenty": 20}.get("".join(words[:1]), 0)
    rest, count = number(words[1:])
    if words[:2] == ["two", "thousand"]:
        value, count = number(words)
    elif century and 10 <= rest < 100:
        value, count = 100 * century + rest, count + 1
    else:
        return NOTHING
    unit = "".join(words[count : count + 1])
    return NOTHING if unit in SIGNS or unit in HUNDREDTHS else (f", {value}", count)


def _digits(words: list[str]) -> Found:
    run = 0
    while run < len(words) and words[run] in DIGIT:
        run += 1
    return ("".join(DIGIT[word] for word in words[:run]), run) if run > 1 else NOTHING


def _letters(words: list[str]) -> Found:
    run = 0
    while run < len(words) and len(words[run]) == 1:
        run += 1
    if run < 2:
        return NOTHING
    figures, count = _digits(words[run:])
    return "".join(words[:run]).upper() + figures, run + count


def _business(words: list[str]) -> Found:
    for name in phrases.words("business"):
        parts = name.split()
        if words[: len(parts)] == parts:
            return name.removeprefix("the ").title(), len(parts)
    return NOTHING


def _number(words: list[str]) -> Found:
    value, count = number(words)
    return (f"{value:,}", count) if count and value >= 10 else NOTHING
