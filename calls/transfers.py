"""A human, please: the person on the line is connected to a colleague, or somebody rings back.

While a colleague's phone rings the call belongs to the carrier; its outcome is what became of that second leg.
"""

import logging
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from calls.announcement.prompt import Prompt
from calls.house import house_rules
from calls.models import Call, Disposition
from calls.outcomes import OUTCOMES
from calls.services import call_conclude, call_note
from calls.states import Status
from calls.telephony import client, twiml
from invoices.events import event_record
from invoices.models import Event

logger = logging.getLogger(__name__)
SOURCE = "agent"
CALL_BACK = "A colleague is to ring back."
CONNECTING = "One moment, please. We are connecting you to a colleague."
NOBODY_FREE = (
    "We are sorry, no colleague is free just now. A colleague will call you back. Thank you. Goodbye."
)


def transfer_open(now: datetime) -> bool:
    """Whether a colleague can be reached: a number is set, and it is within their hours."""
    rules = house_rules()
    local = now.astimezone(ZoneInfo(rules.transfer_zone)).time()
    return bool(rules.transfer_number) and rules.transfer_from <= local < rules.transfer_until


def transfer_possible(*, call_id: UUID) -> bool:
    """Whether a colleague could be rung for this call now."""
    known = Call.objects.filter(pk=call_id, status=Status.IN_PROGRESS, carrier_sid__isnull=False)
    return transfer_open(timezone.now()) and known.exists()


def call_transfer(*, call_id: UUID) -> bool:
    """Take the call away from the agent and have the carrier ring a colleague. False: somebody is to ring back instead,
    which has been written down, and the agent says so and ends the call as `callback`."""
    call = Call.objects.get(pk=call_id)
    if call.carrier_sid is None or not transfer_begin(call_id=call_id):
        callback_wanted(call_id=call_id)
        return False
    try:
        client.call_redirect(sid=call.carrier_sid, twiml=twiml.announcement(call, connecting()))
    except client.CarrierError as error:
        logger.warning("call %s: not transferred, carrier error %s", call_id, error)
        Call.objects.filter(pk=call_id).update(transfer_started_at=None)
        callback_wanted(call_id=call_id)
        return False
    return True


def transfer_begin(*, call_id: UUID) -> bool:
    """Mark that a colleague is being rung. False when none can be reached now, or one was rung already."""
    if not transfer_open(timezone.now()):
        return False
    if not Call.objects.filter(pk=call_id, status=Status.IN_PROGRESS, disposition="").exists():
        return False
    return call_note(
        call_id=call_id, kind="transfer_started", source=SOURCE, transfer_started_at=timezone.now()
    )


def connecting() -> Prompt:
    """What is said while a colleague is rung, and whom to ring."""
    return Prompt(CONNECTING, transfer_to=house_rules().transfer_number)


def not_connected() -> Prompt:
    """What is said when none came."""
    return Prompt(NOBODY_FREE)


def transfer_answered(*, call_id: UUID) -> bool:
    """The colleague has picked up. True the first time."""
    return _conclude(call_id, Disposition.TRANSFERRED, "")


def transfer_missed(*, call_id: UUID, reason: str) -> bool:
    """No colleague came to the phone. True if that is what the call came to."""
    callback_wanted(call_id=call_id)
    return _conclude(call_id, Disposition.CALLBACK, reason)


@transaction.atomic
def callback_wanted(*, call_id: UUID) -> bool:
    """Write down that a human is to ring back. True the first time."""
    call = Call.objects.select_for_update(of=("self",)).get(pk=call_id)
    asked = Event.objects.filter(object_type="call", object_id=str(call_id), kind="callback_wanted")
    if asked.exists():
        return False
    event_record(
        object_type="call",
        object_id=call_id,
        kind="callback_wanted",
        source=SOURCE,
        customer_id=None if call.is_test else call.customer_id,
        after={"disposition": Disposition.CALLBACK, "next_action": CALL_BACK},
        reason=CALL_BACK,
    )
    return True


def callback_conclude(*, call_id: UUID) -> bool:
    """The call came to this: a human is to ring back."""
    callback_wanted(call_id=call_id)
    return _conclude(call_id, Disposition.CALLBACK, "")


def _conclude(call_id: UUID, disposition: str, reason: str) -> bool:
    summary, next_action = OUTCOMES[disposition]
    if disposition == Disposition.CALLBACK:
        summary, next_action = "The customer asked for a human.", CALL_BACK
    return call_conclude(
        call_id=call_id,
        disposition=disposition,
        source=SOURCE,
        summary=summary,
        next_action=next_action,
        reason=reason,
    )
