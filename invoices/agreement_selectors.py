"""Reads of promises and plans: what has come in for them, by which they are judged."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeVar

from django.db.models import F, Q, Sum

from invoices.models import Allocation, PaymentPlan, PromiseToPay

# (received_on, amount) of each payment, as far as it counts.
Received = list[tuple[date, Decimal]]
Agreement = TypeVar("Agreement", PromiseToPay, PaymentPlan)


def received_for(agreement: PromiseToPay | PaymentPlan) -> Received:
    """What has come in for one promise or plan, by day."""
    if isinstance(agreement, PromiseToPay):
        return next(received for _, received in received_by([agreement]))
    return next(received for _, received in received_by([agreement]))


def received_by(agreements: Sequence[Agreement]) -> Iterable[tuple[Agreement, Received]]:
    """Each of them, all promises or all plans, with what has come in for it."""
    if not agreements:
        return []
    found: dict[int, Received] = defaultdict(list)
    many = f"invoice__{'promises' if isinstance(agreements[0], PromiseToPay) else 'plans'}"
    rows = (
        Allocation.objects.filter(
            Q(**{f"{many}__in": agreements}), Q(pk__gt=F(f"{many}__baseline_allocation_id"))
        )
        .values(many, "payment_id", "payment__received_on")
        .annotate(amount=Sum("amount"))
    )
    for row in rows:
        # What was taken off again of money that came before the agreement does not count against it.
        if row["amount"] > 0:
            found[row[many]].append((row["payment__received_on"], row["amount"]))
    return [(agreement, found[agreement.pk]) for agreement in agreements]
