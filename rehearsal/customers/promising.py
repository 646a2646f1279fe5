"""The mind of a person who pays: from what was just heard to what is said next. No audio, no network, no clock."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal

from rehearsal.carrier.people import PersonEntry

from .hearing import Asks, Heard, hear
from .plan import Plan, month_and_day

PATIENCE = 3  # times one thing is said in a call; after that the person stays silent
SAY_AGAIN = "Sorry, could you say that again?"
RIGHT = "Yes, that is right."
NOT_RIGHT = "No, that is not right."


class Promising:
    """One call's worth of a person. `intended` is what they mean to promise, (amount, day), from when they offer it."""

    def __init__(self, entry: PersonEntry, today: date) -> None:
        self._entry = entry
        self._today = today
        self._plan = Plan.from_json(entry.plan, today)
        self._unanswered = ""
        self._balance: Decimal | None = None
        self._currency = "$"
        self._said: Counter[str] = Counter()
        self._last = ""
        self._denied = False
        self.intended: tuple[Decimal, date] | None = None

    def answer(self, text: str) -> str | None:
        """What to say to a turn of the other side ("" is speech that was not understood); None is silence."""
        # A question may come a breath after what it is about: "You will pay …" - "Is that right?"
        self._unanswered = f"{self._unanswered} {text}".strip()
        understood = hear(text, self._today)
        heard = hear(self._unanswered, self._today)
        self._learn(heard)
        if understood.asks is Asks.PATIENCE:
            return None
        self._unanswered = ""
        reply = self._reply(heard if understood.asks is not None else understood)
        if reply is None or self._said[reply] >= PATIENCE:
            return None
        self._said[reply] += 1
        self._last = reply if reply != SAY_AGAIN else self._last
        return reply

    def _learn(self, heard: Heard) -> None:
        self._currency = heard.currency or self._currency
        if heard.debt and heard.amount is not None and heard.asks is not Asks.CONFIRMATION:
            self._balance = heard.amount

    def _reply(self, heard: Heard) -> str | None:
        match heard.asks:
            case Asks.NAME:
                return "Yes, speaking."
            case Asks.BIRTHDAY | Asks.CUSTOMER_NUMBER:
                return self._prove(heard.asks)
            case Asks.DATE | Asks.AMOUNT | Asks.AMOUNT_AND_DATE:
                return self._offer()
            case Asks.CONFIRMATION:
                return self._check(heard)
            case Asks.AGAIN:
                return self._last or "Yes, speaking."
            case Asks.ANYTHING_ELSE:
                return "No, thank you."
            case Asks.NOTHING_MORE:
                return "Goodbye."
            case _:
                return SAY_AGAIN

    def _prove(self, asked: Asks) -> str:
        """What was asked for, if they know it; else the other thing; else nothing."""
        month, day, number = self._entry.birth_month, self._entry.birth_day, self._entry.customer_number
        birthday = f"My birthday is {month_and_day(month, day)}." if month and day else None
        known = f"My customer number is {number}." if number else None
        first, second = (known, birthday) if asked is Asks.CUSTOMER_NUMBER else (birthday, known)
        return first or second or "I would rather not say."

    def _offer(self) -> str:
        amount = self._balance if self._plan.amount is None else self._plan.amount
        if amount is None:
            return "How much is it?"
        self.intended = (amount, self._plan.day)
        return self._plan.offer(self._currency)

    def _check(self, heard: Heard) -> str:
        """Yes only to exactly what they mean."""
        if heard.amount is None or heard.day is None or self.intended is None:
            return SAY_AGAIN
        if (heard.amount, heard.day) == self.intended:
            return RIGHT
        if heard.amount != self.intended[0] and self._plan.amount is None and self._denied:
            # Twice the same disagreement about the whole balance: perhaps it was the balance that was misheard.
            self._balance = None
            return NOT_RIGHT
        self._denied = True
        return f"{NOT_RIGHT} {self._plan.offer(self._currency)}"
