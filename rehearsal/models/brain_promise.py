"""The second half of a call: the invoice is named, and a day and an amount are agreed."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from .brain_intents import Intent, agrees, means
from .brain_offer import Offer, ReadBack, pending_read_back, standing_offer, was_stated, was_turned_down
from .brain_plan import plan_asked, time_asked
from .brain_request import Reply, Request, ToolCall
from .brain_words import Words, contains_any, split

# What is passed on to a tool, where that is on offer: its arguments, or the one that takes the caller's words.
_CALLS: dict[Intent, tuple[str, dict[str, Any] | str]] = {
    Intent.WRONG_NUMBER: ("end_call", {"reason": "other"}),
    Intent.STOP_CALLING: ("end_call", {"reason": "stop_calling"}),
    Intent.VOICEMAIL: ("end_call", {"reason": "other"}),
    Intent.HUMAN: ("transfer_to_human", {}),
    Intent.CALL_BACK: ("ask_callback", {"when": None}),
    Intent.COPY: ("send_copy", {"invoice": 1}),
    Intent.ALREADY_PAID: ("claim_paid", {"amount": None, "paid_on": None, "method": None}),
    Intent.DISPUTES: ("open_dispute", "reason"),
    Intent.HARDSHIP: ("report_hardship", "what"),
    Intent.REFUSES: ("end_call", {"reason": "refused"}),
    Intent.GOODBYE: ("end_call", {"reason": "done"}),
}
# A date or an amount beside these is no offer: "call me back on Friday", "I already paid $50".
_NEVER_AN_OFFER = {
    Intent.STOP_CALLING,
    Intent.HUMAN,
    Intent.CALL_BACK,
    Intent.COPY,
    Intent.ALREADY_PAID,
    Intent.DISPUTES,
    Intent.HARDSHIP,
}
_PAYING = ("pay", "paying", "paid")
_SYMBOLS = {"USD": "$", "AUD": "$", "CAD": "$", "NZD": "$", "GBP": "£", "EUR": "€"}
_WHEN = "When can you pay it?"


def answer(request: Request) -> Reply:
    """What to say or to call once the right party is verified."""
    words = split(request.said)
    if request.today is None or request.balance is None:
        return Reply("I am sorry, I cannot say more.")
    pending = pending_read_back(request)
    new = _new_offer(request, words)
    call = _passed_on(request, words, offered=new.names_anything, settling=pending is not None)
    if call is not None and call.name in request.tools:
        return Reply(tool_calls=(call,))
    if pending is not None:
        return _settle(request, words, new, pending)
    plan = plan_asked(request.said, request.today)
    if plan is not None and plan.name in request.tools:
        return Reply(tool_calls=(plan,))
    if not was_stated(request) and not new.names_anything:
        return Reply(_statement(request))
    return _negotiate(request, words, new)


def _new_offer(request: Request, words: Words) -> Offer:
    """What was just offered. Before the invoice was named a date alone is no offer: it may be a birthday."""
    assert request.today is not None
    new = Offer().then(request.said, request.today)
    only_a_date = new.amount is None and not new.full
    if only_a_date and not was_stated(request) and not contains_any(words, _PAYING):
        return Offer()
    return new


def _passed_on(request: Request, words: Words, *, offered: bool, settling: bool) -> ToolCall | None:
    """The tool that takes what was said, if it is neither an offer nor an answer."""
    meant = means(words, (*_CALLS, Intent.IN_PARTS, Intent.VAGUE))
    if meant not in _CALLS or (offered and meant not in _NEVER_AN_OFFER):
        return None
    if meant is Intent.GOODBYE and settling and agrees(words) is not None:
        return None  # "yes, thank you, goodbye" answers the read-back
    name, arguments = _CALLS[meant]
    if meant is Intent.CALL_BACK and request.today is not None:
        return ToolCall(name, {"when": time_asked(request.said, request.today)})
    return ToolCall(name, {arguments: request.said} if isinstance(arguments, str) else dict(arguments))


def _settle(request: Request, words: Words, new: Offer, pending: ReadBack) -> Reply:
    """The customer answers a read-back: something else instead, a yes, or a no."""
    balance = _balance(request)[0]
    wanted = Offer(balance if new.full else new.amount or pending.amount, new.day or pending.day)
    if (wanted.amount, wanted.day) != (pending.amount, pending.day):
        return Reply(tool_calls=(_propose(request, wanted),))
    yes = agrees(words)
    if yes is not None:
        return Reply(tool_calls=(ToolCall("confirm", {"confirmed": yes}),))
    asked = means(words, (Intent.REPEAT,)) is not None
    return Reply(pending.sentence if asked else f"I am sorry, I did not catch that. {pending.sentence}")


def _negotiate(request: Request, words: Words, new: Offer) -> Reply:
    offer = standing_offer(request) if was_stated(request) else new
    if not offer.names_anything:
        return Reply(_respond(request, words))
    if offer.day is None:
        return Reply("On which date can you pay?")
    if offer.part:
        return Reply("How much would you like to pay?")
    proposal = _propose(request, offer)
    if not new.names_anything and was_turned_down(request, proposal):
        return Reply("Which date would suit you?")
    return Reply(tool_calls=(proposal,))


def _propose(request: Request, offer: Offer) -> ToolCall:
    """A day without an amount is for all of it."""
    amount = _balance(request)[0] if offer.amount is None else offer.amount
    assert offer.day is not None
    return ToolCall("propose_promise", {"amount": f"{amount:.2f}", "date": offer.day.isoformat()})


def _respond(request: Request, words: Words) -> str:
    """An answer to what is neither an offer nor an end, always with the question that takes a date."""
    meant = means(words)
    speaks = _SPEECH.get(meant) if meant is not None else None
    if speaks is not None:
        return speaks(request)
    return f"I am sorry, I did not catch that. {_WHEN}" if words else _WHEN


def _statement(request: Request) -> str:
    amount, currency = _balance(request)
    sentences = [f"I am calling about invoice {request.fact('invoice number')}."]
    sentences.append(f"The balance is {_money(amount, currency)}.")
    if request.due is not None:
        sentences.append(f"It was due on {request.due:%B} {_ordinal(request.due.day)}.")
    return " ".join([*sentences, _WHEN])


def _introduce(request: Request) -> str:
    business = request.fact("business name", "our office")
    return f"I am calling on behalf of {business}. {_statement(request)}"


_SPEECH: dict[Intent, Callable[[Request], str]] = {
    Intent.ROBOT: lambda request: f"Yes, I am an automated assistant. {_WHEN}",
    Intent.WHO: _introduce,
    Intent.ABOUT_THE_DEBT: _statement,
    Intent.IN_PARTS: lambda request: "Of course. How much can you pay and when?",
    Intent.VAGUE: lambda request: "Of course. On which day can you pay?",
    Intent.REPEAT: lambda request: request.asked or _statement(request),
    Intent.AGREES: lambda request: f"Thank you. {_WHEN}",
    Intent.DENIES: lambda request: f"I understand. {_WHEN}",
    Intent.GREETS: _statement,
}


def _balance(request: Request) -> tuple[Decimal, str]:
    assert request.balance is not None
    return request.balance


def _money(amount: Decimal, currency: str) -> str:
    symbol = _SYMBOLS.get(currency)
    return f"{symbol}{amount:,.2f}" if symbol else f"{amount:,.2f} {currency}"


def _ordinal(day: int) -> str:
    suffix = "th" if 11 <= day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{suffix}"
