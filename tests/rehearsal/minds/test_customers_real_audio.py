"""People with real ears and a real voice: the models server speaks the agent's lines, and understands what they answer.

The far end here is a script that knows no more of the person than its own ears tell it.
"""

import asyncio

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from rehearsal.carrier.people import PersonEntry
from rehearsal.customers import PERSONAS
from rehearsal.customers.speech import SpeechClient
from rehearsal.models.server import make_app
from tests.rehearsal.minds.customer_phone import Phone

pytestmark = pytest.mark.asyncio(loop_scope="module")

PACE = 0.0005  # forty times as fast as a telephone: what a person thinks over costs them a few seconds of silence
AGENT_VOICE = "alloy"
CONNECTING = (
    "This is an automated call from Phantom Pay. Connecting you to our payment specialist. Please hold."
)
GREETING = "This is Casper, an AI assistant calling for Phantom Pay. May I speak with Robert Blake?"
BIRTHDAY = (
    "I need to make sure I am speaking with the right person. Please tell me the month and day of your birth."
)
STATEMENT = (
    "Thank you. I am calling about invoice 1 0 0 7. "
    "The balance is $120.50, and it was due on November 3rd. When can you pay it?"
)
READ_BACK = "To confirm: you will pay $120.50 on Friday, December 4th, 2026. Is that right?"
WRONG_AMOUNT = "To confirm: you will pay $210.50 on Friday, December 4th, 2026. Is that right?"
WRONG_DATE = "To confirm: you will pay $120.50 on Friday, December 11th, 2026. Is that right?"
GOODBYE = "Thank you. Your promise is noted. Goodbye."
FULL = {"amount": "full", "date": "2026-12-04"}


class AgentsEnd(SpeechClient):
    """Speaks the agent's lines and hears with the ears that the agent has."""

    ears = "whisper-1"

    async def say(self, call, text):
        """One line into the phone; what came back once it was heard, understood; None for silence."""
        before = len(call.heard())
        await call.play(await self.speak(text, AGENT_VOICE))
        await call.until(lambda: len(call.heard()) > before or call.hung_up)
        return await self.answer(call)

    async def answer(self, call):
        audio = await call.reply(patience_ms=40_000)
        return await self.understand(audio) if audio else None


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def models_url():
    runner = web.AppRunner(make_app(1))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with aiohttp.ClientSession() as session:
        for _ in range(300):
            async with session.get(f"{url}/healthz") as answer:
                if answer.status == 200:
                    break
            await asyncio.sleep(0.1)
    yield f"{url}/v1"
    await runner.cleanup()


@pytest_asyncio.fixture(loop_scope="module")
async def agent(models_url):
    async with AgentsEnd(models_url) as end:
        yield end


def phone(models_url, plan=FULL, persona="promises"):
    entry = PersonEntry(persona, "Robert Blake", 3, 14, "10041", plan)
    return Phone(PERSONAS[persona](entry, SpeechClient(models_url)), pace=PACE)


async def test_a_promise_is_made_by_voice_alone(models_url, agent):
    async with phone(models_url) as call:
        assert "Hello" in await agent.answer(call)
        assert await agent.say(call, CONNECTING) is None
        assert "Yes" in await agent.say(call, GREETING)
        assert "March 14th" in await agent.say(call, BIRTHDAY)
        offer = await agent.say(call, STATEMENT)
        assert "full amount" in offer and "December 4th" in offer
        assert "right" in await agent.say(call, READ_BACK)
        assert "Goodbye" in await agent.say(call, GOODBYE)
        assert call.record.intended == {"amount": "120.50", "date": "2026-12-04"}
        assert call.said()[-2] == "Yes, that is right."


@pytest.mark.parametrize("read_back", [WRONG_AMOUNT, WRONG_DATE])
async def test_a_wrong_read_back_is_denied_by_voice(models_url, agent, read_back):
    async with phone(models_url) as call:
        await agent.answer(call)
        await agent.say(call, STATEMENT)
        assert (await agent.say(call, read_back)).startswith("No")
        assert not any(text.startswith("Yes") for text in call.said())


async def test_a_part_is_promised_in_the_currency_of_the_balance(models_url, agent):
    async with phone(models_url, {"amount": "50.00", "date": "2026-12-21"}) as call:
        await agent.answer(call)
        offer = await agent.say(call, STATEMENT.replace("$", "£"))
        assert "£50" in offer and "December 21st" in offer


async def test_without_a_voice_from_the_agent_nothing_comes_about(models_url, agent):
    async with phone(models_url) as call:
        await agent.answer(call)
        await call.quiet(20_000)
        assert call.said() == ["Hello?"] and call.heard() == [] and call.record.intended is None


async def test_a_wrong_number_is_told_by_voice(models_url, agent):
    async with phone(models_url, persona="wrong_number") as call:
        await agent.answer(call)
        assert "wrong number" in await agent.say(call, GREETING)


async def test_who_hangs_up_waits_for_the_voice_that_asks_for_them(models_url, agent):
    async with phone(models_url, persona="hangs_up") as call:
        await agent.answer(call)
        assert not call.hung_up
        await agent.say(call, GREETING)
        assert call.hung_up


async def test_a_voicemail_is_understood_as_one(models_url, agent):
    async with phone(models_url, persona="voicemail") as call:
        assert "leave a message after the tone" in await agent.answer(call)
