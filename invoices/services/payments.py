"""Money that came in, was put to invoices, and was given back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from invoices.fields import amount_at, date_at, text_at
from invoices.local_time import today_anywhere
from invoices.models import Allocation, Customer, Invoice, Payment, Refund
from invoices.services.idempotency import digest_of, once
from invoices.services.posting import COLLECTABLE, Books, books_open, oldest_first

Cause = Allocation.Cause


@dataclass(frozen=True)
class Instruction:
    """What a payer says a payment is for: this invoice, and how much of it (all that it owes, if not said)."""

    invoice: Invoice
    amount: Decimal | str | None = None


@transaction.atomic
def payment_record(
    *,
    customer: Customer,
    currency: str,
    amount: Decimal | str,
    received_on: date,
    method: str = Payment.Method.BANK_TRANSFER,
    reference: str = "",
    instructions: Sequence[Instruction] = (),
    pending: bool = False,
    idempotency_key: str = "",
    source: str,
    actor: User | None = None,
) -> Payment:
    """Post a payment: to the instructed invoices, then to what is oldest due; what is left is the customer's credit.

    A pending payment settles nothing until `payment_clear`, which takes its instructions. A repeated key answers with
    the first payment.
    Raises ValidationError keyed by field, KeyReused.
    """
    value = amount_at("amount", amount, currency=currency)
    received = date_at("received_on", received_on, latest=today_anywhere())
    if method not in Payment.Method.values:
        raise ValidationError({"method": "That is not a way of paying."})
    said = text_at("reference", reference, longest=64)
    if pending and instructions:
        raise ValidationError({"instructions": "Say what a payment is for when it has come."})
    books = books_open(customer_id=customer.pk, source=source, actor=actor)

    def make() -> Payment:
        parts = [] if pending else _parts(books, value, currency, instructions)
        rest = Decimal(0) if pending else value - sum((part for _, part, _ in parts), Decimal(0))
        payment = Payment.objects.create(
            customer=books.customer,
            status=Payment.Status.PENDING if pending else Payment.Status.CLEARED,
            currency=currency,
            amount=value,
            unallocated=rest,
            received_on=received,
            method=method,
            reference=said,
            idempotency_key=idempotency_key or None,
            idempotency_digest=digest,
        )
        kind = "payment_announced" if pending else "payment_received"
        books.note_of("payment", payment.pk, kind, amount=str(value), currency=currency, credit=str(rest))
        books.add_payment(payment)
        # The row was written with what will be left.
        payment.unallocated = rest + sum((part for _, part, _ in parts), Decimal(0))
        for invoice, part, cause in parts:
            books.allocate(payment=payment, invoice=invoice, amount=part, cause=cause)
        books.close()
        return payment

    digest = digest_of(
        customer=customer.pk,
        currency=currency,
        amount=value,
        received_on=received,
        method=method,
        reference=said,
        instructions=[(each.invoice.pk, each.amount) for each in instructions],
        pending=pending,
    )
    return once(Payment, key=idempotency_key, digest=digest, make=make)


def _parts(
    books: Books, amount: Decimal, currency: str, instructions: Sequence[Instruction]
) -> list[tuple[Invoice, Decimal, str]]:
    """(invoice, amount, cause) for each invoice that `amount` settles or lowers."""
    parts: list[tuple[Invoice, Decimal, str]] = []
    for each in instructions:
        invoice, part = _instructed(books, each, amount, currency)
        parts.append((invoice, part, Cause.INSTRUCTION))
        amount -= part
    named = [invoice.pk for invoice, _, _ in parts]
    if len(set(named)) != len(named):
        raise ValidationError({"instructions": "An invoice is named twice."})
    if amount > 0:
        for invoice in oldest_first(books, currency, besides=named):
            part = min(amount, invoice.balance)
            if part <= 0:
                break
            parts.append((invoice, part, Cause.OLDEST_FIRST))
            amount -= part
    return parts


def _instructed(
    books: Books, instruction: Instruction, left: Decimal, currency: str
) -> tuple[Invoice, Decimal]:
    try:
        invoice = books.invoice(instruction.invoice.pk)
    except ValidationError as error:
        raise ValidationError({"instructions": error.messages}) from None
    if invoice.currency != currency:
        raise ValidationError({"instructions": f"{invoice.number} is in {invoice.currency}, not {currency}."})
    if invoice.status not in COLLECTABLE:
        raise ValidationError({"instructions": f"{invoice.number} is not open."})
    if instruction.amount is None:
        part = min(left, invoice.balance)
    else:
        part = amount_at("instructions", instruction.amount, currency=currency)
    if part > invoice.balance:
        raise ValidationError({"instructions": f"{invoice.number} owes less than that."})
    if part > left or part <= 0:
        raise ValidationError({"instructions": "The instructions are for more than the payment."})
    return invoice, part


@transaction.atomic
def payment_clear(
    *,
    payment: Payment,
    instructions: Sequence[Instruction] = (),
    source: str,
    actor: User | None = None,
) -> Payment:
    """A pending payment has come: post it as instructed, then oldest due first.

    Raises ValidationError if it was not pending, or at `instructions`.
    """
    books = books_open(customer_id=payment.customer_id, source=source, actor=actor)
    _from_pending(payment, Payment.Status.CLEARED, unallocated=payment.amount)
    cleared = books.payment(payment.pk)
    books.note_of("payment", payment.pk, "payment_received", amount=str(cleared.amount))
    for each in instructions:
        invoice, part = _instructed(books, each, cleared.unallocated, cleared.currency)
        books.allocate(payment=cleared, invoice=invoice, amount=part, cause=Cause.INSTRUCTION)
    _settle_oldest(books, cleared)
    books.close()
    return cleared


@transaction.atomic
def payment_fail(*, payment: Payment, reason: str, source: str, actor: User | None = None) -> Payment:
    """A pending payment did not come. Raises ValidationError if it was not pending."""
    why = text_at("reason", reason, longest=300, required=True)
    books = books_open(customer_id=payment.customer_id, source=source, actor=actor, reason=why)
    _from_pending(payment, Payment.Status.FAILED)
    books.note_of("payment", payment.pk, "payment_failed")
    books.close()
    payment.refresh_from_db()
    return payment


def _from_pending(payment: Payment, to: str, **fields: Decimal) -> None:
    pending = Payment.objects.filter(pk=payment.pk, status=Payment.Status.PENDING)
    if not pending.update(status=to, **fields):
        raise ValidationError({"payment": "This payment is not pending."})


def _settle_oldest(books: Books, payment: Payment) -> None:
    for invoice in oldest_first(books, payment.currency):
        part = min(payment.unallocated, invoice.balance)
        if part <= 0:
            break
        books.allocate(payment=payment, invoice=invoice, amount=part, cause=Cause.OLDEST_FIRST)


@transaction.atomic
def payment_allocate(
    *,
    payment: Payment,
    instructions: Sequence[Instruction] = (),
    source: str,
    actor: User | None = None,
) -> Payment:
    """Put the credit of a payment to the instructed invoices, or without instruction to what is oldest due."""
    books = books_open(customer_id=payment.customer_id, source=source, actor=actor)
    credit = books.payment(payment.pk)
    if credit.unallocated <= 0:
        raise ValidationError({"payment": "Nothing of this payment is left to allocate."})
    if not instructions:
        _settle_oldest(books, credit)
    for each in instructions:
        invoice, part = _instructed(books, each, credit.unallocated, credit.currency)
        books.allocate(payment=credit, invoice=invoice, amount=part, cause=Cause.INSTRUCTION)
    books.close()
    return credit


@transaction.atomic
def payment_release(
    *,
    payment: Payment,
    invoice: Invoice,
    amount: Decimal | str | None = None,
    reason: str,
    source: str,
    actor: User | None = None,
) -> Payment:
    """Take a payment off an invoice again, the whole or `amount`; it becomes the customer's credit."""
    why = text_at("reason", reason, longest=300, required=True)
    books = books_open(customer_id=payment.customer_id, source=source, actor=actor, reason=why)
    released, owed = books.payment(payment.pk), books.invoice(invoice.pk)
    settled = books.settled_by(Q(payment=released, invoice=owed)).get((released.pk, owed.pk), Decimal(0))
    part = settled if amount is None else amount_at("amount", amount, currency=released.currency)
    if not 0 < part <= settled:
        raise ValidationError({"amount": "That much of this payment is not on the invoice."})
    books.allocate(payment=released, invoice=owed, amount=-part, cause=Cause.RELEASED)
    books.close()
    return released


@transaction.atomic
def payment_refund(
    *,
    payment: Payment,
    amount: Decimal | str,
    refunded_on: date,
    reason: str,
    idempotency_key: str = "",
    source: str,
    actor: User | None = None,
) -> Refund:
    """Give money back: first what settles nothing, then what was allocated last, which is owed again.

    Raises ValidationError keyed by field where more was asked for than is left of the payment; KeyReused.
    """
    value = amount_at("amount", amount, currency=payment.currency)
    why = text_at("reason", reason, longest=300, required=True)
    when = date_at("refunded_on", refunded_on, earliest=payment.received_on, latest=today_anywhere())
    books = books_open(customer_id=payment.customer_id, source=source, actor=actor, reason=why)

    def make() -> Refund:
        refunded = books.payment(payment.pk)
        if refunded.status != Payment.Status.CLEARED:
            raise ValidationError({"payment": "This payment has not come."})
        settled = books.settled_by(Q(payment=refunded))
        if value > refunded.unallocated + sum(settled.values(), Decimal(0)):
            raise ValidationError({"amount": "That is more than is left of the payment."})
        refund = Refund.objects.create(
            payment=refunded,
            amount=value,
            refunded_on=when,
            reason=why,
            idempotency_key=idempotency_key or None,
            idempotency_digest=digest,
        )
        books.note_of("payment", refunded.pk, "payment_refunded", amount=str(value), refund=refund.pk)
        for (_, invoice_id), on_it in settled.items():
            part = min(on_it, value - refunded.unallocated)
            if part <= 0:
                break
            books.allocate(
                payment=refunded,
                invoice=books.invoice(invoice_id),
                amount=-part,
                cause=Cause.REFUND,
                refund=refund,
            )
        refunded.unallocated -= value
        books.close()
        return refund

    digest = digest_of(payment=payment.pk, amount=value, refunded_on=when, reason=why)
    return once(Refund, key=idempotency_key, digest=digest, make=make)
