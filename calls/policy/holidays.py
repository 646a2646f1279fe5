"""Public holidays from their names: "25 December", "third Monday of January", "Good Friday"."""

from calendar import day_name, month_name
from datetime import date, timedelta
from functools import cache

MONTHS = tuple(month_name)[1:]
WEEKDAYS = tuple(day_name)
NTH = {"first": 0, "second": 1, "third": 2, "fourth": 3}
EASTER = {"Good Friday": -2, "Easter Monday": 1}
SATURDAY = 5


@cache
def holidays_of(year: int, names: tuple[str, ...], observed: str) -> frozenset[date]:
    """The days of `year` on which `names` are kept. Raises ValueError for a name that can't be read.

    A fixed day at a weekend is kept on the next weekday that is none already; with `observed` "nearest weekday"
    a Saturday's on the Friday before.
    """
    days = {_day(name, year) for name in names}
    for name in names:
        day = _day(name, year)
        if name[0].isdigit() and day.weekday() >= SATURDAY:
            days.add(_kept_on(day, days, observed))
    return frozenset(days)


def _kept_on(day: date, taken: set[date], observed: str) -> date:
    if observed == "nearest weekday" and day.weekday() == SATURDAY:
        return day - timedelta(days=1)
    while day.weekday() >= SATURDAY or day in taken:
        day += timedelta(days=1)
    return day


def _day(name: str, year: int) -> date:
    if name in EASTER:
        return easter(year) + timedelta(days=EASTER[name])
    words = name.split()
    month = MONTHS.index(words[-1]) + 1
    if len(words) == 2:
        return date(year, month, int(words[0]))
    nth, weekday, _of, _month = words
    if nth == "last":
        last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        return last - timedelta(days=(last.weekday() - WEEKDAYS.index(weekday)) % 7)
    first = date(year, month, 1)
    return first + timedelta(days=(WEEKDAYS.index(weekday) - first.weekday()) % 7 + 7 * NTH[nth])


def easter(year: int) -> date:
    """Easter Sunday by the Gregorian computus (Meeus, Jones, Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)
