"""Closes what nobody closed: requests that were never queued, calls whose callbacks never came, ends without a word."""

import logging
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from calls import rooms
from calls.interrupts import AT_THE_PHONE, recheck_enqueue
from calls.models import IN_ORDER, MAY_HAVE_RUNG, Call, Disposition
from calls.services import CONCLUDE_SECONDS, call_conclude, call_enqueue, call_note, call_transition
from calls.states import AT_CARRIER, LIVE, Status
from calls.telephony import client
from calls.telephony.statuses import carrier_status_apply

logger = logging.getLogger(__name__)
SOURCE = "sweep"

# A request is queued within this time, or the queue lost it.
QUEUED_WITHIN = timedelta(seconds=settings.QUEUED_WITHIN_SECONDS)
# Policy, room, agent and the carrier's answer together take at most this long; a worker that needs longer has died.
PLACED_WITHIN = timedelta(seconds=settings.PLACED_WITHIN_SECONDS)
# The carrier's callbacks are this late at most before it is asked.
CALLBACK_WITHIN = timedelta(seconds=settings.CALLBACK_WITHIN_SECONDS)
# After this the carrier's list must know a call that it accepted.
UNKNOWN_AT_MOST = timedelta(seconds=settings.UNKNOWN_AT_MOST_SECONDS)
BATCH = 100


def sweep() -> None:
    """One pass. Every step is safe to repeat and touches no call that is going well."""
    now = timezone.now()
    lost = Call.objects.filter(status=Status.REQUESTED, requested_at__lt=now - QUEUED_WITHIN)
    # What waits its turn is not lost: calls/pace.py looks after it.
    for call in lost.exclude(waiting_for__in=sorted(IN_ORDER))[:BATCH]:
        call_enqueue(call.pk)
    for call in Call.objects.filter(status=Status.PLACING, placed_at__lt=now - PLACED_WITHIN)[:BATCH]:
        _close_placing(call)
    overdue = Q(placed_at__lt=now - CALLBACK_WITHIN)
    for call in Call.objects.filter(overdue, status__in=sorted(AT_CARRIER))[:BATCH]:
        _ask_carrier(call)
    # Time passes too: what rings or waits in the carrier's queue may have come into a forbidden hour.
    for call_id in Call.objects.filter(status__in=AT_THE_PHONE).values_list("pk", flat=True)[:BATCH]:
        recheck_enqueue(call_id)
    for call in Call.objects.filter(disposition="", ended_at__lt=now - timedelta(seconds=CONCLUDE_SECONDS))[
        :BATCH
    ]:
        call_settle(call_id=call.pk)


def call_settle(*, call_id: UUID) -> None:
    """Clear up after a call that has ended; once the agent has had its time, conclude from what is known."""
    call = Call.objects.filter(pk=call_id).first()
    if call is None or call.status in LIVE:
        return
    if call.stream_opened_at is None or call.stream_closed_at is not None:
        _close_room(call)
    waited = call.ended_at is not None and timezone.now() - call.ended_at > timedelta(
        seconds=CONCLUDE_SECONDS
    )
    if not call.disposition and (waited or call.stream_opened_at is None):
        disposition, reason = _what_it_came_to(call)
        call_conclude(call_id=call.pk, disposition=disposition, source=SOURCE, reason=reason)


def _what_it_came_to(call: Call) -> tuple[Disposition, str]:
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


def _close_placing(call: Call) -> None:
    """The worker died between its claim and the carrier's answer: it may have dialled."""
    call_transition(
        call_id=call.pk, to=Status.UNKNOWN, source=SOURCE, reason="the worker was lost while dialling"
    )


def _ask_carrier(call: Call) -> None:
    try:
        if call.carrier_sid is None:
            _find_at_carrier(call)
            return
        found = client.call_fetch(sid=call.carrier_sid)
    except client.CarrierError as error:
        logger.warning("call %s: carrier error %s", call.pk, error)
        return
    carrier_status_apply(
        call_id=call.pk, carrier_status=found.status, reason="No callback came; the carrier was asked."
    )
    # While nobody knew that it rang, nobody could put it down.
    recheck_enqueue(call.pk)


def _find_at_carrier(call: Call) -> None:
    """Adopt the one call that the carrier may have made of an unsure answer; never dial again."""
    since = call.placed_at or call.requested_at
    listed = client.calls_since(to=call.to_number, since=since)
    sids = [seen.sid for seen in listed]
    taken = set(Call.objects.filter(carrier_sid__in=sids).values_list("carrier_sid", flat=True))
    found = [seen for seen in listed if seen.sid not in taken]
    if len(found) == 1:
        call_note(call_id=call.pk, kind="carrier_accepted", source=SOURCE, carrier_sid=found[0].sid)
        carrier_status_apply(
            call_id=call.pk, carrier_status=found[0].status, reason="Found in the carrier's list."
        )
        recheck_enqueue(call.pk)
    elif timezone.now() - since > UNKNOWN_AT_MOST:
        reason = "The carrier's list does not show it: not dialled." if not found else MAY_HAVE_RUNG
        call_transition(call_id=call.pk, to=Status.FAILED, source=SOURCE, reason=reason)
