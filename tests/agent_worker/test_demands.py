"""What a caller may demand, as it is spoken: acted on by code at once, and kept before it is answered."""

import asyncio
import time
from uuid import uuid4

import pytest
from channels.db import database_sync_to_async
from livekit.agents import SpeechCreatedEvent

from agent_worker import lines, wishes
from calls.models import Call, Disposition, TranscriptLine
from invoices.models import Consent, Event
from tests.agent_worker.handset import Room
from tests.agent_worker.talking import conversation, reread

PATIENCE = 10.0


@pytest.fixture
def room() -> Room:
    return Room()


@database_sync_to_async
def kept(call: Call, kind: str) -> int:
    return Event.objects.filter(object_type="call", object_id=str(call.pk), kind=kind).count()


@database_sync_to_async
def evidence() -> list[str]:
    return [consent.evidence for consent in Consent.objects.filter(act=Consent.Act.REVOKED)]


@database_sync_to_async
def stored() -> list[str]:
    return [line.text for line in TranscriptLine.objects.order_by("seq")]


def speaks(person, text):
    """A piece of speech is recognised."""
    return person.talk.caller_said(text, start=time.time() - 1, end=time.time())


async def test_a_spoken_demand_is_done_before_the_turn_is_over(world, brain, room):
    call = await database_sync_to_async(world.call)()
    async with conversation(call, brain, room=room) as person, asyncio.timeout(PATIENCE):
        speaks(person, "stop calling me")
        await person.talk.over.wait()
    assert (await reread(call)).disposition == Disposition.STOP_CALLING


async def test_no_model_answers_a_turn_that_code_has_dealt_with(world, brain, room):
    call = await database_sync_to_async(world.call)()
    async with conversation(call, brain, room=room) as person:
        speaks(person, "hello who is this")
        assert await person.turn_is_over("hello who is this")
        speaks(person, "are you a robot")
        assert not await person.turn_is_over("are you a robot")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("are you a robot", "Yes. I am an AI assistant"),
        ("my card number is 4111 1111 1111 1111", lines.NO_CARDS),
    ],
)
async def test_what_code_answers_is_said_when_the_turn_is_over(world, brain, room, text, answer):
    """Livekit cuts off what is being said at the end of a turn."""
    call = await database_sync_to_async(world.call)()
    async with conversation(call, brain, room=room) as person, asyncio.timeout(PATIENCE):
        begun: list[SpeechCreatedEvent] = []
        person.session.on("speech_created", begun.append)
        speaks(person, text)
        await asyncio.wait(person.talk.listener._pieces)
        assert begun == []
        await person.turn_is_over(text)
        (event,) = begun
        await event.speech_handle
        assert person.spoken()[-1].startswith(answer)


async def test_a_demand_in_two_breaths_is_heard(world, brain, room):
    call = await database_sync_to_async(world.call)()
    async with conversation(call, brain, room=room) as person:
        speaks(person, "could you never")
        speaks(person, "call me again")
        assert not await person.turn_is_over("could you never call me again")
    assert (await reread(call)).disposition == Disposition.STOP_CALLING


async def test_no_more_calls_is_kept_in_the_callers_own_words(world, brain):
    call = await database_sync_to_async(world.call)()
    async with conversation(call, brain) as person:
        await person.say("stop calling me")
    assert await evidence() == ["In a call: “stop calling me”."]


async def test_a_demand_that_can_not_be_kept_is_not_said_to_be(world, brain):
    call = await database_sync_to_async(world.call)()
    async with conversation(call, brain) as person:
        person.talk.records.call_id = uuid4()  # no such row: nothing can be written
        assert await person.say("stop calling me") == [lines.NOT_RECORDED]


async def test_after_the_end_no_demand_is_answered(world, brain):
    call = await database_sync_to_async(world.call)()
    async with conversation(call, brain) as person:
        await person.say("stop calling me")
        assert await person.say("are you a robot") == []


async def test_a_refusal_of_recording_ends_the_file_the_transcript_and_the_listening(world, brain, room):
    call = await database_sync_to_async(world.call)()
    async with conversation(call, brain, room=room) as person:
        assert person.talk.keeper is not None and person.talk.turns is not None
        assert person.session.input.audio_enabled
        person.talk.turns.watch(person.session)
        person.talk.keeper.start(time.time() - 5)
        speaks(person, "i do not want to be recorded")
        assert not await person.turn_is_over("i do not want to be recorded")
        assert ("recording.stop", {}) in room.asked
        assert not person.session.input.audio_enabled
        speaks(person, "still here")
        room.press("0#")
        await person.talk.over.wait()
        assert person.spoken()[0] == lines.RECORDING_ENDS
    assert not room.kept(time.time() - 4)
    assert await stored() == []
    assert await kept(call, "recording_refused") == 1


@pytest.mark.parametrize(
    ("key", "disposition"), [("9", Disposition.STOP_CALLING), ("0", Disposition.CALLBACK)]
)
async def test_after_a_refusal_of_recording_keys_remain(world, brain, room, key, disposition):
    call = await database_sync_to_async(world.call)()
    async with conversation(call, brain, room=room) as person, asyncio.timeout(PATIENCE):
        assert await person.say("i do not want to be recorded") == [lines.RECORDING_ENDS]
        room.press(f"{key}#")
        await person.talk.over.wait()
    assert (await reread(call)).disposition == disposition


async def test_a_person_who_is_known_hears_what_number_to_call_after_their_refusal(
    world, brain, room, monkeypatch
):
    monkeypatch.setattr(wishes, "KEYS_SECONDS", 0.1)
    call = await database_sync_to_async(world.call)()
    async with conversation(call, brain, room=room) as person, asyncio.timeout(PATIENCE):
        await person.verified()
        person.talk.callback_number = "+12135550199"
        await person.say("i do not want to be recorded")
        await person.talk.over.wait()
        assert "2 1 3 5 5 5 0 1 9 9" in person.spoken()[-1]


async def test_what_is_demanded_while_the_goodbye_begins_is_kept(world, brain, room):
    call = await database_sync_to_async(world.call)()
    async with conversation(call, brain, room=room) as person, asyncio.timeout(PATIENCE):
        person.talk.end(Disposition.REFUSED, line=lines.REFUSED)
        speaks(person, "stop calling me")
        speaks(person, "let me speak to a human")
        await person.talk.over.wait()
    assert await evidence() == ["In a call: “stop calling me”."]
    assert await kept(call, "callback_wanted") == 0


async def test_keys_say_nothing_once_the_call_is_ending(world, brain, room):
    call = await database_sync_to_async(world.call)()
    typed = []

    async def keep(keys):
        typed.append(keys)

    async def press():
        room.press("7#")
        for _ in range(3):
            await asyncio.sleep(0)

    async with conversation(call, brain, room=room) as person:
        person.talk.keys_are = keep
        await press()
        await person.say("stop calling me")
        await press()
    assert typed == ["7"]


async def test_the_tone_of_every_key_is_left_out_of_the_recording(world, brain, room):
    call = await database_sync_to_async(world.call)()
    async with conversation(call, brain, room=room) as person:
        assert person.talk.keeper is not None
        person.talk.keeper.start(time.time() - 5)
        room.press("7")
        pressed = time.time()
    assert room.kept(pressed - 2) and not room.kept(pressed - 0.2)


async def test_no_request_to_a_model_has_a_cards_digits(world, brain):
    call = await database_sync_to_async(world.call)()
    async with conversation(call, brain) as person:
        await person.verified()
        assert await person.say("my card is 4111 1111 1111 1111") == [f"{lines.NO_CARDS} {lines.WHEN}"]
        await person.say("Sorry, what now?", "When can you pay it?")
    assert "[card]" in brain.bodies[-1] and "4111" not in "".join(brain.bodies)
