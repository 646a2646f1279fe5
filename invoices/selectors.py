"""Reads of the ledger for pages and API. "Overdue" and "part paid" are derived here and stored nowhere."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils import timezone

from invoices.models import Customer, Event, Invoice, PromiseToPay
from invoices.money import amount_text
from invoices.search import invoices_matching

PROMISES_AHEAD = timedelta(days=7)


@dataclass(frozen=True)
class CurrencyTotals:
    """What is owed in one currency. Sums never cross currencies."""

    currency: str
    open_amount: Decimal
    open_count: int
    overdue_amount: Decimal
    overdue_count: int

    @property
    def open_text(self) -> str:
        return amount_text(self.open_amount, self.currency)

    @property
    def overdue_text(self) -> str:
        return amount_text(self.overdue_amount, self.currency)

    @property
    def overdue_percent(self) -> int:
        return int(100 * self.overdue_amount / self.open_amount) if self.open_amount else 0


def overdue(today: date) -> Q:
    return Q(status=Invoice.Status.OPEN, due_date__lt=today)


def part_paid() -> Q:
    return Q(status=Invoice.Status.OPEN, balance__lt=F("total"))


# What staff may filter by: the stored states and the derived ones.
STATES: dict[str, tuple[str, Callable[[date], Q]]] = {
    "overdue": ("Overdue", overdue),
    "open": ("Open", lambda today: Q(status=Invoice.Status.OPEN)),
    "part_paid": ("Part paid", lambda today: part_paid()),
    "paid": ("Paid", lambda today: Q(status=Invoice.Status.PAID)),
    "draft": ("Draft", lambda today: Q(status=Invoice.Status.DRAFT)),
    "void": ("Void", lambda today: Q(status=Invoice.Status.VOID)),
    "uncollectible": ("Uncollectible", lambda today: Q(status=Invoice.Status.UNCOLLECTIBLE)),
}


def invoices_found(*, query: str = "", state: str = "") -> QuerySet[Invoice]:
    """Invoices in `state` (a key of STATES), and of these the ones that `query` finds."""
    found = Invoice.objects.select_related("customer")
    if state in STATES:
        found = found.filter(STATES[state][1](timezone.localdate()))
    return invoices_matching(query, among=found)


def totals_by_currency(*, customer: Customer | None = None) -> list[CurrencyTotals]:
    """Open and overdue balances, one row for each currency that has open invoices."""
    late = Q(due_date__lt=timezone.localdate())
    # Nothing is asked for that the partial index on open invoices has not.
    rows = Invoice.objects.filter(status=Invoice.Status.OPEN)
    if customer is not None:
        rows = rows.filter(customer=customer)
    grouped = rows.values("currency").annotate(
        open_amount=Sum("balance"),
        open_count=Count("*"),
        overdue_amount=Sum("balance", filter=late),
        overdue_count=Count("due_date", filter=late),
    )
    return [
        CurrencyTotals(
            currency=row["currency"],
            open_amount=row["open_amount"],
            open_count=row["open_count"],
            overdue_amount=row["overdue_amount"] or Decimal(0),
            overdue_count=row["overdue_count"],
        )
        for row in grouped.order_by("currency")
    ]


def promises_due() -> QuerySet[PromiseToPay]:
    """Open promises that are late or fall due within a week, the oldest first."""
    until = timezone.localdate() + PROMISES_AHEAD
    return (
        PromiseToPay.objects.filter(status=PromiseToPay.Status.OPEN, due_date__lte=until)
        .select_related("customer")
        .prefetch_related("invoices")
        .order_by("due_date", "id")
    )


@dataclass(frozen=True)
class Settlement:
    """How the total of an invoice became its balance: total - paid - credited - voided = balance."""

    paid: Decimal
    credited: Decimal
    voided: Decimal


def settlement_of(invoice: Invoice) -> Settlement:
    paid = invoice.allocations.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
    credited = invoice.credit_notes.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
    return Settlement(paid, credited, invoice.total - paid - credited - invoice.balance)


def invoice_events(invoice: Invoice) -> QuerySet[Event]:
    """The invoice's own timeline, with what became of its promises and plans, and the holds and notes about it."""
    parts: dict[str, QuerySet[Any]] = {
        "promise": invoice.promises.all(),
        "plan": invoice.plans.all(),
        "hold": invoice.holds.all(),
        "note": invoice.notes.all(),
    }
    about = Q(object_type="invoice", object_id=str(invoice.pk))
    for object_type, rows in parts.items():
        about |= Q(object_type=object_type, object_id__in=[str(row.pk) for row in rows])
    # That a promise was made is an event of the invoice as well.
    twice = Q(object_type="promise", kind="promise_recorded")
    return Event.objects.filter(about).exclude(twice).select_related("actor")


def invoices_of(events: Iterable[Event]) -> dict[str, Invoice]:
    """The invoices to which these events happened, by the id that the events name."""
    named = {int(event.object_id) for event in events if event.object_type == "invoice"}
    return {str(pk): invoice for pk, invoice in Invoice.objects.in_bulk(named).items()}
