"""From a request to a ringing phone: claim, ask the policy again, get room and agent ready, dial once."""

import logging
import time
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from calls import rooms
from calls.breaker import carrier_error_record
from calls.contact_facts import contact_snapshot
from calls.interrupts import recheck_enqueue
from calls.models import Call, ContactDecision, WaitingFor
from calls.pace import Claim, slot_take
from calls.policy import decide
from calls.services import call_note, call_transition, decision_store
from calls.states import Status
from calls.telephony import client
from calls.telephony.client import CarrierError
from invoices.models import Invoice

logger = logging.getLogger(__name__)
SOURCE = "worker"
# How often to look whether the agent has said that it is ready.
LOOK_SECONDS = 0.05


class TryLater(Exception):
    """The carrier takes no call right now; the request is back in `requested`."""


def call_place(*, call_id: UUID) -> None:
    """Dial a requested call, if there is a slot for it now. Does nothing for a call that somebody else has claimed.
    Raises TryLater on a 429."""
    claim = slot_take(call_id=call_id)
    if claim is not Claim.TAKEN:
        logger.info("call %s: %s", call_id, "waits" if claim is Claim.WAITS else "already claimed")
        return
    call = Call.objects.select_related("invoice__customer").get(pk=call_id)
    if _still_allowed(call) is None or not _agent_ready(call):
        return
    # Asked again when everything else is ready: the answer from before the agent came is old.
    clearance = _still_allowed(call)
    if clearance is not None:
        _dial(call, clearance)


def _still_allowed(call: Call) -> ContactDecision | None:
    """The stored decision that allows to dial now; None for a call that it has blocked."""
    invoice = Invoice.objects.select_related("customer").get(pk=call.invoice_id)
    decision = decide(contact_snapshot(invoice=invoice, now=timezone.now(), ignoring=call), call.overrides)
    stored = decision_store(call=call, moment=ContactDecision.Moment.DIAL, decision=decision)
    if decision.allowed:
        return stored
    reason = "; ".join(reason.text for reason in decision.reasons)
    call_transition(call_id=call.pk, to=Status.BLOCKED, source=SOURCE, reason=reason)
    return None


def _agent_ready(call: Call) -> bool:
    """Open the room and wait for the agent, asking for it twice. Without an agent nobody is rung."""
    try:
        if call.agent_ready_at and rooms.agent_in_room(call):
            return True
        Call.objects.filter(pk=call.pk).update(agent_ready_at=None)
        rooms.room_open(call)
        if _agent_comes(call):
            return True
        rooms.agent_dispatch(call)
        if _agent_comes(call):
            return True
        reason = "no agent was free to talk"
    except rooms.RoomError:
        logger.warning("call %s: no room", call.pk, exc_info=True)
        reason = "the audio server did not answer"
    call_transition(call_id=call.pk, to=Status.FAILED, source=SOURCE, reason=f"Not dialled: {reason}.")
    return False


def _agent_comes(call: Call) -> bool:
    deadline = time.monotonic() + settings.AGENT_WAIT_SECONDS / 2
    while time.monotonic() < deadline:
        if Call.objects.filter(pk=call.pk, agent_ready_at__isnull=False).exists():
            return True
        time.sleep(LOOK_SECONDS)
    return False


def _dial(call: Call, clearance: ContactDecision) -> None:
    try:
        placed = client.call_create(call_id=call.pk, to=call.to_number, decision_id=clearance.pk)
    except CarrierError as error:
        _not_dialled(call, error)
        return
    call_note(call_id=call.pk, kind="carrier_accepted", source=SOURCE, carrier_sid=placed.sid)
    call_transition(call_id=call.pk, to=Status.DIALLING, source=SOURCE)
    # What was forbidden between the question and the dial found no ringing phone to put down.
    recheck_enqueue(call.pk)


def _not_dialled(call: Call, error: CarrierError) -> None:
    logger.warning("call %s: carrier error %s", call.pk, error)
    if error.label:
        carrier_error_record(call_id=call.pk, label=error.label, source=SOURCE)
    if error.retryable:
        call_transition(
            call_id=call.pk,
            to=Status.REQUESTED,
            source=SOURCE,
            reason=str(error),
            waiting_for=WaitingFor.CARRIER,
        )
        raise TryLater from error
    if error.rejected:
        call_transition(
            call_id=call.pk,
            to=Status.FAILED,
            source=SOURCE,
            reason=f"The carrier refused the call ({error}).",
        )
        return
    call_transition(call_id=call.pk, to=Status.UNKNOWN, source=SOURCE, reason=str(error))
