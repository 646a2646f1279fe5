"""Clears up after a call that has ended, and says what it came to where nobody has."""

import logging
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from calls import rooms
from calls.aftermath.review import call_review
from calls.conversation import conversation_end
from calls.models import Call, Disposition
from calls.services import CONCLUDE_SECONDS
from calls.states import LIVE
from calls.transfers import callback_wanted

logger = logging.getLogger(__name__)
SOURCE = "sweep"


def call_settle(*, call_id: UUID) -> bool:
    """Clear up after a call that has ended; once the agent has had its time, conclude from what is known.

    The rules then look at what was said. True if this caller concluded it.
    """
    call = Call.objects.filter(pk=call_id).first()
    if call is None or call.status in LIVE:
        return False
    if call.stream_opened_at is None or call.stream_closed_at is not None:
        _close_room(call)
    waited = call.ended_at is not None and timezone.now() - call.ended_at > timedelta(
        seconds=CONCLUDE_SECONDS
    )
    concluded = False
    if not call.disposition and (waited or call.stream_opened_at is None):
        disposition, reason = _what_it_came_to(call)
        concluded = conversation_end(call_id=call.pk, disposition=disposition, source=SOURCE, reason=reason)
    try:
        call_review(call_id=call.pk)
    except Exception:
        # A picture of the call; nothing waits for it.
        logger.exception("call %s: not reviewed", call.pk)
    return concluded


def _what_it_came_to(call: Call) -> tuple[Disposition, str]:
    if call.transfer_started_at is not None:
        callback_wanted(call_id=call.pk)
        return Disposition.CALLBACK, "The call ended while a colleague was being rung."
    if call.announced_at is not None:
        hung_up = Disposition.HUNG_UP if call.verified_at else Disposition.HUNG_UP_BEFORE_VERIFICATION
        return hung_up, "The phone hung up."
    if call.stream_opened_at is None:
        return Disposition.HUNG_UP_BEFORE_VERIFICATION, "The call ended during the opening announcement."
    if call.end_reason:
        return Disposition.UNRESOLVED, ""
    if call.verified_at is None:
        return Disposition.UNRESOLVED, "The agent was lost before it verified who was on the line."
    return Disposition.UNRESOLVED, "The agent was lost before the conversation came to an end."


def _close_room(call: Call) -> None:
    try:
        rooms.room_close(call)
    except rooms.RoomError:
        logger.warning("call %s: its room could not be closed", call.pk)
