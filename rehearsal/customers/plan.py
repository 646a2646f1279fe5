"""What a person means to promise, and how they say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

DEFAULT_DAYS = 7


@dataclass(frozen=True)
class Plan:
    """`amount` is None for the whole balance, which a person learns on the phone."""

    amount: Decimal | None
    day: date

    @classmethod
    def from_json(cls, plan: Mapping[str, Any], today: date) -> Plan:
        """`{"amount": "full" or decimal, "date": ISO date}` or `"days": n` from today. ValueError for anything else."""
        amount, day = plan.get("amount", "full"), plan.get("date")
        try:
            return cls(
                amount=None if amount == "full" else Decimal(str(amount)).quantize(Decimal("0.01")),
                day=date.fromisoformat(day)
                if day
                else today + timedelta(days=int(plan.get("days", DEFAULT_DAYS))),
            )
        except ArithmeticError as error:
            raise ValueError(f"not an amount: {amount!r}") from error

    def offer(self, currency: str) -> str:
        amount = "the full amount" if self.amount is None else money(self.amount, currency)
        return f"I can pay {amount} on {month_and_day(self.day.month, self.day.day)}."


def money(amount: Decimal, currency: str) -> str:
    """ "$50" or "$120.50"."""
    return f"{currency}{amount:,.0f}" if amount == amount.to_integral_value() else f"{currency}{amount:,.2f}"


def month_and_day(month: int, day: int) -> str:
    """ "December 4th"."""
    suffix = "th" if 11 <= day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{date(2000, month, day):%B} {day}{suffix}"
