"""What a customer has offered so far, and what was read back to them, as the history of a request tells
it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from .brain_dates import date_said
from .brain_intents import Intent, means
from .brain_money import amount_said, says_in_full
from .brain_request import Request, ToolCall, Turn
from .brain_words import contains_any, split

_READ_BACK = ("is that right", "is that correct", "is this right", "is this correct", "do you confirm")
_MOVED_ON = (
    "when can you",
    "how much",
    "which date",
    "which amount",
    "what date",
    "another date",
    "earlier date",
)
_STATEMENT = ("balance", "invoice")


@dataclass(frozen=True)
class Offer:
    """An amount, a day, or both. `full` says that the whole balance was meant, `part` that it was not, so that the
    amount has to be asked for."""

    amount: Decimal | None = None
    day: date | None = None
    full: bool = False
    part: bool = False

    @property
    def names_anything(self) -> bool:
        return self.amount is not None or self.day is not None or self.full

    def then(self, text: str, today: date) -> Offer:
        """The offer as it stands after one more thing said: what is new replaces what was."""
        amount, day = amount_said(text), date_said(text, today) or self.day
        if amount is not None:
            return Offer(amount, day)
        if means(split(text), (Intent.IN_PARTS,)) is not None:
            return Offer(None, day, part=True)
        return Offer(None, day, full=True) if says_in_full(text) else replace(self, day=day)


@dataclass(frozen=True)
class ReadBack:
    """A promise read back and not yet answered."""

    sentence: str
    amount: Decimal | None
    day: date | None


def was_stated(request: Request) -> bool:
    """Whether the invoice has been named to the customer."""
    return _statement_at(request.turns) is not None


def pending_read_back(request: Request) -> ReadBack | None:
    """The read-back that waits for a yes or a no, spoken by the assistant or answered by the tool."""
    for turn in reversed(request.turns):
        words = split(turn.text)
        if any(call.name == "confirm" for call in turn.calls):
            return None
        if turn.role != "user" and contains_any(words, _READ_BACK):
            sentence = turn.text.removeprefix("I am sorry, I did not catch that. ")
            return ReadBack(sentence, amount_said(sentence), date_said(sentence, request.today or date.max))
        if turn.role == "assistant" and contains_any(words, _MOVED_ON):
            return None
    return None


def standing_offer(request: Request) -> Offer:
    """What has been offered since the invoice was named. A refused read-back wipes out what was offered before it, and
    nobody said which half of it was wrong. Nothing earlier counts: a date said then was a birthday."""
    offer = Offer()
    for turn in request.turns[_statement_at(request.turns) or 0 :]:
        if turn.role == "user" and request.today is not None:
            offer = offer.then(turn.text, request.today)
        if any(call.name == "confirm" and not call.arguments.get("confirmed") for call in turn.calls):
            offer = Offer(part=True)
    return offer


def was_turned_down(request: Request, proposal: ToolCall) -> bool:
    """Whether the tool has answered this very proposal with what is wrong about it."""
    pairs = zip(request.turns, request.turns[1:], strict=False)
    return any(
        proposal in turn.calls and result.role == "tool" and result.is_sentence for turn, result in pairs
    )


def _statement_at(turns: tuple[Turn, ...]) -> int | None:
    places = (at for at, turn in enumerate(turns) if turn.role == "assistant" and _states(turn))
    return next(places, None)


def _states(turn: Turn) -> bool:
    return contains_any(split(turn.text), _STATEMENT)
