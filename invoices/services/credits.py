"""Credit notes: an issued invoice is corrected by another document."""

from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, Sum

from invoices.fields import amount_at, date_at, text_at
from invoices.local_time import today_anywhere
from invoices.models import Allocation, CreditNote, Invoice
from invoices.money import amount_round
from invoices.services.idempotency import digest_of, once
from invoices.services.posting import Books, books_open

CREDITABLE = (Invoice.Status.OPEN, Invoice.Status.PAID, Invoice.Status.UNCOLLECTIBLE)


@transaction.atomic
def credit_note_issue(
    *,
    invoice: Invoice,
    number: str,
    amount: Decimal | str,
    reason: str,
    issued_on: date,
    note: str = "",
    idempotency_key: str = "",
    source: str,
    actor: User | None = None,
) -> CreditNote:
    """Credit a part or the whole of an issued invoice. What was paid beyond what it now owes is released as credit.

    Raises ValidationError keyed by field where more is credited than is left of the total; KeyReused.
    """
    value = amount_at("amount", amount, currency=invoice.currency)
    if reason not in CreditNote.Reason.values:
        raise ValidationError({"reason": "That is not a reason for a credit note."})
    when = date_at("issued_on", issued_on, earliest=invoice.issue_date, latest=today_anywhere())
    said = text_at("note", note, longest=300)
    books = books_open(customer_id=invoice.customer_id, source=source, actor=actor, reason=said)
    digest = digest_of(
        invoice=invoice.pk, number=number, amount=value, reason=reason, issued_on=when, note=said
    )

    def make() -> CreditNote:
        credited = books.invoice(invoice.pk)
        before = _credited_before(credited)
        if value > credited.total - before:
            raise ValidationError({"amount": "That is more than is left of the invoice to credit."})
        credit_note = CreditNote(
            invoice=credited,
            number=text_at("number", number, longest=32, required=True),
            amount=value,
            tax=_tax_of(credited, before, value),
            reason=reason,
            note=said,
            issued_on=when,
            idempotency_key=idempotency_key or None,
            idempotency_digest=digest,
        )
        credit_note.full_clean(exclude=["idempotency_key"])
        credit_note.save()
        _release_overpaid(books, credited, credit_note)
        credited.balance -= value
        books.note(credited, "credited", amount=str(value), credit_note=credit_note.pk)
        books.close()
        return credit_note

    return once(CreditNote, key=idempotency_key, digest=digest, make=make)


def _credited_before(invoice: Invoice) -> Decimal:
    if invoice.status not in CREDITABLE:
        raise ValidationError({"invoice": "Only an issued invoice can be credited."})
    return invoice.credit_notes.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)


def _tax_of(invoice: Invoice, before: Decimal, amount: Decimal) -> Decimal:
    """The tax in `amount`, such that the tax of all credit notes never passes the invoice's."""
    until_now = amount_round(before * invoice.tax / invoice.total, invoice.currency)
    with_this = amount_round((before + amount) * invoice.tax / invoice.total, invoice.currency)
    return min(with_this - until_now, amount)


def _release_overpaid(books: Books, invoice: Invoice, credit_note: CreditNote) -> None:
    """Take off the newest allocations as much as the credit passes what is owed."""
    overpaid = credit_note.amount - invoice.balance
    if overpaid <= 0:
        return
    for (payment_id, _), settled in books.settled_by(Q(invoice=invoice)).items():
        part = min(settled, overpaid)
        books.allocate(
            payment=books.payment(payment_id),
            invoice=invoice,
            amount=-part,
            cause=Allocation.Cause.CREDIT_NOTE,
            credit_note=credit_note,
        )
        overpaid -= part
        if overpaid <= 0:
            return
