"""Promises to pay: recorded, replaced, cancelled. Whether they are kept is judged by the money (`judging`)."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from invoices.events import event_draft, event_record, events_record
from invoices.fields import amount_at, date_at, text_at
from invoices.local_time import customer_today
from invoices.models import Allocation, Customer, Event, Invoice, Payment, PromiseToPay
from invoices.services.idempotency import digest_of, once
from invoices.services.judging import agreement_move
from invoices.services.posting import Books, books_open

Status = PromiseToPay.Status
# Later is a plan or a wish, not a promise.
LONGEST = timedelta(days=366)


@transaction.atomic
def promise_record(
    *,
    invoices: Sequence[Invoice],
    amount: Decimal | str,
    due_date: date,
    today: date | None = None,
    method: str = "",
    source_call_id: UUID | None = None,
    idempotency_key: str = "",
    source: str,
    actor: User | None = None,
) -> PromiseToPay:
    """Record a promise to pay for one customer's open invoices of one currency; open ones for them are replaced.

    A call makes one promise: asked again with `source_call_id`, the first is answered. `today` is the customer's day.
    Raises ValidationError keyed by field where less is owed, an invoice is not open, or the date is past; KeyReused.
    """
    customer, currency = one_customer(invoices)
    value = amount_at("amount", amount, currency=currency)
    day = today or customer_today(customer)
    due = date_at("due_date", due_date, latest=day + LONGEST)
    if method and method not in Payment.Method.values:
        raise ValidationError({"method": "That is not a way of paying."})
    books = books_open(customer_id=customer.pk, source=source, actor=actor)
    if source_call_id is not None:
        standing = PromiseToPay.objects.exclude(status=Status.CANCELLED)
        if (made := standing.filter(source_call_id=source_call_id).first()) is not None:
            return made

    def make() -> PromiseToPay:
        # Whoever asks again for what was promised in time is not told that it is late.
        if due < day:
            raise ValidationError({"due_date": "That date has passed."})
        named = open_invoices(books, invoices)
        if value > sum((invoice.balance for invoice in named), Decimal(0)):
            raise ValidationError({"amount": "That is more than is owed."})
        _replace(named, source, actor)
        promise = PromiseToPay.objects.create(
            customer=customer,
            currency=currency,
            amount=value,
            due_date=due,
            method=method,
            source_call_id=source_call_id,
            baseline_allocation_id=newest_allocation(customer),
            idempotency_key=idempotency_key or None,
            idempotency_digest=digest,
        )
        promise.invoices.set(named)
        _tell(named, promise, source, actor)
        return promise

    digest = digest_of(
        invoices=sorted(each.pk for each in invoices), amount=value, due_date=due, method=method
    )
    return once(PromiseToPay, key=idempotency_key, digest=digest, make=make)


def _tell(invoices: Sequence[Invoice], promise: PromiseToPay, source: str, actor: User | None) -> None:
    """The promise's own event, and one on the timeline of each invoice."""
    about: dict[str, Any] = {
        "kind": "promise_recorded",
        "source": source,
        "actor": actor,
        "customer_id": promise.customer_id,
    }
    after = {
        "amount": str(promise.amount),
        "currency": promise.currency,
        "due_date": promise.due_date.isoformat(),
    }
    numbers = [invoice.pk for invoice in invoices]
    event_record(object_type="promise", object_id=promise.pk, after={**after, "invoices": numbers}, **about)
    of_invoice = {**after, "promise": promise.pk}
    events_record(
        [
            event_draft(object_type="invoice", object_id=number, after=of_invoice, **about)
            for number in numbers
        ]
    )


def one_customer(invoices: Sequence[Invoice]) -> tuple[Customer, str]:
    """The customer and the currency that all of these have. Raises ValidationError where they differ."""
    if not invoices:
        raise ValidationError({"invoices": "Name at least one invoice."})
    if len({invoice.customer_id for invoice in invoices}) > 1:
        raise ValidationError({"invoices": "These invoices belong to different customers."})
    if len({invoice.currency for invoice in invoices}) > 1:
        raise ValidationError({"invoices": "These invoices are in different currencies."})
    return invoices[0].customer, invoices[0].currency


def open_invoices(books: Books, invoices: Sequence[Invoice]) -> list[Invoice]:
    """These invoices as the locked books have them. Raises ValidationError unless all are open."""
    named = [books.invoice(pk) for pk in sorted({invoice.pk for invoice in invoices})]
    for invoice in named:
        if invoice.status != Invoice.Status.OPEN:
            raise ValidationError({"invoices": f"{invoice.number} is not open."})
    return named


def newest_allocation(customer: Customer) -> int:
    """What was settled until here is not counted for an agreement that is made now."""
    newest = Allocation.objects.filter(invoice__customer=customer).aggregate(newest=Max("pk"))["newest"]
    return newest or 0


def _replace(invoices: Sequence[Invoice], source: str, actor: User | None) -> None:
    """One invoice has one open promise: the newest word counts."""
    standing = PromiseToPay.objects.filter(invoices__in=invoices, status=Status.OPEN).distinct()
    events = [
        agreement_move(
            promise, Status.CANCELLED, source=source, actor=actor, reason="Replaced by a new promise."
        )
        for promise in standing
    ]
    events_record([event for event in events if event is not None])


@transaction.atomic
def promise_cancel(
    *, promise: PromiseToPay, reason: str, source: str, actor: User | None = None
) -> PromiseToPay:
    """Take back an open promise. Raises ValidationError for one that is not open."""
    why = text_at("reason", reason, longest=300, required=True)
    books_open(customer_id=promise.customer_id, source=source, actor=actor)
    standing = PromiseToPay.objects.get(pk=promise.pk)
    event: Event | None = None
    if standing.status == Status.OPEN:
        event = agreement_move(standing, Status.CANCELLED, source=source, actor=actor, reason=why)
    if event is None:
        raise ValidationError({"promise": "Only an open promise can be cancelled."})
    events_record([event])
    return standing
