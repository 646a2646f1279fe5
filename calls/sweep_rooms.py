"""Rooms and calls held side by side: rooms that no call needs any more, and conversations that have lost theirs."""

import logging
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from calls import rooms
from calls.findings import SOURCE, Finding, finding_record_once, within
from calls.models import ROOM_PREFIX, Call
from calls.states import Status
from calls.sweep_pass import Pass, put_down
from invoices.events import event_record
from invoices.models import Event

logger = logging.getLogger(__name__)
# Event.object_type of a room that belongs to no call.
ROOM = "room"
LONGEST_ID = 40


def sweep_rooms(done: Pass) -> None:
    """One look at all rooms. A server that does not answer says nothing about any call: nothing is done then."""
    # Read before the rooms: one that was answered since then is not missed.
    talking = list(
        Call.objects.filter(
            status=Status.IN_PROGRESS, stream_opened_at__isnull=False, stream_closed_at=None
        ).order_by("answered_at")
    )
    try:
        there = rooms.rooms_open()
    except rooms.RoomError as error:
        logger.warning("the rooms can't be listed: %s", error)
        return
    now = timezone.now()
    names = {room.name for room in there}
    done.each(talking, partial(_look_at, names=names, now=now))
    _close_left(there, now, done)


def _look_at(call: Call, *, names: set[str], now: datetime) -> None:
    """Two looks must miss something, with time between them: a room may be joined anew, an agent may just leave."""
    finding = _missed(call, names)
    if finding is None:
        if call.missed_since is not None:
            Call.objects.filter(pk=call.pk).update(missed_since=None)
    elif call.missed_since is None:
        Call.objects.filter(pk=call.pk, missed_since=None).update(missed_since=now)
    elif now - call.missed_since >= within("MISSED_AT_MOST"):
        put_down(call, finding, missed_since=call.missed_since, stream_closed_at=None)


def _missed(call: Call, names: set[str]) -> Finding | None:
    try:
        there = call.room_name in names
        if there and rooms.agent_in_room(call):
            return None
    except rooms.RoomError:
        return None
    if call.disposition:
        return Finding.NOT_HUNG_UP
    return Finding.AGENT_MISSING if there else Finding.ROOM_MISSING


def _close_left(there: Iterable[rooms.OpenRoom], now: datetime, done: Pass) -> None:
    """Close rooms whose call has ended a while ago, and old ones that belong to no call."""
    of_call = {room.name: _call_id(room.name) for room in there}
    calls = Call.objects.in_bulk([call_id for call_id in of_call.values() if call_id])
    left: dict[UUID, Call] = {}
    for room in there:
        call = calls.get(of_call[room.name] or UUID(int=0))
        if call is None:
            if room.created_at < now - within("ROOM_AT_MOST"):
                _close_unknown(room.name)
        elif call.ended_at is not None and call.ended_at < now - within("ROOM_AT_MOST"):
            left[call.pk] = call
    done.each(left.values(), _close_room)


def _call_id(name: str) -> UUID | None:
    try:
        call_id = UUID(name.removeprefix(ROOM_PREFIX))
    except ValueError:
        return None
    return call_id if name == Call(id=call_id).room_name else None


def _close_room(call: Call) -> None:
    if rooms.room_delete(call.room_name):
        finding_record_once(call_id=call.pk, finding=Finding.ROOM_LEFT_OPEN)


@transaction.atomic
def _event_of_unknown(name: str) -> None:
    finding = Finding.ROOM_UNKNOWN
    object_id = name.removeprefix(ROOM_PREFIX)[:LONGEST_ID]
    if not Event.objects.filter(object_type=ROOM, object_id=object_id, kind=finding.kind).exists():
        event_record(
            object_type=ROOM,
            object_id=object_id,
            kind=finding.kind,
            source=SOURCE,
            reason=str(finding.label),
        )


def _close_unknown(name: str) -> None:
    try:
        if rooms.room_delete(name):
            _event_of_unknown(name)
    except rooms.RoomError as error:
        logger.warning("a room without a call could not be closed: %s", error)
