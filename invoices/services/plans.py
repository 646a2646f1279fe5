"""Payment plans: instalments agreed for open invoices. Whether they are kept is judged by the money (`judging`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from invoices.events import event_record, events_record
from invoices.fields import amount_at, date_at, text_at
from invoices.local_time import customer_today
from invoices.models import Instalment, Invoice, PaymentPlan
from invoices.services.idempotency import digest_of, once
from invoices.services.judging import agreement_move
from invoices.services.posting import books_open
from invoices.services.promises import newest_allocation, one_customer, open_invoices

Status = PaymentPlan.Status
MOST_INSTALMENTS = 120
LONGEST = timedelta(days=3660)


@dataclass(frozen=True)
class Part:
    """One instalment as it is asked for."""

    due_date: date
    amount: Decimal | str


@transaction.atomic
def plan_create(
    *,
    invoices: Sequence[Invoice],
    parts: Sequence[Part],
    today: date | None = None,
    source_call_id: UUID | None = None,
    idempotency_key: str = "",
    source: str,
    actor: User | None = None,
) -> PaymentPlan:
    """Agree on instalments for one customer's open invoices of one currency. A call makes one plan.

    Raises ValidationError keyed by field where the parts pass what is owed, are not in the order of their days, or an
    invoice is in another plan that runs; KeyReused.
    """
    customer, currency = one_customer(invoices)
    day = today or customer_today(customer)
    clean = _parts(parts, currency, latest=day + LONGEST)
    total = sum((amount for _, amount in clean), Decimal(0))
    books = books_open(customer_id=customer.pk, source=source, actor=actor)
    if source_call_id is not None:
        standing = PaymentPlan.objects.exclude(status=Status.CANCELLED)
        if (made := standing.filter(source_call_id=source_call_id).first()) is not None:
            return made

    def make() -> PaymentPlan:
        date_at("instalments", clean[0][0], earliest=day)
        named = _without_plan(open_invoices(books, invoices), total)
        plan = PaymentPlan.objects.create(
            customer=customer,
            currency=currency,
            total=total,
            source_call_id=source_call_id,
            baseline_allocation_id=newest_allocation(customer),
            idempotency_key=idempotency_key or None,
            idempotency_digest=digest,
        )
        plan.invoices.set(named)
        Instalment.objects.bulk_create(
            Instalment(plan=plan, position=position, due_date=day, amount=amount)
            for position, (day, amount) in enumerate(clean, start=1)
        )
        event_record(
            object_type="plan",
            object_id=plan.pk,
            kind="plan_created",
            source=source,
            actor=actor,
            customer_id=customer.pk,
            after={
                "total": str(total),
                "currency": currency,
                "instalments": len(clean),
                "invoices": [invoice.pk for invoice in named],
            },
        )
        return plan

    digest = digest_of(invoices=sorted(each.pk for each in invoices), parts=clean)
    return once(PaymentPlan, key=idempotency_key, digest=digest, make=make)


def _without_plan(invoices: list[Invoice], total: Decimal) -> list[Invoice]:
    """The invoices, if a plan of `total` can be made for them."""
    if total > sum((invoice.balance for invoice in invoices), Decimal(0)):
        raise ValidationError({"instalments": "They come to more than is owed."})
    running = PaymentPlan.objects.filter(status__in=[Status.ACTIVE, Status.DEFAULTED])
    if running.filter(invoices__in=invoices).exists():
        raise ValidationError({"invoices": "There is a plan for these already; cancel it first."})
    return invoices


def _parts(parts: Sequence[Part], currency: str, *, latest: date) -> list[tuple[date, Decimal]]:
    if not 2 <= len(parts) <= MOST_INSTALMENTS:
        raise ValidationError({"instalments": f"A plan has from 2 to {MOST_INSTALMENTS} instalments."})
    clean = [
        (
            date_at("instalments", part.due_date, latest=latest),
            amount_at("instalments", part.amount, currency=currency),
        )
        for part in parts
    ]
    if any(later <= earlier for (earlier, _), (later, _) in pairwise(clean)):
        raise ValidationError({"instalments": "Each falls due after the one before."})
    return clean


@transaction.atomic
def plan_cancel(*, plan: PaymentPlan, reason: str, source: str, actor: User | None = None) -> PaymentPlan:
    """End a plan that runs or is in default. Raises ValidationError for any other."""
    why = text_at("reason", reason, longest=300, required=True)
    books_open(customer_id=plan.customer_id, source=source, actor=actor)
    standing = PaymentPlan.objects.get(pk=plan.pk)
    event = agreement_move(standing, Status.CANCELLED, source=source, actor=actor, reason=why)
    if event is None:
        raise ValidationError({"plan": "This plan does not run any more."})
    events_record([event])
    return standing
