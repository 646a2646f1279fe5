"""Dates in plain English, resolved against the day they are said on."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from .brain_money import UNITS
from .brain_words import Words, cardinal_at, negated, ordinal_at, split, word_at

MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
MONTHS |= {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name} | {"sept": 9}
WEEKDAYS = {name.lower(): number for number, name in enumerate(calendar.day_name)}
_LENGTHS = {"day": 1, "days": 1, "week": 7, "weeks": 7, "fortnight": 14}
# "the first thing", "the second half": an ordinal that counts something else.
_NOT_A_DAY = {"thing", "time", "one", "half", "part", "payment", "place", "week", "month"}


@dataclass(frozen=True)
class _Mention:
    day: date
    at: int
    after: int
    weekday_only: bool = False


def month_day(text: str) -> tuple[int, int] | None:
    """A month and a day of it, with or without a year, such as a birthday: (month, day). None when there
    is none."""
    words = split(text)
    for at in range(len(words)):
        found = _month_day_at(words, at)
        if found is not None:
            return found[0], found[1]
    return None


def date_said(text: str, today: date) -> date | None:
    """The date a speaker settles on: the last one not behind a "not". A weekday beside its own date
    ("December 4th, that is a Friday") adds nothing. Without a year it is the next such day, today
    included."""
    words = split(text)
    standing, since = [], 0
    for found in _mentions(words, today):
        if not negated(words, found.at, since):
            standing.append(found)
        since = found.after
    if not standing:
        return None
    last = standing[-1]
    exact = [found for found in standing if not found.weekday_only]
    if last.weekday_only and exact and exact[-1].day.weekday() == last.day.weekday():
        return exact[-1].day
    return last.day


def _mentions(words: Words, today: date) -> Iterator[_Mention]:
    at = 0
    while at < len(words):
        found = next(filter(None, (read(words, at, today) for read in _READERS)), None)
        if found is not None:
            yield found
        at = found.after if found is not None else at + 1


def _iso(words: Words, at: int, today: date) -> _Mention | None:
    try:
        return _Mention(date.fromisoformat(words[at]), at, at + 1) if words[at].count("-") == 2 else None
    except ValueError:
        return None


def _calendar_date(words: Words, at: int, today: date) -> _Mention | None:
    found = _month_day_at(words, at)
    if found is None:
        return None
    month, day, after = found
    year = _slash_year(words[at]) if "/" in words[at] else None
    if year is None:
        spoken = _year_at(words, after)
        year, after = spoken or (None, after)
    resolved = _next(month, day, today) if year is None else _date(year, month, day)
    return None if resolved is None else _Mention(resolved, at, after)


def _month_day_at(words: Words, at: int) -> tuple[int, int, int] | None:
    """(month, day, the place after) of "march 14th", "the 14th of march", "14 march" or "3/14"."""
    word = words[at]
    if "/" in word:
        month, day = (int(part) for part in word.split("/")[:2])
        if month > 12:  # written day first
            month, day = day, month
        return (month, day, at + 1) if _is_day(month, day) else None
    if word in MONTHS:
        start = at + 1 + (word_at(words, at + 1) == "the")
        day_found = ordinal_at(words, start) or _plain_day(words, start)
        if day_found is not None and _is_day(MONTHS[word], day_found[0]):
            return MONTHS[word], day_found[0], day_found[1]
        return None
    day_found = ordinal_at(words, at) or _plain_day(words, at)
    if day_found is None:
        return None
    day, after = day_found
    after += word_at(words, after) == "of"
    month = MONTHS.get(word_at(words, after), 0)
    return (month, day, after + 1) if _is_day(month, day) else None


def _plain_day(words: Words, at: int) -> tuple[int, int] | None:
    """A day said as a cardinal: "march fourteen". Digits or words of at most two, so that a year is left
    over."""
    found = cardinal_at(words, at)
    return found if found is not None and 1 <= found[0] <= 31 and found[1] - at <= 2 else None


def _is_day(month: int, day: int) -> bool:
    return _date(2000, month, day) is not None  # a leap year: the 29th of February is a birthday too


def _slash_year(word: str) -> int | None:
    parts = word.split("/")
    if len(parts) < 3:
        return None
    return int(parts[2]) + (2000 if len(parts[2]) == 2 else 0)


def _year_at(words: Words, at: int) -> tuple[int, int] | None:
    """ "2026", "two thousand twenty six", "twenty twenty six"."""
    at += word_at(words, at) == "of"
    whole = cardinal_at(words, at)
    if whole is None:
        return None
    if 1900 <= whole[0] <= 2199:
        return None if word_at(words, whole[1]) in UNITS else whole  # "december fourth, 2000 dollars"
    rest = cardinal_at(words, whole[1])
    if whole[0] in (19, 20, 21) and rest is not None and 10 <= rest[0] <= 99:
        return whole[0] * 100 + rest[0], rest[1]
    return None


def _relative(words: Words, at: int, today: date) -> _Mention | None:
    word = words[at]
    if word == "day" and list(words[at + 1 : at + 3]) == ["after", "tomorrow"]:
        return _Mention(today + timedelta(days=2), at, at + 3)
    if word in ("today", "tonight", "now"):
        # "right now" and "by now" are no dates that anybody promises, and neither is "from now".
        return None if word == "now" else _Mention(today, at, at + 1)
    return _Mention(today + timedelta(days=1), at, at + 1) if word == "tomorrow" else None


def _span(words: Words, at: int, today: date) -> _Mention | None:
    """ "in two weeks", "ten days from now", "a month from today"."""
    leading = words[at] == "in"
    start = at + leading
    count = (1, start + 1) if word_at(words, start) in ("a", "one") else cardinal_at(words, start)
    if count is None:
        return None
    number, unit_at = count
    unit, after = word_at(words, unit_at), unit_at + 1
    trailing = word_at(words, after) == "from" and word_at(words, after + 1) in ("now", "today")
    if not (leading or trailing):
        return None
    after += 2 * trailing
    if unit in ("month", "months") and number <= 24:
        return _Mention(_months_later(today, number), at, after)
    if unit in _LENGTHS and number <= 1000:
        return _Mention(today + timedelta(days=number * _LENGTHS[unit]), at, after)
    return None


def _weekday(words: Words, at: int, today: date) -> _Mention | None:
    """ "friday" is the next one after today; "next friday" the one of the coming week, Monday being its
    first day."""
    if words[at] not in WEEKDAYS:
        return None
    wanted = WEEKDAYS[words[at]]
    if word_at(words, at - 1) == "next":
        monday = today + timedelta(days=7 - today.weekday())
        return _Mention(monday + timedelta(days=wanted), at, at + 1, weekday_only=True)
    coming = today + timedelta(days=(wanted - today.weekday() - 1) % 7 + 1)
    if word_at(words, at + 1) == "week":  # "friday week"
        return _Mention(coming + timedelta(days=7), at, at + 2)
    return _Mention(coming, at, at + 1, weekday_only=True)


def _edge(words: Words, at: int, today: date) -> _Mention | None:
    """ "end of the month", "end of next month", "beginning of next month", "end of the week"."""
    if words[at] not in ("end", "start", "beginning") or word_at(words, at + 1) != "of":
        return None
    which, unit = word_at(words, at + 2), word_at(words, at + 3)
    if which not in ("the", "this", "next") or unit not in ("month", "week"):
        return None
    if unit == "week":
        friday = today + timedelta(days=4 - today.weekday() + 7 * (which == "next"))
        return _Mention(max(friday, today), at, at + 4)
    month = _months_later(today.replace(day=1), 1 if which == "next" or words[at] != "end" else 0)
    last = calendar.monthrange(month.year, month.month)[1]
    return _Mention(month.replace(day=last if words[at] == "end" else 1), at, at + 4)


def _day_of_month(words: Words, at: int, today: date) -> _Mention | None:
    """ "the 31st": the next month that has one; "the 5th of next month"."""
    found = ordinal_at(words, at)
    if found is None or not 1 <= found[0] <= 31:
        return None
    if word_at(words, at - 1) not in ("the", "on", "by") and found[1] - at != len(words):
        return None  # "fifteenth" is a day when it is all that is said
    day, after = found
    if word_at(words, after) in _NOT_A_DAY:
        return None
    if list(words[after : after + 3]) == ["of", "next", "month"]:
        month = _months_later(today.replace(day=1), 1)
        resolved = _date(month.year, month.month, day)
        return None if resolved is None else _Mention(resolved, at, after + 3)
    if word_at(words, after) == "of" and word_at(words, after + 2) != "month":
        return None
    start = today.replace(day=1)
    candidates = (_date((m := _months_later(start, n)).year, m.month, day) for n in range(3))
    resolved = next((day for day in candidates if day is not None and day >= today), None)
    return None if resolved is None else _Mention(resolved, at, after)


_Reader = Callable[[Words, int, date], _Mention | None]
_READERS: tuple[_Reader, ...] = (_iso, _span, _calendar_date, _relative, _weekday, _edge, _day_of_month)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _next(month: int, day: int, today: date) -> date | None:
    years = (
        _date(today.year + ahead, month, day) for ahead in range(9)
    )  # 1900 apart, leap days are 4 or 8 years off
    return next((found for found in years if found is not None and found >= today), None)


def _months_later(start: date, months: int) -> date:
    """The same day so many months on, or the last one that month has."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))
