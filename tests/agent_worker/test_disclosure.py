"""Who calls, that a machine speaks and that it is recorded: said until it was heard, and nothing else before it."""

import asyncio
import time

import pytest
from channels.db import database_sync_to_async

from agent_worker import lines
from agent_worker.phases import find
from agent_worker.phases.find import GREETINGS
from calls.conversation import disclosed
from calls.models import Disposition
from invoices.models import Event
from tests.agent_worker.handset import Ear, Room, silence
from tests.agent_worker.talking import conversation, reread
from tests.agent_worker.test_keeping import until

PATIENCE = 10.0


@pytest.fixture
def room() -> Room:
    return Room()


@pytest.fixture
def ear() -> Ear:
    return Ear()


def greet(person):
    person.session.current_agent.greet([silence()])


async def greet_and_cut_off(person, ear):
    ear.far = True
    greet(person)
    await until(lambda: ear.begun, seconds=PATIENCE)
    await person.session.interrupt()
    ear.far = False


@database_sync_to_async
def noted(call) -> int:
    return Event.objects.filter(object_id=str(call.pk), kind="disclosures_heard").count()


async def test_what_was_heard_to_the_end_is_kept_and_the_talk_begins(world, brain, room, ear):
    call = await database_sync_to_async(world.call)()
    async with conversation(call, brain, room=room, ear=ear) as person, asyncio.timeout(PATIENCE):
        greet(person)
        assert await person.turn_is_over("Hello?")
        assert ear.begun == 1
        while not await noted(call):
            pass
    assert ("playback.heard", {}) in room.asked


async def test_what_was_cut_off_is_said_again_and_nothing_else_before_it(world, brain, room, ear):
    call = await database_sync_to_async(world.call)()
    async with conversation(call, brain, room=room, ear=ear) as person, asyncio.timeout(PATIENCE):
        await greet_and_cut_off(person, ear)
        assert not await person.turn_is_over("Hello?")
        assert await person.turn_is_over("Yes?")
        assert ear.begun == 2
    assert brain.bodies == []


async def test_what_code_answers_waits_until_they_were_heard(world, brain, room, ear):
    brain.has_voice = True
    call = await database_sync_to_async(world.call)()
    async with conversation(call, brain, room=room, ear=ear) as person, asyncio.timeout(PATIENCE):
        await greet_and_cut_off(person, ear)
        assert not await person.turn_is_over("Are you a robot?")
        assert await person.talk.was_disclosed()
        await until(lambda: not person.talk.has_to_answer, seconds=PATIENCE)
        await person.session.wait_for_idle()
        *first, robot = person.spoken()
        assert robot.startswith("Yes. I am an AI assistant")
        assert {line.startswith("This is") for line in first} == {True}


async def test_a_yes_is_no_answer_to_what_was_not_asked_yet(world, brain, room, ear):
    brain.has_voice = True
    call = await database_sync_to_async(world.call)()
    async with conversation(call, brain, room=room, ear=ear) as person, asyncio.timeout(PATIENCE):
        room.hears = False
        greet(person)
        assert not await person.turn_is_over("My wife said stop calling her.")
        assert person.talk.has_to_answer
        room.hears = True
        assert await person.turn_is_over("Yes?")
        assert not person.talk.ending


async def test_what_the_phone_did_not_play_to_the_end_is_said_again(world, brain, room, ear):
    call = await database_sync_to_async(world.call)()
    async with conversation(call, brain, room=room, ear=ear) as person, asyncio.timeout(PATIENCE):
        room.hears = False
        greet(person)
        assert not await person.turn_is_over("Hello?")
        room.hears = True
        assert await person.turn_is_over("Yes?")
        assert ear.begun == 2


async def test_who_never_hears_them_is_let_go(world, brain, room, ear):
    call = await database_sync_to_async(world.call)()
    async with conversation(call, brain, room=room) as person, asyncio.timeout(PATIENCE):
        room.hears = False
        greet(person)
        for _ in range(GREETINGS):
            assert not await person.turn_is_over("Hello?")
        assert person.talk.ending
        await person.talk.over.wait()
        assert person.spoken()[-1] == lines.NOT_DISCLOSED
    assert (await reread(call)).disposition == Disposition.NO_RESPONSE
    assert await noted(call) == 0


async def test_the_recording_begins_with_them(world, brain, room, ear):
    call = await database_sync_to_async(world.call)()
    async with conversation(call, brain, room=room, ear=ear) as person:
        begun = time.time()
        greet(person)
        await until(lambda: room.kept(begun + 0.2), seconds=PATIENCE)
    assert not room.kept(begun - 0.1)


async def test_speech_that_is_meant_for_nobody_is_no_conversation(world, brain, room, ear, monkeypatch):
    monkeypatch.setattr(find, "UNADDRESSED_SECONDS", 0.0)
    call = await database_sync_to_async(world.call)()
    async with conversation(call, brain, room=room) as person, asyncio.timeout(PATIENCE):
        greet(person)
        assert await person.turn_is_over("Tonight rain comes in from the west.")
        assert not await person.turn_is_over("Tomorrow brings sunshine to the coast.")
        await person.talk.over.wait()
    assert (await reread(call)).disposition == Disposition.NO_RESPONSE


async def test_what_was_said_to_us_begins_the_count_again(world, brain, room, ear, monkeypatch):
    monkeypatch.setattr(find, "UNADDRESSED_SECONDS", 0.0)
    call = await database_sync_to_async(world.call)()
    async with conversation(call, brain, room=room) as person:
        greet(person)
        for text in ("Tonight rain comes in.", "Yes, speaking.", "Tomorrow brings sunshine."):
            assert await person.turn_is_over(text)


def test_that_they_were_heard_is_noted_once(world):
    call = world.call()
    assert [disclosed(call_id=call.pk), disclosed(call_id=call.pk)] == [True, False]
