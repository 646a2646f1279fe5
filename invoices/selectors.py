"""Reads of the ledger for pages and API. "Overdue" and "part paid" are derived here and stored nowhere."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils import timezone

from invoices.models import Customer, Event, Invoice, PromiseToPay
from invoices.money import amount_text

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
    """Invoices whose number, description or customer holds `query`, in `state` (a key of STATES)."""
    found = Invoice.objects.select_related("customer")
    if query:
        found = found.filter(
            Q(number__icontains=query)
            | Q(description__icontains=query)
            | Q(customer__name__icontains=query)
            | Q(customer__number__icontains=query)
        )
    if state in STATES:
        found = found.filter(STATES[state][1](timezone.localdate()))
    return found


def totals_by_currency(*, customer: Customer | None = None) -> list[CurrencyTotals]:
    """Open and overdue balances, one row for each currency that has open invoices."""
    late = Q(due_date__lt=timezone.localdate())
    rows = Invoice.objects.filter(status=Invoice.Status.OPEN)
    if customer is not None:
        rows = rows.filter(customer=customer)
    grouped = rows.values("currency").annotate(
        open_amount=Sum("balance"),
        open_count=Count("id"),
        overdue_amount=Sum("balance", filter=late),
        overdue_count=Count("id", filter=late),
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
        .select_related("invoice__customer")
        .order_by("due_date", "id")
    )


def invoice_events(invoice: Invoice) -> QuerySet[Event]:
    return Event.objects.filter(object_type="invoice", object_id=str(invoice.pk)).select_related("actor")
