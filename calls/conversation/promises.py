"""Promises to pay: checked, then recorded once they were read back and confirmed."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from calls import books
from calls.conversation.common import ConversationOver, Refused, act_note, call_row
from calls.conversation.facts import (
    ZERO,
    Debts,
    OpenInvoice,
    debts,
    debts_of,
    invoices_named,
    numbers_of,
)
from calls.conversation.said import amount_said, day_ahead
from calls.conversation.standing import Entry, agreement_standing, agreement_stands
from calls.models import Call, Disposition
from invoices.money import amount_text


class PromiseRefused(Refused):
    """The promise can't be taken; the message says why, in words fit for the telephone."""


@dataclass(frozen=True)
class Promise:
    """A promise that the ledger would take, for the invoices of these numbers."""

    amount: Decimal
    currency: str
    due_date: date
    invoices: tuple[str, ...] = ()
    # Nothing that may be asked for stays open of these invoices.
    in_full: bool = True
    invoice_ids: tuple[int, ...] = ()

    @property
    def amount_text(self) -> str:
        return amount_text(self.amount, self.currency)

    @property
    def disposition(self) -> str:
        return Disposition.PROMISE_TO_PAY if self.in_full else Disposition.PARTIAL_PROMISE

    @property
    def entry(self) -> Entry:
        """As `Call.agreed` has it."""
        return {
            "kind": "promise_to_pay",
            "invoice": ", ".join(self.invoices),
            "amount": str(self.amount),
            "currency": self.currency,
            "date": self.due_date.isoformat(),
        }


def promise_check(*, call_id: UUID, amount: str, due_date: str, positions: tuple[int, ...] = ()) -> Promise:
    """What would be recorded for a decimal `amount` and an ISO `due_date`.

    Without `positions` it is for the call's own invoice; more than that is for the invoices that are due first. Raises
    PromiseRefused, NotVerified, NothingOwed.
    """
    return _checked(debts(call_id=call_id), amount, due_date, positions)


@transaction.atomic
def promise_agree(
    *, call_id: UUID, amount: Decimal | str, due_date: date | str, positions: tuple[int, ...] = ()
) -> Entry:
    """Record what was agreed, in the ledger (unless the call is a test) and on the call; answers the call's entry.

    It takes the place of what was agreed before in this call; the same again changes nothing. Raises as `promise_check`
    does, and ConversationOver.
    """
    call = call_row(call_id)
    day = due_date if isinstance(due_date, str) else due_date.isoformat()
    promise = _checked(debts_of(call), str(amount), day, positions)
    if agreement_standing(call) == promise.entry:
        return promise.entry
    if call.disposition:
        raise ConversationOver
    try:
        books.promise_write(call, promise.invoice_ids, promise.amount, promise.due_date)
    except ValidationError:
        raise PromiseRefused("I cannot note that. Please say another amount or another date.") from None
    agreement_stands(call, promise.entry)
    act_note(
        call,
        "promise_agreed",
        disposition=promise.disposition,
        next_action="Wait for the payment.",
        **promise.entry,
    )
    return promise.entry


def _checked(known: Debts, amount: str, due_date: str, positions: tuple[int, ...]) -> Promise:
    day = day_ahead(
        due_date, today=known.today, within_days=known.promise_within_days, refusal=PromiseRefused
    )
    value = amount_said(amount, known.currency, PromiseRefused)
    named = invoices_named(known, positions, PromiseRefused)
    if not positions and _balance(named) < value <= known.total:
        named = _due_first(known, value)
    if value > _balance(named):
        most = known.text(_balance(named if positions else known.invoices))
        raise PromiseRefused(f"That is more than the balance. The balance is {most}.")
    return Promise(
        amount=value,
        currency=known.currency,
        due_date=day,
        invoices=numbers_of(named),
        in_full=value >= sum((each.asked for each in named), ZERO),
        invoice_ids=tuple(each.id for each in named),
    )


def _balance(invoices: tuple[OpenInvoice, ...]) -> Decimal:
    return sum((each.balance for each in invoices), ZERO)


def _due_first(known: Debts, amount: Decimal) -> tuple[OpenInvoice, ...]:
    """As few of the invoices as `amount` reaches, those due first first."""
    named: list[OpenInvoice] = []
    for invoice in sorted(known.invoices, key=lambda each: (each.due_date, each.id)):
        if _balance(tuple(named)) >= amount:
            break
        named.append(invoice)
    return tuple(named)


def agreement_withdraw_of(call: Call, *, reason: str) -> bool:
    """Take back what stands agreed in a call under lock. False where nothing does, or where it is kept already."""
    if agreement_standing(call) is None:
        return False
    try:
        books.agreement_cancel(call, reason=reason)
    except ValidationError:
        return False
    agreement_stands(call, None)
    act_note(call, "agreement_withdrawn", disposition="", next_action="")
    return True
