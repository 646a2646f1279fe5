"""What a call writes into the books: ledger, consents, holds, wishes, contact points. The only door to their services.

A test call rings a colleague, whose “yes” is nobody's promise: each function takes the call first, under lock, and
writes nothing for it. What the conversation came to stays on the call itself, where the caller of these writes it.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.core.exceptions import ValidationError

from calls.models import Call
from invoices.events import event_draft, events_record
from invoices.local_time import customer_today
from invoices.models import (
    Channel,
    Consent,
    ContactPoint,
    Dispute,
    Invoice,
    PaymentPlan,
    PromiseToPay,
    Wish,
)
from invoices.party_selectors import wishes_standing
from invoices.services.contact_points import contact_point_mark_wrong
from invoices.services.contact_rules import consent_record, hold_set, note_add, wish_record, wish_withdraw
from invoices.services.disputes import dispute_open, dispute_withdraw
from invoices.services.plans import Part, plan_cancel, plan_create
from invoices.services.promises import promise_cancel, promise_record

SOURCE = "agent"
# The purpose of the consent to one call that the customer asked for.
CALLBACK_PURPOSE = "callback"
REPLACED = "Replaced in the same call."
P = ParamSpec("P")


def _spares_tests(write: Callable[Concatenate[Call, P], None]) -> Callable[Concatenate[Call, P], None]:
    @wraps(write)
    def unless_test(call: Call, /, *args: P.args, **kwargs: P.kwargs) -> None:
        if not call.is_test:
            write(call, *args, **kwargs)

    return unless_test


@_spares_tests
def promise_write(call: Call, invoice_ids: Sequence[int], amount: Decimal, due_date: date) -> None:
    """One promise, in the place of what this call agreed before. Raises ValidationError."""
    _cancel(call, REPLACED)
    promise_record(
        invoices=_invoices(invoice_ids),
        amount=amount,
        due_date=due_date,
        today=customer_today(call.customer),
        source=SOURCE,
        source_call_id=call.pk,
    )


@_spares_tests
def plan_write(call: Call, invoice_ids: Sequence[int], parts: Sequence[tuple[date, Decimal]]) -> None:
    """One plan, in the place of what this call agreed before. Raises ValidationError."""
    _cancel(call, REPLACED)
    plan_create(
        invoices=_invoices(invoice_ids),
        parts=[Part(due_date=day, amount=amount) for day, amount in parts],
        today=customer_today(call.customer),
        source=SOURCE,
        source_call_id=call.pk,
    )


@_spares_tests
def agreement_cancel(call: Call, *, reason: str) -> None:
    """End the promise or plan that this call made."""
    _cancel(call, reason)


@_spares_tests
def claim_write(call: Call, invoice_ids: Sequence[int], details: dict[str, Any]) -> None:
    """On the timeline of each invoice: it is said to be paid. No balance changes."""
    events_record(
        [
            event_draft(
                object_type="invoice",
                object_id=pk,
                kind="payment_claimed",
                source=SOURCE,
                customer_id=call.customer_id,
                after={**details, "call": str(call.pk)},
            )
            for pk in invoice_ids
        ]
    )


@_spares_tests
def dispute_write(call: Call, invoice_id: int, amount: Decimal | None, reason: str, words: str) -> None:
    """One dispute of `amount`, or of all that is left, in the place of this call's earlier one about the invoice.

    Raises ValidationError.
    """
    earlier = Dispute.objects.filter(
        invoice=invoice_id, source_call_id=call.pk, status=Dispute.Status.OPEN
    ).first()
    if earlier is not None:
        dispute_withdraw(dispute=earlier, resolution=REPLACED, source=SOURCE)
    dispute_open(
        invoice=Invoice.objects.get(pk=invoice_id),
        reason=reason,
        amount=amount,
        description=words[:1000],
        evidence="Said in a call.",
        source_call_id=call.pk,
        source=SOURCE,
    )


@_spares_tests
def hold_write(call: Call, kind: str, evidence: str) -> None:
    """A hold on all that the customer owes, until staff lift it."""
    hold_set(
        customer=call.customer, kind=kind, evidence=evidence[:500], source_call_id=call.pk, source=SOURCE
    )


@_spares_tests
def wish_write(call: Call, /, kind: str, said: str, **what: Any) -> None:
    """What the customer asked for about being contacted, in the fields of its kind."""
    wish_record(
        customer=call.customer, kind=kind, said=said[:300], source_call_id=call.pk, source=SOURCE, **what
    )


@_spares_tests
def consent_write(
    call: Call,
    act: str,
    channel: str,
    evidence: str,
    *,
    contact_point: ContactPoint | None = None,
    basis: str = Consent.Basis.ORAL,
    source: str = SOURCE,
) -> None:
    """Consent given or revoked in the call, for one number or address or for all of the channel."""
    consent_record(
        customer=call.customer,
        contact_point=contact_point,
        channel=channel,
        act=act,
        basis=basis,
        evidence=evidence,
        source_call_id=call.pk,
        source=source,
    )


@_spares_tests
def callback_write(call: Call, at: datetime, *, said: str) -> None:
    """Not before that moment, and the consent to be rung then; earlier moments that were asked for are withdrawn."""
    for wish in wishes_standing(call.customer).filter(kind=Wish.Kind.NOT_BEFORE):
        wish_withdraw(wish=wish, reason="A later word on when to call.", source=SOURCE)
    wish_record(
        customer=call.customer,
        kind=Wish.Kind.NOT_BEFORE,
        said=said,
        not_before=at,
        source_call_id=call.pk,
        source=SOURCE,
    )
    consent_record(
        customer=call.customer,
        channel=Channel.VOICE,
        act=Consent.Act.GIVEN,
        basis=Consent.Basis.ORAL,
        purpose=CALLBACK_PURPOSE,
        evidence=said,
        source_call_id=call.pk,
        source=SOURCE,
    )


@_spares_tests
def complaint_write(call: Call, words: str) -> None:
    """A note on the customer's page."""
    note_add(customer=call.customer, text=f"Complaint in a call: {words}", source=SOURCE)


@_spares_tests
def number_mark_wrong(call: Call, *, source: str) -> None:
    """The number that was rung is somebody else's."""
    rung = call.customer.contact_points.filter(
        kind=ContactPoint.Kind.PHONE, value=call.to_number, wrong_at=None
    )
    for point in rung:
        contact_point_mark_wrong(contact_point=point, source=source)


def _cancel(call: Call, reason: str) -> None:
    """Raises ValidationError where the money has judged it in the meantime: what was kept is not taken back."""
    for promise in PromiseToPay.objects.filter(source_call_id=call.pk, status=PromiseToPay.Status.OPEN):
        promise_cancel(promise=promise, reason=reason, source=SOURCE)
    running = [PaymentPlan.Status.ACTIVE, PaymentPlan.Status.DEFAULTED]
    for plan in PaymentPlan.objects.filter(source_call_id=call.pk, status__in=running):
        plan_cancel(plan=plan, reason=reason, source=SOURCE)
    for made in (PromiseToPay, PaymentPlan):
        if made._default_manager.filter(source_call_id=call.pk).exclude(status="cancelled").exists():
            raise ValidationError("What this call has agreed is kept already.")


def _invoices(ids: Sequence[int]) -> list[Invoice]:
    return list(Invoice.objects.select_related("customer").filter(pk__in=ids))
