"""A model, a caller and a line that go on for ever: code brings the call to its end."""

import asyncio
import time
from typing import Any
from uuid import uuid4

import pytest
from channels.db import database_sync_to_async
from livekit.agents import APIConnectionError, ErrorEvent, ModelSettings, UserStateChangedEvent
from livekit.agents.llm import ChatContext, LLMError
from livekit.agents.voice.events import UserInputTranscribedEvent, UserTranscriptionTimeoutEvent

from agent_worker import lines, talk, watch
from agent_worker.sound import replay
from agent_worker.talk import Proposal
from agent_worker.watch import Watch
from calls.models import Disposition
from invoices.models import PromiseToPay
from tests.agent_worker.conftest import soon, tool
from tests.agent_worker.handset import Ear, silence
from tests.agent_worker.talking import BIRTHDAY, FOUND, conversation, reread
from tests.agent_worker.test_keeping import until

PATIENCE = 10.0
PROPOSE = tool("propose_promise", amount="100", date=soon().isoformat())


@pytest.fixture
def call(world):
    return world.call()


@pytest.fixture
def watched(settings):
    """`watched(person)` is the watch over a conversation, with its eyes open."""
    settings.CALL_LIMIT_SECONDS = 3600
    open_eyes = []

    def start(person):
        open_eyes.append(Watch(person.talk, person.session))
        open_eyes[-1].start()
        return open_eyes[-1]

    yield start
    for each in open_eyes:
        each.stop()


async def test_a_model_that_calls_too_many_functions_is_not_obeyed_and_ends_the_call(
    call, brain, monkeypatch
):
    monkeypatch.setattr(talk, "MOST_CALLS", 1)
    async with conversation(call, brain) as person:
        await person.say("Yes, this is Robert.", FOUND)
        await person.say("March fourteenth.", BIRTHDAY)
        assert person.talk.ending
        await person.talk.over.wait()
        assert person.spoken()[-1] == lines.TOO_LONG
    ended = await reread(call)
    assert ended.verified_at is None and ended.disposition == Disposition.UNRESOLVED


async def test_a_model_that_keeps_saying_what_may_not_be_said_ends_the_call(call, brain, monkeypatch):
    monkeypatch.setattr(talk, "MOST_UNSAID", 1)
    async with conversation(call, brain) as person:
        await person.say("Hello?", "It is a debt.")
        assert not person.talk.ending
        await person.say("What?", "It is a debt.")
        assert person.talk.ending
    assert (await reread(call)).disposition == Disposition.UNRESOLVED


async def test_amounts_that_were_named_before_verification_are_not_repeated_after_it(call, brain):
    async with conversation(call, brain) as person:
        await person.say("Is it about the fifty dollars?", "May I speak with Robert Blake?")
        await person.verified()
        assert await person.say("So?", "It is fifty dollars.") == [f"{lines.AGAIN} {lines.WHEN}"]
        assert await person.say("I have fifty.", "So you pay fifty dollars?") == ["So you pay fifty dollars?"]


async def test_once_the_call_is_ending_no_model_is_asked(call, brain):
    async with conversation(call, brain) as person:
        context = ChatContext.empty()
        message = context.add_message(role="user", content="Hello?")
        phase: Any = person.session.current_agent
        assert not await person.talk.listener.turn(message.id, "Hello?")
        person.talk.end(Disposition.UNRESOLVED)
        assert [chunk async for chunk in phase.llm_node(context, [], ModelSettings())] == []
    assert brain.bodies == []


async def test_the_first_ending_stands(call, brain):
    async with conversation(call, brain) as person:
        person.talk.end(Disposition.REFUSED, line=lines.REFUSED)
        person.talk.end(Disposition.UNRESOLVED, line=lines.TOO_LONG)
        await person.talk.over.wait()
        assert person.spoken() == [lines.REFUSED]
    assert (await reread(call)).disposition == Disposition.REFUSED


async def test_nobody_listens_while_goodbye_is_said(call, brain):
    async with conversation(call, brain) as person:
        assert person.session.input.audio_enabled
        person.talk.end(Disposition.REFUSED, line=lines.REFUSED)
        assert not person.session.input.audio_enabled


async def test_a_goodbye_that_does_not_end_keeps_no_line_open(call, brain, monkeypatch):
    monkeypatch.setattr(talk, "GOODBYE_SECONDS", 0.2)
    ear = Ear()
    ear.far = True
    async with conversation(call, brain, ear=ear) as person:
        sound = replay([silence()])
        person.talk.end(Disposition.REFUSED, line=lines.REFUSED, audio=sound)
        async with asyncio.timeout(PATIENCE):
            await person.talk.over.wait()


async def nothing() -> None:
    raise AssertionError("recorded")


READ_BACK = "To confirm: you will pay $100.00. Is that right?"


async def test_a_read_back_that_is_cut_off_was_not_heard(call, brain):
    brain.has_voice = True
    ear = Ear()
    async with conversation(call, brain, ear=ear) as person, asyncio.timeout(PATIENCE):
        ear.far = True
        proposal = Proposal(READ_BACK, "", nothing)
        person.talk.read_back(proposal)
        await until(lambda: ear.begun, seconds=PATIENCE)
        await person.session.interrupt()
        person.talk.caller_turns += 1
        assert not person.talk.was_answered(proposal)


@pytest.mark.parametrize("has_voice", [True, False])
async def test_a_read_back_that_the_voice_failed_to_say_was_not_heard(call, brain, has_voice):
    brain.has_voice = has_voice
    async with conversation(call, brain, ear=Ear()) as person, asyncio.timeout(PATIENCE):
        proposal = Proposal(READ_BACK, "", nothing)
        said: list[Any] = []
        person.session.on("speech_created", lambda event: said.append(event.speech_handle))
        person.talk.read_back(proposal)
        await said[0]
        person.talk.caller_turns += 1
        assert person.talk.was_answered(proposal) is has_voice


async def test_what_can_not_be_recorded_is_not_said_to_be(call, brain):
    async with conversation(call, brain) as person:
        await person.verified()
        await person.say("A hundred in a week.", PROPOSE)
        person.talk.records.call_id = uuid4()  # no such row: nothing can be written
        assert await person.say("Yes.", tool("confirm", confirmed=True)) == [lines.NOT_RECORDED]
    assert await database_sync_to_async(PromiseToPay.objects.count)() == 0


async def test_who_stays_silent_is_asked_and_then_let_go(call, brain, watched):
    async with conversation(call, brain) as person:
        watched(person)
        away = UserStateChangedEvent(old_state="listening", new_state="away")
        for _ in range(watch.SILENCE_PROMPTS):
            person.session.emit("user_state_changed", away)
            assert not person.talk.ending
        person.session.emit("user_state_changed", away)
        assert person.talk.ending
        await person.talk.over.wait()
        assert person.spoken() == [lines.ARE_YOU_THERE] * watch.SILENCE_PROMPTS + [lines.NO_RESPONSE]
    assert (await reread(call)).disposition == Disposition.NO_RESPONSE


async def test_a_conversation_has_so_many_turns_and_no_more(call, brain, watched):
    said = UserInputTranscribedEvent(transcript="And another thing.", is_final=True)
    async with conversation(call, brain) as person:
        watched(person)
        person.talk.caller_turns = watch.TURNS - 1
        person.session.emit("user_input_transcribed", said)
        assert not person.talk.ending
        person.talk.caller_turns += 1
        person.session.emit("user_input_transcribed", said)
        assert person.talk.ending


async def test_a_conversation_ends_before_the_carrier_cuts_it_off(
    call, brain, watched, settings, monkeypatch
):
    monkeypatch.setattr(watch, "LIMIT_MARGIN_SECONDS", 0.1)
    settings.CALL_LIMIT_SECONDS = 0.2
    async with conversation(call, brain) as person, asyncio.timeout(PATIENCE):
        Watch(person.talk, person.session).start()
        await person.talk.over.wait()
        assert person.spoken() == [lines.TOO_LONG]


async def test_a_model_that_fails_again_and_again_ends_the_call(call, brain, watched):
    async with conversation(call, brain) as person:
        watched(person)
        failed = LLMError(timestamp=time.time(), label="llm", error=APIConnectionError(), recoverable=True)
        for attempt in range(watch.FAILURES):
            assert not person.talk.ending, attempt
            person.session.emit("error", ErrorEvent(error=failed, source=person.session.llm))
        await until(lambda: person.talk.ending, seconds=PATIENCE)


async def test_who_is_not_understood_is_asked_again_so_often_and_no_more(call, brain, watched):
    no_words = UserTranscriptionTimeoutEvent(speech_duration=1.0, vad_speech_started_at=time.time())
    async with conversation(call, brain) as person:
        watched(person)
        said: list[Any] = []
        person.session.on("speech_created", lambda event: said.append(event.speech_handle))
        for _ in range(watch.REPEAT_PROMPTS + 2):
            person.session.emit("user_transcription_timeout", no_words)
            await said[-1].wait_for_playout()
            await until(lambda: person.session.current_speech is None, seconds=PATIENCE)
        assert person.spoken() == [lines.SAY_AGAIN] * watch.REPEAT_PROMPTS
