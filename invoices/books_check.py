"""Whether the stored balances are what the documents and postings say: the daily check of the books."""

from collections.abc import Iterator
from decimal import Decimal

from django.db.models import Case, DecimalField, F, OuterRef, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from invoices.models import Allocation, CreditNote, Invoice, Payment, Refund
from invoices.money import amount_exact

MONEY = DecimalField(max_digits=15, decimal_places=4)


def balances_wrong() -> Iterator[str]:
    """One line for each invoice and payment whose column differs from its derivation."""
    for key, currency, stored, sums in (
        _invoices().values_list("pk", "currency", "balance", "derived").iterator()
    ):
        if stored != (derived := amount_exact(sums, currency)):
            yield f"invoice {key}: balance {stored}, derived {derived}"
    for key, currency, stored, sums in (
        _payments().values_list("pk", "currency", "unallocated", "derived").iterator()
    ):
        if stored != (derived := amount_exact(sums, currency)):
            yield f"payment {key}: unallocated {stored}, derived {derived}"


def _invoices() -> QuerySet:
    owed = F("total") - _sum(CreditNote.objects.all(), "invoice") - _sum(Allocation.objects.all(), "invoice")
    derived = Case(When(status=Invoice.Status.VOID, then=Value(Decimal(0))), default=owed, output_field=MONEY)
    return Invoice.objects.annotate(derived=derived)


def _payments() -> QuerySet:
    left = F("amount") - _sum(Allocation.objects.all(), "payment") - _sum(Refund.objects.all(), "payment")
    cleared = When(status=Payment.Status.CLEARED, then=left)
    derived = Case(cleared, default=Value(Decimal(0)), output_field=MONEY)
    return Payment.objects.annotate(derived=derived)


def _sum(rows: QuerySet, name: str) -> Coalesce:
    """The sum of `amount` over the rows that belong to the outer one by their column `name`."""
    own = rows.filter(**{name: OuterRef("pk")}).order_by().values(name)
    return Coalesce(
        Subquery(own.annotate(sum=Sum("amount")).values("sum")), Value(Decimal(0)), output_field=MONEY
    )
