"""Rooms and calls that have lost each other, on a real LiveKit; the carrier is a process of its own."""

import asyncio
from uuid import UUID, uuid4

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings as project
from django.utils import timezone
from livekit import api

from calls import rooms
from calls.findings import Finding
from calls.models import Call
from calls.sweep import sweep
from invoices.models import Event
from tests.calls.bridge.rig import KEYS
from tests.calls.test_sweep_stuck import ago, at_carrier, dialled, findings, stuck
from tests.rooms import enter
from tests.rooms import rooms as rooms_at
from tests.waiting import eventually

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def livekit(livekit, settings, carrier):
    settings.ROOM_AT_MOST_SECONDS = 60.0
    return livekit


@pytest.fixture
def talking(carrier):
    """A call with an open stream, a room, and a dial that goes on."""
    sid = dialled()
    call = stuck(
        "in_progress",
        placed_at=ago(minutes=2),
        answered_at=ago(minutes=1),
        stream_opened_at=ago(minutes=1),
        carrier_sid=sid,
    )
    Call.objects.filter(pk=call.pk).update(placed_at=timezone.now())
    return call


def looked_at(call, *, longer_ago=None):
    """The call after a sweep; `longer_ago` lets the time since it was first missed pass."""
    if longer_ago:
        Call.objects.filter(pk=call.pk, missed_since__isnull=False).update(missed_since=ago(**longer_ago))
    sweep()
    call.refresh_from_db()
    return call


def room_names():
    return rooms_at({name: getattr(project, name) for name in ("LIVEKIT_URL", *KEYS)})


async def test_a_call_whose_agent_is_in_its_room_is_not_touched(talking):
    agent = await enter(talking.room_name, "agent")
    try:
        before = await sync_to_async(Call.objects.values().get)(pk=talking.pk)
        for _ in range(3):
            await sync_to_async(sweep)()
        assert await sync_to_async(Call.objects.values().get)(pk=talking.pk) == before
        assert await sync_to_async(findings)(talking) == []
    finally:
        await agent.disconnect()


async def test_a_call_whose_agent_died_is_put_down_after_a_second_look(talking, carrier):
    phone = await enter(talking.room_name, "standard")
    try:
        first = await sync_to_async(looked_at)(talking)
        assert (first.status, first.missed_since is not None) == ("in_progress", True)
        call = await sync_to_async(looked_at)(talking, longer_ago={"seconds": 60})
    finally:
        await phone.disconnect()
    assert (call.status, call.end_reason) == ("completed", Finding.AGENT_MISSING.label)
    assert await sync_to_async(findings)(call) == ["agent_missing"]
    assert at_carrier(carrier, call.carrier_sid) in ("completed", "canceled")


async def test_an_agent_that_comes_back_between_two_looks_keeps_the_call(talking):
    phone = await enter(talking.room_name, "standard")
    await sync_to_async(looked_at)(talking)
    agent = await enter(talking.room_name, "agent")
    try:
        call = await sync_to_async(looked_at)(talking, longer_ago={"seconds": 60})
        assert (call.status, call.missed_since) == ("in_progress", None)
    finally:
        await asyncio.gather(phone.disconnect(), agent.disconnect())


@pytest.mark.parametrize(
    ("disposition", "finding"), [("", Finding.ROOM_MISSING), ("promise_to_pay", Finding.NOT_HUNG_UP)]
)
def test_a_call_whose_room_is_gone_is_put_down(talking, carrier, disposition, finding):
    Call.objects.filter(pk=talking.pk).update(disposition=disposition)
    assert looked_at(talking).status == "in_progress"
    call = looked_at(talking, longer_ago={"seconds": 60})
    assert (call.status, call.end_reason, call.disposition) == ("completed", finding.label, disposition)
    assert findings(call) == [finding.value]


def test_an_audio_server_that_is_away_says_nothing_about_calls(talking, settings):
    settings.LIVEKIT_URL = "ws://127.0.0.1:9"
    looked_at(talking)
    call = looked_at(talking, longer_ago={"seconds": 60})
    assert (call.status, call.missed_since) == ("in_progress", None)


def test_the_room_of_a_call_that_has_ended_is_closed_after_a_while():
    ended = stuck(
        "completed", ended_at=ago(seconds=30), disposition="hung_up", stream_opened_at=ago(minutes=2)
    )
    rooms.room_open(ended)
    looked_at(ended)
    assert ended.room_name in room_names()
    Call.objects.filter(pk=ended.pk).update(ended_at=ago(minutes=2))
    looked_at(ended), looked_at(ended)
    eventually(lambda: ended.room_name not in room_names())
    assert findings(ended) == ["room_left_open"]


def test_rooms_of_calls_that_get_ready_and_other_rooms_stay(settings):
    settings.ROOM_AT_MOST_SECONDS = -60.0
    waiting = stuck("placing", placed_at=timezone.now(), claim=uuid4())
    rooms.room_open(waiting)
    rooms._run(lambda livekit: livekit.room.create_room(api.CreateRoomRequest(name="a meeting")))
    looked_at(waiting)
    assert {waiting.room_name, "a meeting"} <= room_names()
    rooms.room_close(waiting)
    rooms.room_delete("a meeting")


@pytest.mark.parametrize("of", [str(UUID(int=7)), "nothing"])
def test_a_room_of_no_call_is_closed_after_a_while(settings, of):
    name = f"debt-collection-{of}"
    rooms._run(lambda livekit: livekit.room.create_room(api.CreateRoomRequest(name=name)))
    sweep()
    assert name in room_names()
    settings.ROOM_AT_MOST_SECONDS = -60.0
    sweep(), sweep()
    eventually(lambda: name not in room_names())
    # Rooms of earlier tests may go with it.
    assert Event.objects.filter(kind=Finding.ROOM_UNKNOWN.kind, object_type="room", object_id=of).count() == 1
