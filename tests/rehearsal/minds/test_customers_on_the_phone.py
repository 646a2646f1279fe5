"""People on an answered phone: when they speak, when they wait, when they hang up. Speech is tones."""

import asyncio

import numpy as np
import pytest

from rehearsal.carrier.mulaw import RATE, encode
from rehearsal.carrier.people import PersonEntry
from rehearsal.customers import PERSONAS
from rehearsal.customers.promising import SAY_AGAIN
from tests.rehearsal.minds.customer_phone import Phone, Tones

CONNECTING = (
    "This is an automated call from Phantom Pay. Connecting you to our payment specialist. Please hold."
)
GREETING = "This is Casper, an AI assistant calling for Phantom Pay. May I speak with Robert Blake?"
BIRTHDAY = "Thank you. Please tell me the month and day of your birth."
STATEMENT = "I am calling about invoice 1007. The balance is $120.50. When can you pay it?"
READ_BACK = "To confirm: you will pay $120.50 on December 4th, 2026. Is that right?"
WRONG = "To confirm: you will pay $210.50 on December 4th, 2026. Is that right?"
PLAN = {"amount": "full", "date": "2026-12-04"}


def phone(persona="promises", speech=None):
    entry = PersonEntry(persona, "Robert Blake", 3, 14, "10041", PLAN)
    speech = speech or Tones()
    return Phone(PERSONAS[persona](entry, speech), speech)


class SlowEars(Tones):
    """Understands nothing before the event."""

    def __init__(self, event):
        super().__init__()
        self._event = event

    async def understand(self, ulaw):
        await self._event.wait()
        return await super().understand(ulaw)


async def say(call, text):
    """The other side says something in a turn of its own; the person's answer, understood."""
    await call.play(await call.speech.speak(text))
    audio = await call.reply(patience_ms=5000)
    return await call.speech.understand(audio) if audio else None


async def test_a_person_picks_up_with_hello_and_then_waits():
    async with phone() as call:
        assert await call.speech.understand(await call.reply()) == "Hello?"
        assert await call.reply() == b""
        assert call.said() == ["Hello?"]


async def test_a_whole_call_is_answered_turn_by_turn_and_noted_in_the_ledger():
    async with phone() as call:
        await call.reply()
        assert await say(call, CONNECTING) is None
        assert await say(call, GREETING) == "Yes, speaking."
        assert await say(call, BIRTHDAY) == "My birthday is March 14th."
        assert await say(call, STATEMENT) == "I can pay the full amount on December 4th."
        assert call.record.intended == {"amount": "120.50", "date": "2026-12-04"}
        assert await say(call, READ_BACK) == "Yes, that is right."
        assert call.heard() == [CONNECTING, GREETING, BIRTHDAY, STATEMENT, READ_BACK]
        assert call.said()[0] == "Hello?" and call.said()[-1] == "Yes, that is right."


async def test_with_the_agent_mute_nothing_is_promised():
    async with phone() as call:
        await call.reply()
        await call.quiet(120_000)
        assert call.said() == ["Hello?"] and call.heard() == [] and call.record.intended is None


async def test_a_wrong_read_back_gets_a_no():
    async with phone() as call:
        await call.reply()
        await say(call, STATEMENT)
        assert (await say(call, WRONG)).startswith("No, that is not right.")


async def test_nobody_speaks_while_the_other_side_does():
    async with phone() as call:
        await call.reply()
        greeting = await call.speech.speak(GREETING)
        before = len(call.spoken)
        await call.play(greeting + b"\xff" * 8 * 500 + greeting + b"\xff" * 8 * 500 + greeting)
        assert len(call.spoken) == before
        assert await call.reply()


async def test_who_is_about_to_answer_waits_when_the_other_side_goes_on():
    going_on = asyncio.Event()
    async with phone(speech=SlowEars(going_on)) as call:
        await call.reply()
        before = len(call.spoken)
        await call.play(await call.speech.speak(GREETING))
        await call.quiet(800)
        rest = await call.speech.speak(BIRTHDAY)
        await call.play(rest[: len(rest) // 2])
        going_on.set()
        await call.play(rest[len(rest) // 2 :])
        assert len(call.spoken) == before
        assert await call.speech.understand(await call.reply()) == "My birthday is March 14th."


async def test_two_turns_heard_while_thinking_get_one_answer():
    thought = asyncio.Event()
    async with phone(speech=SlowEars(thought)) as call:
        await call.reply()
        for text in (GREETING, BIRTHDAY):
            await call.play(await call.speech.speak(text))
            await call.quiet(800)
        thought.set()
        await call.quiet(10_000)
        assert call.said() == ["Hello?", "My birthday is March 14th."]


async def test_speech_that_is_not_understood_is_asked_for_again_three_times_at_most():
    babble = encode(np.random.default_rng(1).normal(0, 4000, RATE).astype(np.int16))
    async with phone() as call:
        await call.reply()
        for _ in range(5):
            await call.play(babble)
            await call.reply(patience_ms=5000)
        assert call.said() == ["Hello?"] + [SAY_AGAIN] * 3


async def test_who_has_lost_their_ears_notes_it_and_says_nothing():
    async with phone(speech=Tones(deaf=True)) as call:
        await call.reply()
        assert await say_deaf(call) == b""
        assert "ears_failed" in call.kinds() and call.said() == ["Hello?"]


async def say_deaf(call):
    await call.play(await call.speech.speak(GREETING))
    return await call.reply(patience_ms=5000)


async def test_who_has_lost_their_voice_notes_it_and_says_nothing():
    async with phone(speech=Tones(mute=True)) as call:
        assert await call.reply(patience_ms=5000) == b""
        assert call.kinds() == ["mouth_failed"] and call.said() == []


async def test_who_hangs_up_does_so_when_asked_for_and_not_before():
    async with phone("hangs_up") as call:
        await call.reply()
        assert await say(call, CONNECTING) is None and not call.hung_up
        assert await say(call, GREETING) is None and call.hung_up


async def test_a_wrong_number_says_so_with_the_name_they_were_asked_for():
    async with phone("wrong_number") as call:
        await call.reply()
        assert await say(call, CONNECTING) is None
        denial = "Sorry, you have the wrong number. There is nobody called Ann Smith here."
        assert await say(call, "May I speak with Ann Smith?") == denial
        assert await say(call, "I apologize for the mistake. Goodbye.") == "Goodbye."


async def test_a_voicemail_greets_beeps_and_hangs_up_after_a_minute_of_tape():
    async with phone("voicemail") as call:
        audio = await call.reply()
        assert "Please leave a message after the tone." in call.said()[0]
        spectrum = np.abs(np.fft.rfft(np.frombuffer(audio[-8 * 300 :], np.uint8) > 127))
        assert np.argmax(spectrum[1:]) + 1 == pytest.approx(1000 * len(audio[-8 * 300 :]) / RATE, abs=2)
        assert call.kinds() == ["beep"]
        assert await say(call, GREETING) is None and not call.hung_up
        await call.quiet(61_000)
        assert call.hung_up and len(call.said()) == 1
