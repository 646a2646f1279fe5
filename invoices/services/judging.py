"""Promises and plans as the money judges them: by what was allocated to their invoices since, and when it came in."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from invoices.agreement_selectors import Received, received_by
from invoices.events import event_draft, events_record
from invoices.local_time import customer_today, today_anywhere
from invoices.models import Customer, Event, Invoice, PaymentPlan, PromiseToPay
from invoices.states import PLAN_TRANSITIONS, PROMISE_TRANSITIONS, sources_of

WAITING = (PromiseToPay.Status.OPEN, PaymentPlan.Status.ACTIVE, PaymentPlan.Status.DEFAULTED)


def agreements_judge(
    *, customer: Customer, invoice_ids: Collection[int], source: str, actor: User | None = None
) -> None:
    """Judge again every promise and plan of these invoices. The caller holds the customer's lock."""
    today = customer_today(customer)
    named = Q(customer=customer, invoices__in=invoice_ids)
    promises = PromiseToPay.objects.filter(named).exclude(status=PromiseToPay.Status.CANCELLED).distinct()
    plans = (
        PaymentPlan.objects.filter(named)
        .exclude(status=PaymentPlan.Status.CANCELLED)
        .distinct()
        .prefetch_related("instalments")
    )
    judge(promises=list(promises), plans=list(plans), today=today, source=source, actor=actor)
    _cancel_moot([*promises, *plans], source, actor)


def _cancel_moot(agreements: Iterable[PromiseToPay | PaymentPlan], source: str, actor: User | None) -> None:
    """What is still waited for, though nothing is owed any more (credited, voided, paid otherwise), is no agreement."""
    waiting = [each for each in agreements if each.status in WAITING]
    moot = [each for each in waiting if not each.invoices.filter(status=Invoice.Status.OPEN).exists()]
    moves = [
        agreement_move(each, "cancelled", source=source, actor=actor, reason="Nothing is owed any more.")
        for each in moot
    ]
    events_record([event for event in moves if event is not None])


def judge(
    *,
    promises: Sequence[PromiseToPay] = (),
    plans: Sequence[PaymentPlan] = (),
    today: date,
    source: str,
    actor: User | None = None,
) -> int:
    """Bring these to the state that the money says on `today`; the number of those that changed."""
    events: list[Event] = []
    for promise, received in received_by(promises):
        _change(promise, promise_state(promise, received, today), events, source, actor)
    for plan, received in received_by(plans):
        _change(plan, plan_state(plan, received, today), events, source, actor)
    events_record(events)
    return len(events)


def promise_state(promise: PromiseToPay, received: Received, today: date) -> str:
    """Kept once the whole came in time; while there is time, open; then partially kept or broken."""
    in_time = sum((amount for day, amount in received if day <= promise.due_date), Decimal(0))
    if in_time >= promise.amount:
        return PromiseToPay.Status.KEPT
    if today <= promise.due_date:
        return PromiseToPay.Status.OPEN
    return PromiseToPay.Status.PARTIALLY_KEPT if in_time > 0 else PromiseToPay.Status.BROKEN


def plan_state(plan: PaymentPlan, received: Received, today: date) -> str:
    """Completed once all has come; in default while less has come than was due until yesterday."""
    so_far = sum((amount for _, amount in received), Decimal(0))
    if so_far >= plan.total:
        return PaymentPlan.Status.COMPLETED
    due = sum((part.amount for part in plan.instalments.all() if part.due_date < today), Decimal(0))
    return PaymentPlan.Status.ACTIVE if so_far >= due else PaymentPlan.Status.DEFAULTED


def _change(
    agreement: PromiseToPay | PaymentPlan, to: str, events: list[Event], source: str, actor: User | None
) -> None:
    if agreement.status == to:
        return
    event = agreement_move(agreement, to, source=source, actor=actor)
    if event is not None:
        events.append(event)


def agreement_move(
    agreement: PromiseToPay | PaymentPlan, to: str, *, source: str, actor: User | None, reason: str = ""
) -> Event | None:
    """Move it to `to` where its table allows; the unsaved event, or None where it had moved meanwhile."""
    promise = isinstance(agreement, PromiseToPay)
    table = PROMISE_TRANSITIONS if promise else PLAN_TRANSITIONS
    rows = type(agreement)._default_manager.filter(pk=agreement.pk, status=agreement.status)
    if agreement.status not in sources_of(table, to) or not rows.update(status=to):
        return None
    before, agreement.status = agreement.status, to
    name = "promise" if promise else "plan"
    return event_draft(
        object_type=name,
        object_id=agreement.pk,
        kind=f"{name}_{to}",
        source=source,
        actor=actor,
        customer_id=agreement.customer_id,
        before={"status": before},
        after={"status": to},
        reason=reason,
    )


def agreements_judge_due(*, source: str) -> int:
    """Judge what time alone has decided: open promises past their day, plans with instalments past theirs.

    One customer at a time, each in a transaction of its own; the number of agreements that changed.
    """
    past = today_anywhere()
    promises = Q(promises__status=PromiseToPay.Status.OPEN, promises__due_date__lt=past)
    plans = Q(plans__status=PaymentPlan.Status.ACTIVE, plans__instalments__due_date__lt=past)
    due = Customer.objects.filter(promises | plans).order_by("pk").values_list("pk", flat=True).distinct()
    return sum(_judge_due_of(customer_id, source) for customer_id in due)


@transaction.atomic
def _judge_due_of(customer_id: int, source: str) -> int:
    customer = Customer.objects.select_for_update().get(pk=customer_id)
    return judge(
        promises=list(customer.promises.filter(status=PromiseToPay.Status.OPEN)),
        plans=list(customer.plans.filter(status=PaymentPlan.Status.ACTIVE).prefetch_related("instalments")),
        today=customer_today(customer),
        source=source,
    )
