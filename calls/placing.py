"""From a request to a ringing phone: claim, ask the policy again, get room and agent ready, dial once.

A worker that stood still may wake up when its call was given to another, or closed. So every step of it holds only
under its own claim, and the last one before the carrier is asked is written down first: `dial_claim`.
"""

import logging
import time
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from calls import rooms
from calls.announcement.modes import announcement_stands_in, announces_always
from calls.breaker import carrier_error_record
from calls.contact_facts import contact_snapshot
from calls.house import models_budget_spent
from calls.interrupts import recheck_enqueue
from calls.models import Call, ContactDecision, Disposition, WaitingFor
from calls.pace import Slot, slot_take
from calls.policy import decide
from calls.services import call_note, call_transition, decision_store
from calls.states import LIVE, Status
from calls.telephony import client
from calls.telephony.client import CarrierError
from invoices.events import event_record
from invoices.models import Invoice

logger = logging.getLogger(__name__)
SOURCE = "worker"
# How often to look whether the agent has said that it is ready.
LOOK_SECONDS = 0.05


class TryLater(Exception):
    """The carrier takes no call right now; the request is back in `requested`."""


def call_place(*, call_id: UUID) -> None:
    """Dial a requested call, if there is a slot for it now. Does nothing for one that somebody else has claimed, or
    that the sweep is about to close for its age. Raises TryLater on a 429."""
    claim = uuid4()
    young = {"requested_at__gt": timezone.now() - timedelta(seconds=settings.REQUESTED_AT_MOST_SECONDS)}
    slot = slot_take(call_id=call_id, only_if=young, claim=claim)
    if slot is not Slot.TAKEN:
        logger.info("call %s: %s", call_id, "waits" if slot is Slot.WAITS else "already claimed")
        return
    call = Call.objects.select_related("invoice__customer").get(pk=call_id)
    call.claim = claim
    if _still_allowed(call) is None or not (announces_always() or _agent_ready(call)):
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
    call_transition(
        call_id=call.pk, to=Status.BLOCKED, source=SOURCE, reason=reason, only_if=_undialled(call)
    )
    return None


def _agent_ready(call: Call) -> bool:
    """Open the room and wait for the agent, asking for it twice.

    Without one the announcement will speak; where the house does not want that, nobody is rung.
    """
    if models_budget_spent(timezone.now()):
        return _without_agent(call, "today's budget for the voice models is spent")
    try:
        if call.agent_ready_at and rooms.agent_in_room(call):
            return True
        if not Call.objects.filter(pk=call.pk, **_undialled(call)).update(agent_ready_at=None):
            return _taken_away(call)
        rooms.room_open(call)
        if _agent_comes(call):
            return True
        if not Call.objects.filter(pk=call.pk, **_undialled(call)).exists():
            # Another agent in the room of whoever has the call now would talk over the first.
            return _taken_away(call)
        rooms.agent_dispatch(call)
        if _agent_comes(call):
            return True
        reason = "no agent was free to talk"
    except rooms.RoomError:
        logger.warning("call %s: no room", call.pk, exc_info=True)
        reason = "the audio server did not answer"
    return _without_agent(call, reason)


def _without_agent(call: Call, reason: str) -> bool:
    """Whether the call is dialled all the same, for the announcement to speak."""
    if announcement_stands_in():
        logger.warning("call %s: announced, for %s", call.pk, reason)
        return True
    failed = call_transition(
        call_id=call.pk,
        to=Status.FAILED,
        source=SOURCE,
        reason=f"Not dialled: {reason}.",
        only_if=_undialled(call),
    )
    return False if failed else _taken_away(call)


def _taken_away(call: Call) -> Literal[False]:
    """The sweep has taken this worker for dead."""
    logger.warning("call %s: not dialled, it is no longer this worker's", call.pk)
    return False


def _undialled(call: Call) -> dict[str, Any]:
    """That the call is still the one that this worker has claimed, and not dialled."""
    return {"status": Status.PLACING, "claim": call.claim, "dial_asked_at": None}


def _agent_comes(call: Call) -> bool:
    deadline = time.monotonic() + settings.AGENT_WAIT_SECONDS / 2
    while time.monotonic() < deadline:
        if Call.objects.filter(pk=call.pk, agent_ready_at__isnull=False, **_undialled(call)).exists():
            return True
        time.sleep(LOOK_SECONDS)
    return False


@transaction.atomic(durable=True)
def dial_claim(call: Call) -> bool:
    """Write down that the carrier is about to be asked; committed when this returns. False: it must not be asked.

    Nobody dials without it, and a call that has it is never claimed again, whatever becomes of this worker.
    """
    rows = Call.objects.filter(pk=call.pk, **_undialled(call))
    if not rows.update(dial_asked_at=timezone.now()):
        return False
    event_record(object_type="call", object_id=call.pk, kind="dial_asked", source=SOURCE)
    return True


def _dial(call: Call, clearance: ContactDecision) -> None:
    if not dial_claim(call):
        _taken_away(call)
        return
    try:
        placed = client.call_create(call_id=call.pk, to=call.to_number, decision_id=clearance.pk)
    except CarrierError as error:
        _not_dialled(call, error)
        return
    call_note(call_id=call.pk, kind="carrier_accepted", source=SOURCE, carrier_sid=placed.sid)
    if not call_transition(call_id=call.pk, to=Status.DIALLING, source=SOURCE):
        _put_down_if_closed(call.pk, placed.sid)
    # What was forbidden between the question and the dial found no ringing phone to put down.
    recheck_enqueue(call.pk)


def _put_down_if_closed(call_id: UUID, sid: str) -> None:
    """Given up for lost while the carrier was slow to answer: nobody is to answer for it any more."""
    if Call.objects.filter(pk=call_id, status__in=sorted(LIVE)).exists():
        return
    try:
        client.call_hang_up(sid=sid, answered=False)
    except CarrierError as error:
        # Over at the carrier as well, which is how most of these came to be closed; else the answer is hung up.
        logger.info("call %s: closed already, and not put down: %s", call_id, error)


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
            claim=None,
            dial_asked_at=None,
            waiting_for=WaitingFor.CARRIER,
        )
        raise TryLater from error
    if error.rejected:
        no_such_number = error.code in client.NO_SUCH_NUMBER
        call_transition(
            call_id=call.pk,
            to=Status.FAILED,
            source=SOURCE,
            reason=f"The carrier refused the call ({error}).",
            disposition=Disposition.INVALID_NUMBER if no_such_number else Disposition.FAILED,
        )
        return
    call_transition(call_id=call.pk, to=Status.UNKNOWN, source=SOURCE, reason=str(error))
