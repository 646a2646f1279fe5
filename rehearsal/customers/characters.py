"""People with something of their own to say: what it is, and at which question they say it."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from rehearsal.carrier.people import PersonEntry

from .hearing import Asks, Heard
from .plan import Plan, month_and_day
from .promising import RIGHT, Promising

# The questions at which the debt has been named.
_ABOUT_THE_DEBT = (Asks.DATE, Asks.AMOUNT, Asks.AMOUNT_AND_DATE)
# What each says when asked for, and what when asked to pay; else they do as anybody who promises.
WHEN_ASKED_FOR: dict[str, tuple[str, ...]] = {
    "asks_robot": ("Are you a robot?",),
    "stops_calling": ("Stop calling me.",),
    "third_party": ("{first} is not here right now. Can I take a message?",),
    "other_language": ("I only speak Spanish.",),
}
WHEN_ASKED_TO_PAY: dict[str, tuple[str, ...]] = {
    "already_paid": ("I already paid this invoice.",),
    "disputes": ("I want to dispute this invoice.",),
    "hardship": ("I lost my job.",),
    "refuses": ("I am not going to pay.",),
    "wants_copy": ("Please send me a copy of the invoice.",),
    "has_lawyer": ("Talk to my lawyer.",),
    "asks_human": ("I want to speak to a human.",),
    "callback": ("Please call me back on {weekday} at 11 in the morning.",),
    "reads_card": ("My card number is 4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1.",),
    "pays_in_parts": ("Can I pay in three weekly installments starting on {day}?",),
}


class Character(Promising):
    """Says each of their own lines once, in order, and answers everything else as somebody who promises."""

    def __init__(self, entry: PersonEntry, today: date) -> None:
        super().__init__(entry, today)
        facts = {
            "first": (entry.name or "he").split()[0],
            "weekday": f"{_midweek(today):%A}",
            "day": month_and_day(self._plan.day.month, self._plan.day.day),
        }
        self._when_asked_for = _lines(WHEN_ASKED_FOR, entry, facts)
        self._when_asked_to_pay = _lines(WHEN_ASKED_TO_PAY, entry, facts)

    def _reply(self, heard: Heard) -> str | None:
        if heard.asks is Asks.NAME and self._when_asked_for:
            return self._when_asked_for.popleft()
        if heard.asks in _ABOUT_THE_DEBT and self._when_asked_to_pay:
            return self._when_asked_to_pay.popleft()
        return super()._reply(heard)


def _lines(table: Mapping[str, tuple[str, ...]], entry: PersonEntry, facts: Mapping[str, str]) -> deque[str]:
    return deque(line.format(**facts) for line in table.get(entry.persona, ()))


def _midweek(today: date) -> date:
    """A Tuesday or Wednesday from two days on: no weekend, and hardly ever a holiday."""
    return next(
        day for day in (today + timedelta(days=ahead) for ahead in range(2, 9)) if day.weekday() in (1, 2)
    )


class PaysInParts(Character):
    """Agrees to the instalments as the other side computes them."""

    def _check(self, heard: Heard) -> str:
        return "Yes, that is right."


class ChangesMind(Promising):
    """Promises, and when that is noted promises something else instead."""

    def __init__(self, entry: PersonEntry, today: date) -> None:
        super().__init__(entry, today)
        self._second: Plan | None = Plan(Decimal("20.00"), self._plan.day + timedelta(days=2))

    def _reply(self, heard: Heard) -> str | None:
        # Who did not understand that question is asked whether they are still there.
        asked = heard.asks is Asks.ANYTHING_ELSE or (heard.asks is Asks.AGAIN and self._last == RIGHT)
        if asked and self._second is not None:
            self._plan, self._second = self._second, None
            return self._offer()
        return super()._reply(heard)
