"""What was allowed when it was asked for may be forbidden while it rings: then the phone is put down.

News of the ledger and of the house's rules comes by subscription. It is looked into by a task, so that nobody waits for
the carrier; what is only requested or being placed is stopped by the question that comes just before dialling, and what
this misses by the one when the phone is answered.
"""

import logging
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils import timezone

from calls.contact_facts import contact_snapshot
from calls.models import Call, ContactDecision, Disposition
from calls.policy import decide
from calls.services import call_conclude, call_transition, decision_store
from calls.states import Status
from calls.telephony import client
from invoices.fields import text_at
from invoices.models import Event, Invoice

logger = logging.getLogger(__name__)
SOURCE = "policy"

AT_THE_PHONE = (Status.DIALLING, Status.RINGING)
WAITING: frozenset[str] = frozenset({Status.REQUESTED})
BEING_DIALLED = (Status.PLACING, Status.UNKNOWN, Status.DIALLING)
NOT_TO_CANCEL = {
    True: "It is being dialled this very moment. Ask again in some seconds.",
    False: "It was answered, or it has ended.",
}
# Whatever is said about these may forbid to contact the customer.
OF_THE_CUSTOMER = frozenset({"customer", "consent", "hold", "wish", "contact_point", "contact", "dispute"})
OF_THE_LEDGER = frozenset(
    {"invoice_paid", "invoice_void", "invoice_uncollectible", "credited", "payment_announced"}
)
# A call that was answered or has ended may have spent the day's budget.
OF_EVERYBODY = frozenset({"kill_switch_on", "house_rules_changed", "call_in_progress", "call_completed"})


def look_again(event: Event) -> None:
    """After an event that may forbid it: have every call that rings the customer, or anybody, asked about again."""
    ringing = Call.objects.filter(status__in=AT_THE_PHONE)
    if event.kind not in OF_EVERYBODY:
        told = event.object_type in OF_THE_CUSTOMER or event.kind in OF_THE_LEDGER
        if not told or event.customer_id is None:
            return
        ringing = ringing.filter(customer_id=event.customer_id)
    for call_id in ringing.values_list("pk", flat=True):
        recheck_enqueue(call_id)


def recheck_enqueue(call_id: UUID) -> None:
    """Have a call asked about again, by a task that comes back when the carrier is away."""
    from calls.tasks import recheck_call

    try:
        recheck_call.delay(str(call_id))
    except Exception:
        logger.exception("call %s: the queue is away", call_id)


def call_recheck(*, call_id: UUID) -> bool:
    """Ask again about a call that rings; put the phone down if it is forbidden by now. True if it was put down."""
    call = (
        Call.objects.select_related("invoice__customer").filter(pk=call_id, status__in=AT_THE_PHONE).first()
    )
    if call is None or call.carrier_sid is None:
        return False
    decision = decide(
        contact_snapshot(invoice=call.invoice, now=timezone.now(), ignoring=call), call.overrides
    )
    if decision.allowed:
        return False
    decision_store(call=call, moment=ContactDecision.Moment.RINGING, decision=decision)
    _hang_up(call.carrier_sid)
    return call_transition(
        call_id=call.pk,
        to=Status.CANCELED,
        source=SOURCE,
        reason="; ".join(reason.text for reason in decision.reasons),
        disposition=Disposition.BLOCKED_BY_POLICY,
    )


def answer_allowed(call: Call) -> bool:
    """Ask once more when the phone is answered, and keep the answer: a call may have waited in the carrier's queue
    into a forbidden hour. A forbidden one is concluded; the caller apologises and hangs up."""
    invoice = Invoice.objects.select_related("customer").get(pk=call.invoice_id)
    decision = decide(contact_snapshot(invoice=invoice, now=timezone.now(), ignoring=call), call.overrides)
    decision_store(call=call, moment=ContactDecision.Moment.ANSWER, decision=decision)
    if not decision.allowed:
        call_conclude(
            call_id=call.pk,
            disposition=Disposition.BLOCKED_BY_POLICY,
            source=SOURCE,
            reason="; ".join(reason.text for reason in decision.reasons),
        )
    return decision.allowed


def call_cancel(*, call_id: UUID, reason: str, source: str, actor: User | None = None) -> Call:
    """Take back a request, or put a phone down that rings. A call that was cancelled already is answered as it is.

    Raises ValidationError where it is being dialled this very moment, was answered, or has ended; CarrierError when the
    carrier can't be asked.
    """
    why = text_at("reason", reason, longest=200, required=True)
    call = Call.objects.get(pk=call_id)
    cancelled = call.status == Status.CANCELED or call_transition(
        call_id=call_id,
        to=Status.CANCELED,
        source=source,
        actor=actor,
        reason=why,
        only_if={"status__in": sorted(WAITING)},
    )
    call.refresh_from_db()
    if not cancelled and call.status in AT_THE_PHONE and call.carrier_sid is not None:
        cancelled = _cancelled_at_carrier(call.carrier_sid) and call_transition(
            call_id=call_id,
            to=Status.CANCELED,
            source=source,
            actor=actor,
            reason=why,
            only_if={"status__in": sorted(AT_THE_PHONE)},
        )
        call.refresh_from_db()
    if not cancelled and call.status != Status.CANCELED:
        raise ValidationError({"call": NOT_TO_CANCEL[call.status in BEING_DIALLED]})
    return call


def _cancelled_at_carrier(sid: str) -> bool:
    """Cancel what waits or rings. False for what was answered: a conversation is not cut off."""
    try:
        client.call_hang_up(sid=sid, answered=False)
    except client.CarrierError as error:
        if not error.rejected:
            raise
        return False
    return True


def _hang_up(sid: str) -> None:
    """Cancel what rings; what was answered in that moment is completed. Raises CarrierError, for the task to repeat."""
    try:
        client.call_hang_up(sid=sid, answered=False)
    except client.CarrierError as error:
        if not error.rejected:
            raise
        client.call_hang_up(sid=sid, answered=True)
