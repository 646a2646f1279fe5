"""A summary in sentences, each from one thing that was done. Nothing is added that the records do not say."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from calls.conversation.common import acts_of
from calls.conversation.ending import DEEDS, LESSER_DEEDS, REMARKS, REQUESTS, act_stands
from calls.conversation.said import day_words
from calls.models import Call
from calls.outcomes import OUTCOMES
from invoices.models import Dispute
from invoices.money import amount_text

LONGEST = 500
Said = dict[str, Any]


def summary_of(call: Call) -> str:
    """What was done in the call, in order; what it came to where nothing was, or where that is something else."""
    acts = acts_of(call.pk, *DEEDS, *LESSER_DEEDS, *REMARKS, *REQUESTS)
    standing = [act for act in acts if act_stands(act, call)]
    sentences = [SENTENCES[act.kind](act.after, call.invoice.currency) for act in standing]
    if len(standing) < len(acts):
        sentences.append("An earlier agreement in the call was replaced or taken back.")
    if call.disposition not in {act.after["disposition"] for act in standing}:
        sentences.insert(0, OUTCOMES[call.disposition][0])
    return " ".join(dict.fromkeys(sentences))[:LONGEST]


def _promise(said: Said, currency: str) -> str:
    return f"The customer promised {_amount(said)} by {_day(said['date'])} for {said['invoice']}."


def _plan(said: Said, currency: str) -> str:
    how = f"in {len(said['instalments'])} instalments from {_day(said['date'])}"
    return f"The customer agreed to pay {_amount(said)} {how} for {said['invoice']}."


LEDGER_SAYS = {
    "cleared": "it is in the balance already",
    "pending": "it is on its way",
    "unallocated": "it has come and settles no invoice yet",
    "nothing": "nothing like it is on file",
}


def _claim(said: Said, currency: str) -> str:
    what = amount_text(Decimal(said["amount"]), currency) if said["amount"] else "it"
    verb = "was" if said["amount"] else "is"
    when = f" on {_day(said['paid_on'])}" if said["paid_on"] else ""
    return f"The customer said that {what} {verb} paid{when}; in the ledger {LEDGER_SAYS[said['found']]}."


def _dispute(said: Said, currency: str) -> str:
    reason = Dispute.Reason(said["reason"]).label.lower()
    return f"The customer disputes {amount_text(Decimal(said['amount']), currency)} of {said['invoice']}: {reason}."


def _amount(said: Said) -> str:
    return amount_text(Decimal(said["amount"]), said["currency"])


def _day(text: str) -> str:
    return day_words(date.fromisoformat(text))


def _fixed(text: str) -> Callable[[Said, str], str]:
    return lambda said, currency: text


SENTENCES: dict[str, Callable[[Said, str], str]] = {
    "promise_agreed": _promise,
    "plan_agreed": _plan,
    "payment_claimed": _claim,
    "dispute_reported": _dispute,
    "hardship_reported": _fixed("The customer said that they cannot pay."),
    "callback_agreed": lambda said, currency: f"The customer asked to be called on {said['words']}.",
    "complaint_noted": _fixed("There was a complaint."),
    "language_barrier": lambda said, currency: (
        f"Who answered speaks {said['language'] or 'another language'}."
    ),
    "message_declined": _fixed("Somebody else answered and offered to take a message; none was left."),
    "callback_wanted": _fixed("The customer asked for a human."),
    "copy_requested": lambda said, currency: f"The customer asked for a copy of {said['invoice']}.",
}
