"""What people report or ask for: a dispute, hardship, a copy, another language, a message, a complaint."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from calls import books
from calls.conversation.common import Refused, act_note, acts_of, call_locked
from calls.conversation.facts import ZERO, Debts, OpenInvoice, debts_of, invoices_named
from calls.conversation.promises import agreement_withdraw_of
from calls.conversation.said import amount_said
from calls.conversation.standing import agreement_standing
from calls.models import Call, Disposition
from invoices.models import Dispute, Hold
from invoices.money import amount_text


class DisputeRefused(Refused):
    """The dispute can't be taken so; the message says why, in words fit for the telephone."""


class RequestRefused(Refused):
    """It can't be done; the message says why, in words fit for the telephone."""


@dataclass(frozen=True)
class Disputed:
    """What is contested of which invoice."""

    invoice: str
    amount: Decimal
    currency: str
    reason: str

    @property
    def amount_text(self) -> str:
        return amount_text(self.amount, self.currency)


@dataclass(frozen=True)
class Copy:
    """A copy that staff will send. Without an address on file `channel` is empty: somebody has to ask for one."""

    invoice: str
    channel: Literal["email", "letter", ""]


@transaction.atomic
def dispute_open(*, call_id: UUID, position: int, amount: str | None, reason: str) -> Disputed:
    """Contest `amount` of an invoice, or all of it. `reason` is one of Dispute.Reason, or the customer's words.

    A promise or plan of this call that asks for the contested part is taken back; another amount or reason takes the
    place of the first. Raises DisputeRefused, NotVerified, NothingOwed.
    """
    call = call_locked(call_id)
    known = debts_of(call)
    invoice = invoices_named(known, (position,), DisputeRefused)[0]
    value = invoice.balance if amount is None else amount_said(amount, known.currency, DisputeRefused)
    if value > invoice.balance:
        raise DisputeRefused(f"That is more than the balance. The balance is {known.text(invoice.balance)}.")
    code = reason if reason in Dispute.Reason.values else Dispute.Reason.OTHER.value
    disputed = Disputed(invoice.number, value, known.currency, code)
    said = {"invoice": invoice.number, "amount": str(value), "reason": code}
    if _noted(call, "dispute_reported", **said):
        return disputed
    try:
        books.dispute_write(call, invoice.id, value, code, "" if code == reason else reason)
    except ValidationError:
        raise DisputeRefused("That invoice is disputed already, and we are looking into it.") from None
    _agreement_check(call, known, invoice, value)
    act_note(
        call,
        "dispute_reported",
        disposition=Disposition.DISPUTE,
        next_action=f"Answer the dispute about {invoice.number}.",
        **said,
    )
    return disputed


def _agreement_check(call: Call, known: Debts, contested: OpenInvoice, value: Decimal) -> None:
    """Nobody is held to a promise of what they contest."""
    standing = agreement_standing(call)
    if standing is None:
        return
    numbers = standing["invoice"].split(", ")
    left = sum(
        (
            each.balance - value if each.id == contested.id else each.asked
            for each in known.invoices
            if each.number in numbers
        ),
        ZERO,
    )
    if contested.number in numbers and Decimal(standing["amount"]) > left:
        agreement_withdraw_of(call, reason="Disputed in the same call.")


@transaction.atomic
def hardship_report(*, call_id: UUID, wording: str) -> None:
    """The customer can't pay: nobody calls about any debt until staff have looked at it. Raises NotVerified."""
    call = call_locked(call_id)
    if _noted(call, "hardship_reported"):
        return
    books.hold_write(call, Hold.Kind.HARDSHIP, _words(wording))
    act_note(
        call,
        "hardship_reported",
        disposition=Disposition.HARDSHIP,
        next_action="Review the hardship, and lift the hold or offer terms.",
    )


@transaction.atomic
def copy_request(*, call_id: UUID, position: int) -> Copy:
    """Have staff send a copy of an invoice, by e-mail where an address is on file, else by letter.

    Raises RequestRefused, NotVerified, NothingOwed.
    """
    call = call_locked(call_id)
    invoice = invoices_named(debts_of(call), (position,), RequestRefused)[0]
    channel: Literal["email", "letter", ""] = (
        "email" if call.customer.email else "letter" if call.customer.address else ""
    )
    if not _noted(call, "copy_requested", invoice=invoice.number):
        how = {"email": "by e-mail", "letter": "by letter", "": "and ask where to"}[channel]
        act_note(
            call,
            "copy_requested",
            disposition="",
            next_action=f"Send a copy of {invoice.number} {how}.",
            invoice=invoice.number,
            channel=channel,
        )
    return Copy(invoice.number, channel)


@transaction.atomic
def language_barrier(*, call_id: UUID, language: str) -> None:
    """Whoever answered speaks another language. It may be said before anyone is verified."""
    call = call_locked(call_id, verified=False)
    named = " ".join(language.split())[:40]
    if not _noted(call, "language_barrier", language=named):
        act_note(
            call,
            "language_barrier",
            disposition=Disposition.LANGUAGE_BARRIER,
            next_action=f"Have somebody call who speaks {named or 'their language'}.",
            language=named,
        )


@transaction.atomic
def message_declined(*, call_id: UUID) -> None:
    """Somebody else offered to take a message, and none was left. It may be said before anyone is verified."""
    call = call_locked(call_id, verified=False)
    if not _noted(call, "message_declined"):
        act_note(
            call,
            "message_declined",
            disposition=Disposition.THIRD_PARTY,
            next_action="Call again another time.",
        )


@transaction.atomic
def complaint_note(*, call_id: UUID, wording: str) -> None:
    """A complaint, as a note on the customer's page. It may be made before anyone is verified."""
    call = call_locked(call_id, verified=False)
    if _noted(call, "complaint_noted"):
        return
    books.complaint_write(call, _words(wording))
    act_note(
        call, "complaint_noted", disposition=Disposition.COMPLAINT, next_action="Look into the complaint."
    )


def _noted(call: Call, kind: str, **said: str) -> bool:
    """Whether the last act of this kind in the call said the same."""
    acts = acts_of(call.pk, kind)
    return bool(acts) and all(acts[-1].after.get(key) == value for key, value in said.items())


def _words(wording: str) -> str:
    return " ".join(wording.replace("\0", " ").split())[:400] or "Said so in a call."
