"""What a customer's account did in a period, by currency, as the books have it."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.core.exceptions import ValidationError

from invoices.aging import AgingRow, aging, customer_credit
from invoices.local_time import customer_today
from invoices.models import CreditNote, Customer, Event, Invoice, Payment, Refund

ZERO = Decimal(0)
MONTHS_SHOWN = 3
MOST_MOVEMENTS = 1000
Status = Invoice.Status


@dataclass(frozen=True)
class Movement:
    """One posting. `amount` is what it adds to what is owed; `kind` and `name` say what it was."""

    on: date
    kind: str
    name: str
    amount: Decimal
    # What is owed after it.
    balance: Decimal = ZERO


@dataclass(frozen=True)
class Account:
    """The account in one currency: opening + movements = closing, which is what is owed less what was paid ahead."""

    currency: str
    opening: Decimal
    movements: list[Movement]
    closing: Decimal
    credit: Decimal
    aging: AgingRow | None


@dataclass(frozen=True)
class Statement:
    customer: Customer
    since: date
    until: date
    accounts: list[Account]


def statement_of(customer: Customer, *, since: date | None = None) -> Statement:
    """From `since`, or the first day of the month three months ago, until today where the customer is.

    It ends today, since how old what is owed was on an earlier day the books don't keep. Of an invoice that was
    written off, what is left of it is no longer owed. Raises ValidationError at `from` for a day that has not come, or
    one since which there are more movements than fit on paper.
    """
    today = customer_today(customer)
    first = _months_ago(today, MONTHS_SHOWN) if since is None else since
    if first > today:
        raise ValidationError({"from": "That day has not come yet."})
    found: dict[str, list[Movement]] = defaultdict(list)
    for currency, movement in _movements(customer):
        if movement.on <= today:
            found[currency].append(movement)
    if sum(movement.on >= first for each in found.values() for movement in each) > MOST_MOVEMENTS:
        raise ValidationError({"from": f"Since then there are more than {MOST_MOVEMENTS} movements."})
    owed = {row.currency: row for row in aging(today, customer)}
    credit = dict(customer_credit(customer))
    accounts = [
        _account(currency, found[currency], first, credit.get(currency, ZERO), owed.get(currency))
        for currency in sorted({*found, *owed})
    ]
    shown = [each for each in accounts if each.opening or each.movements or each.closing or each.credit]
    return Statement(customer, first, today, shown)


def _months_ago(day: date, months: int) -> date:
    first = day.replace(day=1)
    for _ in range(months):
        first = (first - timedelta(days=1)).replace(day=1)
    return first


def _account(
    currency: str, movements: list[Movement], since: date, credit: Decimal, owed: AgingRow | None
) -> Account:
    ordered = sorted(movements, key=lambda movement: movement.on)
    balance = opening = sum((movement.amount for movement in ordered if movement.on < since), ZERO)
    shown = []
    for movement in ordered:
        if movement.on >= since:
            balance += movement.amount
            shown.append(Movement(movement.on, movement.kind, movement.name, movement.amount, balance))
    return Account(currency, opening, shown, balance, credit, owed)


def _movements(customer: Customer) -> Iterator[tuple[str, Movement]]:
    """All of the account with their currencies, those of one day in the order in which they belong together."""
    invoices = list(customer.invoices.exclude(status=Status.DRAFT).order_by("issue_date", "pk"))
    ended = _ends(invoices, customer)
    never_issued = {pk for pk, (_, before) in ended.items() if before == Status.DRAFT}
    credited: dict[int, Decimal] = defaultdict(lambda: ZERO)
    issued = [invoice for invoice in invoices if invoice.pk not in never_issued]
    for invoice in issued:
        yield invoice.currency, Movement(invoice.issue_date, "invoice", invoice.number, invoice.total)
    notes = CreditNote.objects.filter(invoice__customer=customer).select_related("invoice").order_by("pk")
    for note in notes:
        credited[note.invoice_id] += note.amount
        yield note.invoice.currency, Movement(note.issued_on, "credit_note", note.number, -note.amount)
    for invoice in issued:
        # Never before it was issued; where its history was purged, the day it was due.
        on = max(ended[invoice.pk][0] if invoice.pk in ended else invoice.due_date, invoice.issue_date)
        if invoice.status == Status.VOID:
            taken_back = invoice.total - credited[invoice.pk]
            yield invoice.currency, Movement(on, "void", invoice.number, -taken_back)
        elif invoice.status == Status.UNCOLLECTIBLE:
            yield invoice.currency, Movement(on, "written_off", invoice.number, -invoice.balance)
    payments = Payment.objects.filter(customer=customer, status=Payment.Status.CLEARED).order_by("pk")
    for payment in payments:
        yield payment.currency, Movement(payment.received_on, "payment", payment.reference, -payment.amount)
    refunds = Refund.objects.filter(payment__customer=customer).select_related("payment").order_by("pk")
    for refund in refunds:
        name = refund.payment.reference
        yield refund.payment.currency, Movement(refund.refunded_on, "refund", name, refund.amount)


def _ends(invoices: list[Invoice], customer: Customer) -> dict[int, tuple[date, str]]:
    """When each of these was voided or written off, where the customer is, and what it was before."""
    over = [str(each.pk) for each in invoices if each.status in (Status.VOID, Status.UNCOLLECTIBLE)]
    if not over:
        return {}
    kinds = [f"invoice_{Status.VOID}", f"invoice_{Status.UNCOLLECTIBLE}"]
    events = Event.objects.filter(object_type="invoice", kind__in=kinds, customer=customer).order_by("pk")
    wanted = set(over)
    return {
        int(event.object_id): (customer_today(customer, event.at), str(event.before.get("status", "")))
        for event in events
        if event.object_id in wanted
    }
