"""What a turn of the business's agent asks for, by its key phrases. Tolerant of the rest: phones swallow words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum, auto

from rehearsal.models.brain_dates import date_said
from rehearsal.models.brain_money import amount_said
from rehearsal.models.brain_words import contains_any, split


class Asks(Enum):
    """What the agent wants to hear next, in order of precedence: a question outweighs what was said around it."""

    CONFIRMATION = auto()
    AMOUNT_AND_DATE = auto()
    AMOUNT = auto()
    DATE = auto()
    BIRTHDAY = auto()
    CUSTOMER_NUMBER = auto()
    NAME = auto()
    ANYTHING_ELSE = auto()
    NOTHING_MORE = auto()
    AGAIN = auto()
    PATIENCE = auto()


KEY_PHRASES: dict[Asks, tuple[str, ...]] = {
    Asks.CONFIRMATION: (
        "is that right",
        "is that correct",
        "is this right",
        "is this correct",
        "do you confirm",
    ),
    Asks.AMOUNT_AND_DATE: (
        "amount and date",
        "amount and the date",
        "and when",
        "and on what",
        "which amount and",
    ),
    Asks.AMOUNT: ("how much", "which amount", "what amount", "another amount"),
    Asks.DATE: (
        "when can",
        "when could",
        "when would",
        "how can you pay",
        "which day",
        "what day",
        "which date",
        "what date",
        "another date",
        "earlier date",
        "choose a date",
        "can you pay",
    ),
    Asks.BIRTHDAY: ("birth", "birthday", "born", "day and month", "month and day"),
    Asks.CUSTOMER_NUMBER: ("customer number", "account number"),
    Asks.NAME: ("may i speak", "speak with", "speak to", "speaking with", "speaking to", "is this"),
    Asks.ANYTHING_ELSE: ("anything else",),
    Asks.AGAIN: (
        "not catch",
        "not hear",
        "not understand",
        "didn't catch",
        "didn't hear",
        "didn't understand",
        "say that again",
        "repeat that",
        "try again",
        "still there",
        "can you hear me",
        "not match",
    ),
    Asks.NOTHING_MORE: ("goodbye", "bye", "a nice day", "a good day"),
    Asks.PATIENCE: (
        "please hold",
        "connecting you",
        "automated call",
        "payment specialist",
        "one moment",
        "thank you",
        "assistant",
        "calling about",
        "calling from",
        "calling on behalf",
        "right person",
        "balance is",
        "due on",
        "i understand",
        "sorry",
        "apologize",
        "apologise",
        "technical difficulties",
        "will call you",
        "okay",
        "of course",
        "recorded",
        "to confirm",
        "you will pay",
        "invoice",
        "noted",
    ),
}
_DEBT = ("balance", "invoice", "amount due", "you owe", "overdue", "outstanding", "still open")
_CURRENCIES = {"dollar": "$", "dollars": "$", "pound": "£", "pounds": "£", "euro": "€", "euros": "€"}
_NAME = re.compile(r"\b(?:speak|speaking) (?:with|to) ([^.?!,]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Heard:
    """One turn, understood. `asks` is None for speech without any key phrase; `debt` tells that the amount is what is
    owed; `currency` is its sign."""

    asks: Asks | None
    amount: Decimal | None = None
    day: date | None = None
    debt: bool = False
    currency: str | None = None
    name: str | None = None


def hear(text: str, today: date) -> Heard:
    """What a turn asks for and names. Of several amounts or dates the last counts."""
    words = split(text)
    asks = next((asks for asks in Asks if contains_any(words, KEY_PHRASES[asks])), None)
    currencies = (
        _CURRENCIES.get(word, word) for word in words if word in _CURRENCIES or word in _CURRENCIES.values()
    )
    asked = _NAME.search(text)
    return Heard(
        asks=asks,
        amount=amount_said(text),
        day=date_said(text, today),
        debt=contains_any(words, _DEBT),
        currency=next(currencies, None),
        name=asked[1].strip() if asked else None,
    )
