"""The carrier is asked to go on with somebody else, says yes, and leaves the phone where it is."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer
from channels.db import database_sync_to_async

from agent_worker import lines, wishes
from calls.house import house_rules_change
from calls.models import Call, Disposition
from tests.agent_worker.handset import Room
from tests.agent_worker.talking import conversation, reread

PATIENCE = 20.0


@pytest_asyncio.fixture
async def carrier(settings) -> AsyncIterator[None]:
    async def says_yes(request: web.Request) -> web.Response:
        return web.json_response({"sid": "CA" + "5" * 32, "status": "in-progress"})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", says_yes)
    server = TestServer(app)
    await server.start_server()
    settings.TWILIO_API_BASE_URL = str(server.make_url("")).rstrip("/")
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = "AC" + "0" * 32, "token of the account"
    settings.PUBLIC_BASE_URL = "https://pay.example.com"
    yield
    await server.close()


@pytest.fixture
def _hurried(monkeypatch):
    monkeypatch.setattr(wishes, "TAKEN_OVER_SECONDS", 0.2)


@database_sync_to_async
def ringing(world) -> Call:
    """A call that the carrier knows, in a house with a colleague at the phone."""
    house_rules_change(
        source="staff",
        actor=None,
        reason="x",
        transfer_number="+12135550177",
        transfer_from="00:00",
        transfer_until="23:59:59",
    )
    call: Call = world.call()
    Call.objects.filter(pk=call.pk).update(carrier_sid="CA" + "5" * 32)
    return call


@pytest.mark.usefixtures("carrier", "_hurried")
class TestNeverTakenOver:
    async def test_for_a_colleague_means_that_one_rings_back(self, world, brain):
        call = await ringing(world)
        async with conversation(call, brain, room=Room()) as person, asyncio.timeout(PATIENCE):
            await person.say("let me speak to a human")
            await person.talk.over.wait()
            assert person.spoken()[-2:] == [lines.CONNECTING, lines.NOBODY_FREE]
        call = await reread(call)
        assert call.disposition == Disposition.CALLBACK
        assert call.next_action == "A colleague is to ring back."

    async def test_for_the_announcement_leaves_the_talk_with_the_agent(self, world, brain):
        call = await ringing(world)
        async with conversation(call, brain, room=Room()) as person, asyncio.timeout(PATIENCE):
            await person.disclosed()
            await person.verified()
            assert await person.press("1") == [f"{lines.NO_KEYS} {lines.WHEN}"]
            assert person.session.input.audio_enabled and not person.talk.handed_over
            assert await person.say("What is it for?", "For the sacks.") == ["For the sacks."]

    async def test_leaves_nobody_listened_to_who_was_not_before(self, world, brain):
        call = await ringing(world)
        async with conversation(call, brain, room=Room()) as person, asyncio.timeout(PATIENCE):
            person.session.input.set_audio_enabled(False)
            assert not await person.talk.leave_to_carrier(0.1)
            assert not person.session.input.audio_enabled
