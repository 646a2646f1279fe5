"""What a customer asks for in more words than an amount and a date: a plan of instalments, a call at another time."""

from __future__ import annotations

from datetime import date

from .brain_dates import date_said
from .brain_request import ToolCall
from .brain_words import Words, cardinal_at, contains_any, split, word_at

_PARTS = ("installments", "instalments", "payments", "parts")
_OFTEN = {"weekly": "week", "monthly": "month"}
_LATER = ("afternoon", "evening", "p m")


def plan_asked(text: str, today: date) -> ToolCall | None:
    """ "In three weekly installments starting on December 4th": how many, how often, from when; None without all."""
    words = split(text)
    first = date_said(text, today)
    found = next((at for at, word in enumerate(words) if word in _PARTS), None)
    if found is None or first is None:
        return None
    often = _OFTEN.get(word_at(words, found - 1))
    count = _count_before(words, found - 1 if often else found)
    if count is None:
        return None
    arguments = {"instalments": count, "every": often or "month", "first_date": first.isoformat()}
    return ToolCall("propose_plan", arguments)


def _count_before(words: Words, end: int) -> int | None:
    number = cardinal_at(words, end - 1) if end > 0 else None
    return number[0] if number is not None and number[1] == end else None


def time_asked(text: str, today: date) -> str | None:
    """ "On Monday at eleven in the morning" as YYYY-MM-DDTHH:MM; None without a day and an hour."""
    words, day = split(text), date_said(text, today)
    hours = (cardinal_at(words, at + 1) for at, word in enumerate(words) if word == "at")
    hour = next((number[0] for number in hours if number is not None and number[0] <= 23), None)
    if day is None or hour is None:
        return None
    if hour < 12 and contains_any(words, _LATER):
        hour += 12
    return f"{day.isoformat()}T{hour:02}:00"
