"""“I have paid that”: looked up in the ledger, and written down for staff. Nothing is settled by a word."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet, Sum

from calls import books
from calls.conversation.common import NothingOwed, Refused, act_note, acts_of, call_locked
from calls.conversation.facts import debts_of, invoices_named
from calls.conversation.said import amount_said, day_said, day_words
from calls.models import Call, Disposition
from invoices.local_time import customer_today
from invoices.models import Payment
from invoices.money import amount_exact, amount_text

Found = Literal["cleared", "pending", "unallocated", "nothing"]
# A payment reaches us some days after it was made, and people misremember by a few.
BEFORE, AFTER = timedelta(days=3), timedelta(days=14)
# Without a day, payments of so long ago are looked at.
LOOK_BACK = timedelta(days=120)


class ClaimRefused(Refused):
    """What was said of the payment can't be; the message says why, in words fit for the telephone."""


@dataclass(frozen=True)
class Claim:
    """What the ledger says to it. `amount` and `received_on` are those of the payment found, if one was.

    cleared: it is in the balances already, of the `invoices` with these numbers. unallocated: it has come, and all or
    some of it settles no invoice yet. pending: on its way.
    """

    found: Found
    amount: Decimal | None
    currency: str
    received_on: date | None = None
    invoices: tuple[str, ...] = ()

    @property
    def amount_text(self) -> str:
        return "" if self.amount is None else amount_text(self.amount, self.currency)


@dataclass(frozen=True)
class _Said:
    amount: Decimal | None
    paid_on: date | None
    method: str


@transaction.atomic
def payment_claim(
    *,
    call_id: UUID,
    amount: str | None,
    paid_on: str | None,
    method: str | None,
    positions: tuple[int, ...] = (),
) -> Claim:
    """Look for the payment that the customer says they made, and write the claim down for staff.

    `amount` is a decimal, `paid_on` an ISO day, `method` a word of theirs. Raises ClaimRefused, NotVerified.
    """
    call = call_locked(call_id)
    said = _said(call, amount, paid_on, method)
    try:
        named = tuple(each.id for each in invoices_named(debts_of(call), positions, ClaimRefused))
    except NothingOwed:
        named = (call.invoice_id,)
    claim = _look(call, said, named)
    details = {
        "found": claim.found,
        "invoices": list(named),
        "amount": None if said.amount is None else str(said.amount),
        "paid_on": said.paid_on and said.paid_on.isoformat(),
        "method": said.method,
    }
    before = acts_of(call_id, "payment_claimed")
    if not before or {key: before[-1].after.get(key) for key in details} != details:
        books.claim_write(call, named, details)
        act_note(
            call,
            "payment_claimed",
            disposition=Disposition.PAID_CLAIMED,
            next_action=_next_action(call, said, claim),
            **details,
        )
    return claim


def _said(call: Call, amount: str | None, paid_on: str | None, method: str | None) -> _Said:
    day = day_said(paid_on, ClaimRefused) if paid_on else None
    if day is not None and day > customer_today(call.customer):
        raise ClaimRefused("That day has not come yet. When did you pay?")
    value = amount_said(amount, call.invoice.currency, ClaimRefused) if amount else None
    return _Said(value, day, " ".join((method or "").split())[:40])


def _look(call: Call, said: _Said, named: tuple[int, ...]) -> Claim:
    """The payment that fits best: one that settles nothing yet, then one on its way, then one put to the invoices."""
    currency = call.invoice.currency
    fitting = _fitting(call, said)
    cleared = fitting.filter(status=Payment.Status.CLEARED)
    settled = cleared.filter(allocations__invoice__in=named, allocations__amount__gt=0)
    looked_at: tuple[tuple[Found, QuerySet[Payment]], ...] = (
        ("unallocated", cleared.filter(unallocated__gt=0)),
        ("pending", fitting.filter(status=Payment.Status.PENDING)),
        ("cleared", settled),
        # The same amount is paid every month: only with its day is it known to be the one that was meant.
        ("cleared", cleared if said.paid_on else cleared.none()),
    )
    for found, payments in looked_at:
        payment = payments.order_by("-received_on", "-id").first()
        if payment is not None:
            amount = amount_exact(payment.amount, currency)
            return Claim(found, amount, currency, payment.received_on, _settles(payment))
    return Claim("nothing", None, currency)


def _settles(payment: Payment) -> tuple[str, ...]:
    """Numbers of the invoices that it was put to, what was taken off again left out."""
    sums = payment.allocations.values("invoice__number").annotate(sum=Sum("amount")).filter(sum__gt=0)
    return tuple(sums.order_by("invoice__number").values_list("invoice__number", flat=True))


def _fitting(call: Call, said: _Said) -> QuerySet[Payment]:
    today = customer_today(call.customer)
    since = said.paid_on - BEFORE if said.paid_on else today - LOOK_BACK
    fits = Q(currency=call.invoice.currency, received_on__gte=since)
    if said.paid_on:
        fits &= Q(received_on__lte=said.paid_on + AFTER)
    if said.amount is not None:
        fits &= Q(amount=said.amount)
    return call.customer.payments.filter(fits)


def _next_action(call: Call, said: _Said, claim: Claim) -> str:
    if claim.found == "unallocated":
        return f"Put the payment of {claim.amount_text} to the right invoice."
    if claim.found == "pending":
        return f"Wait for the payment of {claim.amount_text} to clear."
    if claim.found == "cleared":
        where = ", ".join(claim.invoices)
        return f"The payment of {claim.amount_text} was put to {where}; tell the customer what is left."
    amount = amount_text(said.amount, call.invoice.currency) if said.amount is not None else "the amount"
    when = f" paid on {day_words(said.paid_on)}" if said.paid_on else " said to be paid"
    how = f" ({said.method})" if said.method else ""
    return f"Look for {amount}{when}{how}; nothing like it is on file."
