"""Invoices: drafted, issued, voided, written off, reissued. What was issued is never edited."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from invoices.events import event_record
from invoices.fields import amount_at, date_at, text_at
from invoices.models import Allocation, Customer, Invoice, InvoiceLine
from invoices.money import LARGEST, amount_clean, amount_round
from invoices.services.idempotency import digest_of, once
from invoices.services.posting import Books, books_open

Status = Invoice.Status
LONGEST_TERMS = timedelta(days=3660)
MOST_LINES = 500


@dataclass(frozen=True)
class Line:
    """One line as it is asked for: `tax_rate` in percent of quantity times unit price."""

    description: str
    unit_price: Decimal | str
    quantity: Decimal | str = Decimal(1)
    tax_rate: Decimal | str = Decimal(0)


@transaction.atomic
def invoice_create(
    *,
    customer: Customer,
    number: str,
    currency: str,
    issue_date: date,
    due_date: date | None = None,
    total: Decimal | str | None = None,
    lines: Sequence[Line] = (),
    description: str = "",
    issue: bool = True,
    replaces: Invoice | None = None,
    idempotency_key: str = "",
    source: str,
    actor: User | None = None,
) -> Invoice:
    """Create an invoice owing its whole total, open unless `issue` is False.

    Without `due_date` the customer's payment terms decide. Give `lines`, or a `total` of one untaxed line, or both
    where they agree. Raises ValidationError keyed by field, KeyReused.
    """
    name = text_at("number", number, longest=32, required=True)
    said = text_at("description", description, longest=300)
    rows = _rows(lines, total, currency, said or f"Invoice {name}")
    issued = date_at("issue_date", issue_date)
    due = issued + timedelta(days=customer.payment_terms_days) if due_date is None else due_date
    invoice = Invoice(
        customer=customer,
        number=name,
        currency=currency,
        issue_date=issued,
        due_date=_due(due, issued),
        description=said,
        status=Status.OPEN if issue else Status.DRAFT,
        replaces=replaces,
        idempotency_key=idempotency_key or None,
        idempotency_digest=digest_of(
            customer=customer.pk,
            number=name,
            currency=currency,
            issue_date=issue_date,
            due_date=due,
            lines=[_asked(row) for row in rows],
            description=said,
            issue=issue,
        ),
    )
    _sum_up(invoice, rows)

    def make() -> Invoice:
        # Its constraints have been checked above, and the database checks them again.
        invoice.full_clean(exclude=["customer", "idempotency_key"], validate_constraints=False)
        invoice.save()
        _lines_save(invoice, rows)
        event_record(
            object_type="invoice",
            object_id=invoice.pk,
            kind="created",
            source=source,
            actor=actor,
            customer_id=customer.pk,
            after={"status": invoice.status, "total": str(invoice.total), "currency": currency},
        )
        return invoice

    return once(Invoice, key=idempotency_key, digest=invoice.idempotency_digest, make=make)


def _due(due: date, issued: date) -> date:
    if due < issued:
        raise ValidationError({"due_date": "The due date can't be before the issue date."})
    return date_at("due_date", due, latest=issued + LONGEST_TERMS)


def _asked(row: InvoiceLine) -> list[str]:
    return [row.description, str(row.quantity), str(row.unit_price), str(row.tax_rate)]


def _rows(
    lines: Sequence[Line], total: Decimal | str | None, currency: str, description: str
) -> list[InvoiceLine]:
    """Unsaved lines with their amounts; from `total` alone one untaxed line."""
    asked = None if total is None else amount_at("total", total, currency=currency)
    if not lines:
        if asked is None:
            raise ValidationError({"total": "Give lines or a total."})
        lines = [Line(description, asked)]
    if len(lines) > MOST_LINES:
        raise ValidationError({"lines": f"At most {MOST_LINES} lines."})
    rows = [_row(line, position, currency) for position, line in enumerate(lines, start=1)]
    found = sum((row.net + row.tax for row in rows), Decimal(0))
    if asked is not None and asked != found:
        raise ValidationError({"total": f"The lines come to {found}."})
    if not 0 < found <= LARGEST:
        raise ValidationError(
            {"lines": "The lines must come to more than nothing, and less than the books hold."}
        )
    return rows


def _row(line: Line, position: int, currency: str) -> InvoiceLine:
    try:
        row = InvoiceLine(
            position=position,
            description=text_at("description", line.description, longest=300, required=True),
            quantity=_number(line.quantity, decimals=4, most=Decimal(99_999_999), above_zero=True),
            unit_price=amount_clean(line.unit_price, currency=currency, zero=True),
            tax_rate=_number(line.tax_rate, decimals=3, most=Decimal(100)),
        )
        exact = row.quantity * row.unit_price
        if exact > LARGEST:
            raise ValidationError("That amount is too large.")
    except ValidationError as error:
        if getattr(error, "code", None) == "currency":
            raise ValidationError({"currency": error.messages}) from None
        raise ValidationError({"lines": [f"Line {position}: {text}" for text in error.messages]}) from None
    row.net = amount_round(exact, currency)
    row.tax = amount_round(row.net * row.tax_rate / 100, currency)
    return row


def _number(value: Decimal | str, *, decimals: int, most: Decimal, above_zero: bool = False) -> Decimal:
    try:
        number = Decimal(value)
    except (InvalidOperation, TypeError, ValueError):
        raise ValidationError("Enter a number.") from None
    if not number.is_finite() or number < 0 or number > most or (above_zero and number == 0):
        raise ValidationError(f"Enter a number up to {most}.")
    exact = number.quantize(Decimal(1).scaleb(-decimals))
    if exact != number:
        raise ValidationError(f"At most {decimals} decimals.")
    return exact


def _sum_up(invoice: Invoice, rows: Sequence[InvoiceLine]) -> None:
    invoice.tax = sum((row.tax for row in rows), Decimal(0))
    invoice.total = invoice.balance = sum((row.net + row.tax for row in rows), Decimal(0))


def _lines_save(invoice: Invoice, rows: Sequence[InvoiceLine]) -> None:
    for row in rows:
        row.invoice = invoice
    InvoiceLine.objects.bulk_create(rows)


@transaction.atomic
def invoice_draft_edit(
    *,
    invoice: Invoice,
    lines: Sequence[Line] | None = None,
    issue_date: date | None = None,
    due_date: date | None = None,
    description: str | None = None,
    source: str,
    actor: User | None = None,
) -> Invoice:
    """Change a draft; what is None stays. Raises ValidationError for an invoice that has been issued."""
    books = books_open(customer_id=invoice.customer_id, source=source, actor=actor)
    draft = books.invoice(invoice.pk)
    if draft.status != Status.DRAFT:
        raise ValidationError(
            {"invoice": "An issued invoice can't be changed: credit it, or void and reissue."}
        )
    before = _shown(draft)
    if lines is not None:
        rows = _rows(lines, None, draft.currency, draft.description)
        draft.lines.all().delete()
        _sum_up(draft, rows)
        _lines_save(draft, rows)
    if description is not None:
        draft.description = text_at("description", description, longest=300)
    draft.issue_date = date_at("issue_date", issue_date or draft.issue_date)
    draft.due_date = _due(due_date or draft.due_date, draft.issue_date)
    saved = Invoice.objects.filter(pk=draft.pk, status=Status.DRAFT).update(
        tax=draft.tax,
        total=draft.total,
        balance=draft.balance,
        description=draft.description,
        issue_date=draft.issue_date,
        due_date=draft.due_date,
    )
    if not saved:
        raise ValidationError({"invoice": "The invoice has been issued meanwhile."})
    after = _shown(draft)
    event_record(
        object_type="invoice",
        object_id=draft.pk,
        kind="corrected",
        source=source,
        actor=actor,
        customer_id=draft.customer_id,
        before={name: value for name, value in before.items() if after[name] != value},
        after={name: value for name, value in after.items() if before[name] != value},
    )
    return draft


def _shown(invoice: Invoice) -> dict[str, str]:
    return {name: str(getattr(invoice, name)) for name in ("total", "issue_date", "due_date", "description")}


@transaction.atomic
def invoice_issue(*, invoice: Invoice, source: str, actor: User | None = None) -> Invoice:
    """A draft becomes an open invoice. Raises ValidationError for any other."""
    return _moved(invoice, Status.OPEN, "", source, actor, only_from=Status.DRAFT)


@transaction.atomic
def invoice_write_off(*, invoice: Invoice, reason: str, source: str, actor: User | None = None) -> Invoice:
    """Give up an open invoice as uncollectible. What it owes stays known; a payment can still settle it."""
    return _moved(invoice, Status.UNCOLLECTIBLE, _why(reason), source, actor)


@transaction.atomic
def invoice_void(*, invoice: Invoice, reason: str, source: str, actor: User | None = None) -> Invoice:
    """Declare that an invoice should never have been. It owes nothing; what was paid becomes the customer's credit."""
    books = books_open(customer_id=invoice.customer_id, source=source, actor=actor, reason=_why(reason))
    void = _void(books, books.invoice(invoice.pk))
    books.close()
    return void


def _why(reason: str) -> str:
    return text_at("reason", reason, longest=300, required=True)


def _moved(
    invoice: Invoice, to: str, reason: str, source: str, actor: User | None, only_from: str = ""
) -> Invoice:
    books = books_open(customer_id=invoice.customer_id, source=source, actor=actor, reason=reason)
    moved = books.invoice(invoice.pk)
    if only_from and moved.status != only_from:
        raise ValidationError({"invoice": f"Only a {only_from} can be issued."})
    books.move(moved, to)
    books.close()
    return moved


def _void(books: Books, invoice: Invoice) -> Invoice:
    books.move(invoice, Status.VOID)
    for (payment_id, _), amount in books.settled_by(Q(invoice=invoice)).items():
        payment = books.payment(payment_id)
        books.allocate(payment=payment, invoice=invoice, amount=-amount, cause=Allocation.Cause.VOID)
    invoice.balance = Decimal(0)
    books.note(invoice, "balance_cleared")
    return invoice


@transaction.atomic
def invoice_reissue(
    *,
    invoice: Invoice,
    number: str,
    reason: str,
    total: Decimal | str | None = None,
    lines: Sequence[Line] = (),
    issue_date: date,
    due_date: date | None = None,
    description: str = "",
    source: str,
    actor: User | None = None,
) -> Invoice:
    """Void an invoice and issue another in its place; what was paid for the one is put to the other."""
    books = books_open(customer_id=invoice.customer_id, source=source, actor=actor, reason=_why(reason))
    old = books.invoice(invoice.pk)
    paid = books.settled_by(Q(invoice=old))
    _void(books, old)
    new = invoice_create(
        customer=books.customer,
        number=number,
        currency=old.currency,
        issue_date=issue_date,
        due_date=due_date,
        total=total,
        lines=lines,
        description=description,
        replaces=old,
        source=source,
        actor=actor,
    )
    known = books.invoice(new.pk)
    for (payment_id, _), amount in paid.items():
        part = min(amount, known.balance)
        if part > 0:
            books.allocate(
                payment=books.payment(payment_id),
                invoice=known,
                amount=part,
                cause=Allocation.Cause.INSTRUCTION,
            )
    books.close()
    return known
