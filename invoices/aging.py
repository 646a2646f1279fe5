"""How old what is owed is, by due date, and what customers have paid ahead. Sums never cross currencies."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from django.db.models import Q, Sum

from invoices.models import Customer, Invoice
from invoices.money import amount_text

# The last day late of each bucket but the oldest.
BOUNDS = (0, 30, 60, 90)
NAMES = ("Current", "1–30 days", "31–60 days", "61–90 days", "Over 90 days")


@dataclass(frozen=True)
class AgingRow:
    """What is owed on open invoices of one currency, net of payments and credits, by days past the due date."""

    currency: str
    current: Decimal
    days_1_30: Decimal
    days_31_60: Decimal
    days_61_90: Decimal
    over_90: Decimal

    @property
    def buckets(self) -> tuple[Decimal, ...]:
        """In the order of NAMES."""
        return (self.current, self.days_1_30, self.days_31_60, self.days_61_90, self.over_90)

    @property
    def total(self) -> Decimal:
        return sum(self.buckets, Decimal(0))

    @property
    def cells(self) -> list[tuple[str, str]]:
        """(name, money) of each bucket, and the total."""
        texts = [amount_text(amount, self.currency) for amount in (*self.buckets, self.total)]
        return list(zip((*NAMES, "Total"), texts, strict=True))


def aging(today: date, customer: Customer | None = None) -> list[AgingRow]:
    """One row for each currency with open invoices, of everybody or of one customer. What is due today is current."""
    # Everything asked for is in the partial index on open invoices.
    rows = Invoice.objects.filter(status=Invoice.Status.OPEN)
    if customer is not None:
        rows = rows.filter(customer=customer)
    sums = {f"bucket_{place}": Sum("balance", filter=when) for place, when in enumerate(_buckets(today))}
    grouped = rows.values("currency").annotate(**sums).order_by("currency").values_list("currency", *sums)
    return [AgingRow(currency, *(each or Decimal(0) for each in owed)) for currency, *owed in grouped]


def _buckets(today: date) -> Iterator[Q]:
    oldest = [today - timedelta(days=late) for late in BOUNDS]
    yield Q(due_date__gte=oldest[0])
    for newer, older in pairwise(oldest):
        yield Q(due_date__lt=newer, due_date__gte=older)
    yield Q(due_date__lt=oldest[-1])


def customer_credit(customer: Customer) -> list[tuple[str, Decimal]]:
    """(currency, amount) of what the customer has paid and no invoice has taken yet; nothing where there is none."""
    rows = customer.payments.filter(unallocated__gt=0).values("currency").annotate(credit=Sum("unallocated"))
    return [(row["currency"], row["credit"]) for row in rows.order_by("currency")]
