"""Dates and times of day in a plain text. What they cover is no amount and no card number."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent_worker.spoken import number_words as known
from agent_worker.spoken.numbers import Quantity

_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_NUMERIC = re.compile(r"(?<![\d.,/-])(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{4}|\d{2}))?(?![\d%]|[.,/-]\d)")
_TIME = re.compile(r"(?<!\d)\d{1,2}[:.]\d{2}(?= ?(?:[ap] ?\.? ?m\b|uhr\b|h\b))|(?<!\d)\d{1,2}:\d{2}(?!\d)")
_HALF_PAST = re.compile(r"\b(?:half|quarter) (?:past|to|after) (?:\d{1,2}\b|[a-z]+)")
_WORD = re.compile(r"[a-z]+")
_TO_DAY = re.compile(r"[\s,]*(?:the )?")
_FROM_DAY = re.compile(r"[\s.,]*(?:of |de |day of )?(?:the )?")
_TO_YEAR = re.compile(r"[\s,]*(?:of |de |del )?(?:in |year )?")


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date from `start` to `end` of the plain text; `days` are the (month, day) it may mean, month 0 if unsaid."""

    start: int
    end: int
    days: frozenset[tuple[int, int]]
    years: frozenset[int] = frozenset()


def dates(text: str, numbers: Sequence[Quantity]) -> list[DateMention]:
    """All dates, in order: “December 4th, 2026”, “the fourth of May”, “2026-12-04”, “4/12”, “the 31st”."""
    starts = {number.start: number for number in numbers}
    found = [
        *_numeric(text),
        *(_with_year(text, mention, starts) for mention in _named(text, numbers, starts)),
    ]
    taken = [(mention.start, mention.end) for mention in found]
    for number in numbers:
        day = _day(number)
        if (
            number.ordinal
            and day
            and not any(start < number.end and number.start < end for start, end in taken)
        ):
            found.append(DateMention(number.start, number.end, frozenset({(0, day)})))
    return sorted(found, key=lambda mention: mention.start)


def times(text: str) -> list[tuple[int, int]]:
    """(start, end) of times of day written with a colon or a point, or said as “half past three”."""
    return [match.span() for clock in (_TIME, _HALF_PAST) for match in clock.finditer(text)]


def _numeric(text: str) -> Iterator[DateMention]:
    for match in _ISO.finditer(text):
        if 1 <= int(match[2]) <= 12 and 1 <= int(match[3]) <= 31:
            yield DateMention(
                *match.span(), frozenset({(int(match[2]), int(match[3]))}), frozenset({int(match[1])})
            )
    for match in _NUMERIC.finditer(text):
        first, second, year = int(match[1]), int(match[2]), match[3]
        if not year and "/" not in match[0]:
            continue
        orders = ((first, second), (second, first))
        days = frozenset((month, day) for month, day in orders if 1 <= month <= 12 and 1 <= day <= 31)
        if days:
            years = (
                frozenset({int(year) if len(year) == 4 else 2000 + int(year)}) if year else frozenset[int]()
            )
            yield DateMention(*match.span(), days, years)


def _named(text: str, numbers: Sequence[Quantity], starts: dict[int, Quantity]) -> Iterator[DateMention]:
    ends = {number.number_end: number for number in numbers}
    for match in _WORD.finditer(text):
        month = known.MONTHS.get(match[0])
        if month is None:
            continue
        after = _number_after(text, match.end(), starts, _TO_DAY)
        before = _number_before(text, match.start(), ends)
        if before is not None and (day := _day(before)):
            yield DateMention(before.start, match.end(), frozenset({(month, day)}))
        elif after is not None and (day := _first_day(after)):
            yield DateMention(match.start(), after.number_end, frozenset({(month, day)}), _rest_years(after))
        elif (ordinal := _weak_after(text, match.end())) is not None:
            yield DateMention(match.start(), ordinal[1], frozenset({(month, ordinal[0])}))
        elif (ordinal := _weak_before(text, match.start())) is not None:
            yield DateMention(ordinal[1], match.end(), frozenset({(month, ordinal[0])}))
        elif match[0] not in known.WEAK_MONTHS:
            yield DateMention(*match.span(), frozenset({(month, 0)}))


def _with_year(text: str, mention: DateMention, starts: dict[int, Quantity]) -> DateMention:
    if mention.years:
        return mention
    year = _number_after(text, mention.end, starts, _TO_YEAR)
    if year is None or not (years := _years(year)):
        return mention
    return DateMention(mention.start, year.number_end, mention.days, years)


def _number_after(text: str, end: int, starts: dict[int, Quantity], gap: re.Pattern[str]) -> Quantity | None:
    match = gap.match(text, end)
    number = starts.get(match.end()) if match else None
    return number if number is not None and not number.unit else None


def _number_before(text: str, start: int, ends: dict[int, Quantity]) -> Quantity | None:
    for back in range(1, min(16, start + 1)):
        number = ends.get(start - back)
        if number is not None and not number.unit:
            return number if _FROM_DAY.fullmatch(text, number.number_end, start) else None
    return None


def _weak(text: str) -> int | None:
    return known.ORDINALS[text] if text in known.WEAK_ORDINALS else None


def _weak_after(text: str, end: int) -> tuple[int, int] | None:
    """“November third”: (day, where it ends)."""
    gap = _TO_DAY.match(text, end)
    word = _WORD.match(text, gap.end()) if gap else None
    day = _weak(word[0]) if word else None
    return (day, word.end()) if word and day else None


def _weak_before(text: str, start: int) -> tuple[int, int] | None:
    """“the third of November”: (day, where it begins)."""
    word = re.search(r"([a-z]+) (?:of |de )?(?:the )?$", text[max(0, start - 24) : start])
    day = _weak(word[1]) if word else None
    return (day, max(0, start - 24) + word.start()) if word and day else None


def _day(number: Quantity) -> int:
    """1 to 31, or 0 for what is no day."""
    value = next(iter(number.readings)) if len(number.readings) == 1 else number.chunks[0]
    return int(value) if len(number.chunks) == 1 and value == int(value) and 1 <= value <= 31 else 0


def _first_day(number: Quantity) -> int:
    value = number.chunks[0]
    whole = value == int(value) and 1 <= value <= 31
    return int(value) if whole and (len(number.chunks) == 1 or _rest_years(number)) else 0


def _years(number: Quantity) -> frozenset[int]:
    return frozenset(int(value) for value in number.readings if value == int(value) and 1900 <= value <= 2100)


def _rest_years(number: Quantity) -> frozenset[int]:
    """The year in “fourteen nineteen eighty”, said in one breath with the day."""
    rest = number.chunks[1:]
    if not rest or any(chunk != int(chunk) for chunk in rest):
        return frozenset()
    year = int("".join(str(int(chunk)) for chunk in rest))
    return frozenset({year}) if 1900 <= year <= 2100 else frozenset()
