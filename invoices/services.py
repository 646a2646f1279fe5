"""Writes to the ledger. Each act is one function, one transaction, one event; callers decide nothing."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from invoices.events import event_record
from invoices.models import Customer, Invoice, Payment, PromiseToPay
from invoices.money import amount_clean

Status = Invoice.Status

# From each state, where an invoice may go.
INVOICE_TRANSITIONS: dict[str, frozenset[str]] = {
    Status.DRAFT: frozenset({Status.OPEN, Status.VOID}),
    Status.OPEN: frozenset({Status.PAID, Status.VOID, Status.UNCOLLECTIBLE}),
    Status.UNCOLLECTIBLE: frozenset({Status.PAID, Status.VOID}),
    Status.PAID: frozenset(),
    Status.VOID: frozenset(),
}


@transaction.atomic
def customer_create(*, source: str, actor: User | None = None, **fields: Any) -> Customer:
    """Create a customer from model fields. Raises ValidationError keyed by field."""
    customer = Customer(**fields)
    customer.full_clean()
    if (customer.birth_month is None) != (customer.birth_day is None):
        raise ValidationError({"birth_day": "Give both month and day of birth, or neither."})
    customer.save()
    event_record(object_type="customer", object_id=customer.pk, kind="created", source=source, actor=actor)
    return customer


@transaction.atomic
def invoice_create(
    *,
    customer: Customer,
    number: str,
    currency: str,
    total: Decimal | str,
    issue_date: date,
    due_date: date,
    description: str = "",
    issue: bool = True,
    source: str,
    actor: User | None = None,
) -> Invoice:
    """Create an invoice owing its whole total, open unless `issue` is False. Raises ValidationError keyed by field."""
    try:
        amount = amount_clean(total, currency=currency)
    except ValidationError as error:
        raise ValidationError({"currency" if error.code == "currency" else "total": error.messages}) from None
    if due_date < issue_date:
        raise ValidationError({"due_date": "The due date can't be before the issue date."})
    invoice = Invoice(
        customer=customer,
        number=number,
        currency=currency,
        total=amount,
        balance=amount,
        issue_date=issue_date,
        due_date=due_date,
        description=description,
        status=Status.OPEN if issue else Status.DRAFT,
    )
    invoice.full_clean()
    invoice.save()
    event_record(
        object_type="invoice",
        object_id=invoice.pk,
        kind="created",
        source=source,
        actor=actor,
        after={"status": invoice.status, "total": str(amount), "currency": currency},
    )
    return invoice


@transaction.atomic
def invoice_transition(
    *, invoice: Invoice, to: str, source: str, actor: User | None = None, reason: str = ""
) -> bool:
    """Move an invoice to `to` where the table allows it; False when its state, read under lock, does not."""
    allowed = _sources_of(to)
    before = Invoice.objects.select_for_update().get(pk=invoice.pk).status
    if not Invoice.objects.filter(pk=invoice.pk, status__in=allowed).update(status=to):
        return False
    event_record(
        object_type="invoice",
        object_id=invoice.pk,
        kind=f"invoice_{to}",
        source=source,
        actor=actor,
        before={"status": before},
        after={"status": to},
        reason=reason,
    )
    invoice.refresh_from_db()
    return True


def _sources_of(to: str) -> Iterable[str]:
    return [state for state, targets in INVOICE_TRANSITIONS.items() if to in targets]


@transaction.atomic
def payment_record(
    *,
    invoice: Invoice,
    amount: Decimal | str,
    received_on: date,
    reference: str,
    source: str,
    actor: User | None = None,
) -> Payment:
    """Post a payment and lower the balance; at zero the invoice is paid. The same reference posts once.

    Raises ValidationError when the amount is more than is owed or the invoice is not collectable.
    """
    value = amount_clean(amount, currency=invoice.currency)
    existing = Payment.objects.filter(reference=reference).first()
    if existing is not None:
        if (existing.invoice_id, existing.amount) != (invoice.pk, value):
            raise ValidationError({"reference": "This reference belongs to another payment."})
        return existing
    payment = Payment.objects.create(
        invoice=invoice, amount=value, received_on=received_on, reference=reference
    )
    taken = Invoice.objects.filter(
        pk=invoice.pk, status__in=[Status.OPEN, Status.UNCOLLECTIBLE], balance__gte=value
    ).update(balance=F("balance") - value)
    if not taken:
        raise ValidationError({"amount": "The invoice does not owe that much, or is not open."})
    event_record(
        object_type="invoice",
        object_id=invoice.pk,
        kind="payment_posted",
        source=source,
        actor=actor,
        after={"amount": str(value), "payment": payment.pk},
    )
    invoice.refresh_from_db()
    if invoice.balance == 0:
        invoice_transition(invoice=invoice, to=Status.PAID, source=source, actor=actor)
    return payment


@transaction.atomic
def promise_record(
    *,
    invoice: Invoice,
    amount: Decimal | str,
    due_date: date,
    today: date,
    source: str,
    source_call_id: UUID | None = None,
    actor: User | None = None,
) -> PromiseToPay:
    """Record a promise to pay; a call's promise for an invoice is recorded once and answered again unchanged.

    Raises ValidationError when the invoice owes less, is not open, or the date is past; `today` is the customer's.
    """
    value = amount_clean(amount, currency=invoice.currency)
    owed = Invoice.objects.select_for_update().get(pk=invoice.pk)
    if source_call_id is not None:
        existing = PromiseToPay.objects.filter(invoice=owed, source_call_id=source_call_id).first()
        if existing is not None:
            return existing
    if owed.status != Status.OPEN:
        raise ValidationError({"invoice": "The invoice is not open."})
    if value > owed.balance:
        raise ValidationError({"amount": "That is more than is owed."})
    if due_date < today:
        raise ValidationError({"due_date": "That date has passed."})
    promise = PromiseToPay.objects.create(
        invoice=owed, amount=value, due_date=due_date, source_call_id=source_call_id
    )
    event_record(
        object_type="invoice",
        object_id=owed.pk,
        kind="promise_recorded",
        source=source,
        actor=actor,
        after={"promise": promise.pk, "amount": str(value), "due_date": due_date.isoformat()},
    )
    return promise
