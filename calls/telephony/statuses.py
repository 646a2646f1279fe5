"""What the carrier reports of a call, applied to ours."""

import logging
from typing import Any
from uuid import UUID

from django.utils import timezone

from calls.models import Call
from calls.services import call_note, call_transition
from calls.states import Status

logger = logging.getLogger(__name__)
SOURCE = "carrier"

# Twilio's call statuses: https://www.twilio.com/docs/voice/api/call-resource#call-status-values
STATUS_OF = {
    "queued": Status.DIALLING,
    "initiated": Status.DIALLING,
    "ringing": Status.RINGING,
    "in-progress": Status.IN_PROGRESS,
    "completed": Status.COMPLETED,
    "busy": Status.BUSY,
    "no-answer": Status.NO_ANSWER,
    "failed": Status.FAILED,
    "canceled": Status.CANCELED,
}


def carrier_sid_matches(*, call_id: UUID, sid: str) -> bool:
    """True if `sid` is this call's at the carrier; a call that has none yet adopts it.

    The first callback may come before the answer to `create` is stored, or that answer may never come.
    """
    if not sid:
        return False
    owner = Call.objects.filter(carrier_sid=sid).values_list("pk", flat=True).first()
    if owner is not None:
        return owner == call_id
    return call_note(call_id=call_id, kind="carrier_accepted", source=SOURCE, carrier_sid=sid)


def carrier_status_apply(*, call_id: UUID, carrier_status: str, reason: str = "") -> bool:
    """Move the call to what the carrier reports. False for what is unknown, repeated, late or overtaken."""
    status = STATUS_OF.get(carrier_status)
    if status is None:
        logger.warning("call %s: unknown carrier status", call_id)
        return False
    fields: dict[str, Any] = {"answered_at": timezone.now()} if status == Status.IN_PROGRESS else {}
    return call_transition(call_id=call_id, to=status, source=SOURCE, reason=reason, **fields)
