"""The carrier's REST API, through the `twilio` library and through raw requests."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from rehearsal.carrier.people import Ringing
from tests.rehearsal.carrier.carrier_world import FROM, SID, TO, TOKEN, World, running_world, until


@pytest.fixture
def client(world: World) -> Client:
    client = Client(SID, TOKEN)
    client.api.base_url = world.url
    return client


async def test_twilio_library_creates_fetches_lists_and_updates(world: World, client: Client):
    url = world.application.respond("/voice", '<Pause length="60"/>')
    before = datetime.now(UTC) - timedelta(seconds=2)
    call = await asyncio.to_thread(
        lambda: client.calls.create(
            to=TO,
            from_=FROM,
            url=url,
            timeout=30,
            time_limit=600,
            status_callback=world.application.url + "/status",
            status_callback_event=["initiated", "ringing", "answered", "completed"],
        )
    )
    assert (call.status, call.to, call._from, call.direction) == ("queued", TO, FROM, "outbound-api")
    assert call.duration is None and call.price is None
    await until(lambda: "in-progress" in world.application.statuses())
    fetched = await asyncio.to_thread(lambda: client.calls(call.sid).fetch())
    assert fetched.status == "in-progress" and fetched.start_time >= before.replace(microsecond=0)
    found = await asyncio.to_thread(lambda: client.calls.list(to=TO, start_time_after=before))
    assert [each.sid for each in found] == [call.sid]
    assert await asyncio.to_thread(lambda: client.calls.list(to="+12135550199")) == []
    assert await asyncio.to_thread(lambda: client.calls.list(start_time_before=before)) == []
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    assert await asyncio.to_thread(lambda: client.calls.list(start_time_after=tomorrow)) == []
    assert await asyncio.to_thread(lambda: client.calls.list(status="ringing")) == []
    await asyncio.to_thread(lambda: client.calls(call.sid).update(status="completed"))
    await until(lambda: "completed" in world.application.statuses())
    ended = await asyncio.to_thread(lambda: client.calls(call.sid).fetch())
    assert ended.status == "completed" and ended.end_time is not None and ended.duration == "0"


async def test_twilio_library_pages_through_the_list(world: World, client: Client):
    world.ringing = Ringing("busy", 0.0)
    sids = [await world.call("http://127.0.0.1:9/") for _ in range(5)]
    found = await asyncio.to_thread(lambda: client.calls.list(page_size=2))
    assert [call.sid for call in found] == sids[::-1]


async def test_twilio_library_reads_the_errors(world: World, client: Client):
    with pytest.raises(TwilioRestException) as refused:
        await asyncio.to_thread(lambda: client.calls.create(to="12", from_=FROM, url="https://example.com/"))
    assert (refused.value.status, refused.value.code) == (400, 21211)
    with pytest.raises(TwilioRestException) as missing:
        await asyncio.to_thread(lambda: client.calls("CA" + "f" * 32).fetch())
    assert (missing.value.status, missing.value.code) == (404, 20404)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"To": None}, 21201),
        ({"To": "555"}, 21211),
        ({"To": "+1２135550101"}, 21211),
        ({"To": "+19005550123"}, 21216),
        ({"To": "+911"}, 21216),
        ({"From": None}, 21213),
        ({"From": "PhantomPay"}, 21212),
        ({"Url": None}, 21205),
        ({"Url": "/voice"}, 21205),
        ({"Url": "https://exa mple.com/"}, 21205),
        ({"StatusCallback": "nowhere"}, 21609),
        ({"StatusCallbackEvent": "answering"}, 21626),
        ({"Timeout": "601"}, 20001),
        ({"Url": None, "Twiml": "x" * 4001}, 20001),
        ({"MachineDetection": "Enable"}, 20001),
        ({"Record": "true"}, 20001),
    ],
)
async def test_create_refuses_with_the_documented_code(world: World, change, code):
    form = {"To": TO, "From": FROM, "Url": "https://example.com/voice", **change}
    status, error = await world.post(
        world.calls + ".json", {key: value for key, value in form.items() if value is not None}
    )
    assert (status, error["code"], error["status"]) == (400, code, 400)
    assert error["message"] and error["more_info"].endswith(str(code))
    assert world.exchange.newest_first() == []


@pytest.mark.parametrize("secret", [None, "wrong"])
async def test_wrong_credentials_are_refused(world: World, secret):
    headers = {"Authorization": aiohttp.encode_basic_auth(SID, secret)} if secret else {}
    async with world.session.get(world.calls + ".json", headers=headers) as answer:
        assert answer.status == 401 and (await answer.json())["code"] == 20003


async def test_another_account_is_refused(world: World):
    status, error = await world.get(f"{world.url}/2010-04-01/Accounts/AC{'1' * 32}/Calls.json")
    assert (status, error["code"]) == (401, 20003)


async def test_an_unknown_path_is_twilios_404(world: World):
    status, error = await world.get(f"{world.url}/2010-04-01/Accounts/{SID}/Faxes.json")
    assert (status, error["code"]) == (404, 20404)


async def test_calls_beyond_the_rate_wait_in_the_queue():
    async with running_world(calls_per_second=4.0) as world:
        world.ringing = Ringing("busy", 0.0)
        first, second = [await world.call("http://127.0.0.1:9/") for _ in range(2)]
        assert world.exchange.find(second).status == "queued"
        _, queued = await world.get(f"{world.calls}/{second}.json")
        assert queued["start_time"] is None and 0 < int(queued["queue_time"]) <= 250
        await world.ended(second)
        gap = world.exchange.find(second).dialled_at - world.exchange.find(first).dialled_at
        assert 0.2 <= gap < 1.0


async def test_a_queued_call_is_canceled_without_dialling():
    async with running_world(calls_per_second=0.1) as world:
        world.ringing = Ringing("busy", 0.0)
        _, second = [await world.call("http://127.0.0.1:9/") for _ in range(2)]
        await world.post(f"{world.calls}/{second}.json", {"Status": "canceled"})
        record = await world.ended(second)
        assert record.status == "canceled" and world.exchange.find(second).dialled_at is None


async def test_a_ringing_call_is_canceled(world: World):
    world.ringing = Ringing("answer", 30.0)
    sid = await world.call("http://127.0.0.1:9/")
    await until(lambda: world.record(sid).status == "ringing")
    await world.post(f"{world.calls}/{sid}.json", {"Status": "canceled"})
    await world.ended(sid)
    await until(lambda: world.application.statuses() == ["initiated", "ringing", "canceled"])


async def test_canceled_leaves_a_call_in_progress_alone(world: World):
    sid = await world.call(world.application.respond("/voice", '<Pause length="60"/>'))
    await until(lambda: world.record(sid).status == "in-progress")
    status, call = await world.post(f"{world.calls}/{sid}.json", {"Status": "canceled"})
    assert (status, call["status"]) == (200, "in-progress")


async def test_a_call_that_is_over_cannot_be_changed(world: World):
    world.ringing = Ringing("busy", 0.0)
    sid = await world.call("http://127.0.0.1:9/")
    await world.ended(sid)
    for change in ({"Status": "completed"}, {"Url": "https://example.com/"}):
        status, error = await world.post(f"{world.calls}/{sid}.json", change)
        assert (status, error["code"]) == (400, 21220)


async def test_a_ringing_call_cannot_be_redirected(world: World):
    world.ringing = Ringing("answer", 30.0)
    sid = await world.call("http://127.0.0.1:9/")
    status, error = await world.post(f"{world.calls}/{sid}.json", {"Twiml": "<Response/>"})
    assert (status, error["code"]) == (400, 21220)


async def test_new_twiml_takes_over_a_call_in_progress(world: World):
    sid = await world.call(world.application.respond("/voice", '<Pause length="60"/>'))
    await until(lambda: world.events(sid, "twiml"))
    await world.post(f"{world.calls}/{sid}.json", {"Twiml": "<Response><Hangup/></Response>"})
    await world.ended(sid)
    assert [event["verb"] for event in world.events(sid, "twiml")] == ["Pause", "Hangup"]


async def test_the_time_limit_ends_the_call(world: World):
    started = time.monotonic()
    sid = await world.call(world.application.respond("/voice", '<Pause length="60"/>'), TimeLimit="1")
    record = await world.ended(sid)
    assert record.status == "completed" and 0.9 < time.monotonic() - started < 3
    assert world.events(sid, "hung_up")[0]["by"] == "time_limit"


async def test_nobody_answers_within_the_timeout(world: World):
    world.ringing = Ringing("answer", 5.0)
    sid = await world.call("http://127.0.0.1:9/", Timeout="1")
    assert (await world.ended(sid)).status == "no-answer"
