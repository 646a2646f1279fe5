"""Who may open a stream, what is refused on it, and that every way of ending it ends the same."""

import asyncio
import contextlib

import aiohttp
import pytest

from tests.calls.bridge.conftest import stored, talking
from tests.calls.bridge.ends import Phone

REFUSED, FAILED = 4400, 4500


@contextlib.asynccontextmanager
async def connected(bridge, call=None):
    phone = Phone(bridge, call or await asyncio.to_thread(bridge.ask, "call"))
    try:
        yield await phone.connect()
    finally:
        await phone.close()


async def issue(bridge, call):
    return await asyncio.to_thread(bridge.ask, "token", call_id=call["id"])


@pytest.mark.parametrize("url", [None, "ws://127.0.0.1/other", "http://example.com/twilio-stream"])
async def test_an_unsigned_handshake_is_refused(bridge, url):
    phone = Phone(bridge, {"sid": "CA1"})
    headers = {"X-Twilio-Signature": bridge.signature(url)} if url else {"X-Other": "1"}
    with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
        await phone.connect(**headers)
    assert refusal.value.status == 403


async def test_a_forged_token_opens_nothing(bridge):
    async with connected(bridge) as phone:
        await issue(bridge, phone.call)
        await phone.start("forged")
        assert await phone.until_closed() == REFUSED
    assert not bridge.ask("read", call_id=phone.call["id"])["opened"]


async def test_an_expired_token_opens_nothing(bridge):
    async with connected(bridge) as phone:
        token = await issue(bridge, phone.call)
        bridge.ask("expire", call_id=phone.call["id"])
        await phone.start(token)
        assert await phone.until_closed() == REFUSED


async def test_a_token_of_another_call_opens_nothing(bridge):
    other = bridge.ask("call")
    async with connected(bridge) as phone:
        await phone.start(await issue(bridge, other))
        assert await phone.until_closed() == REFUSED
    assert not bridge.ask("read", call_id=other["id"])["opened"]


async def test_a_call_has_one_stream(conversation, bridge):
    """Neither the token once more, nor a new one, opens a second stream; the first goes on."""
    async with connected(bridge, conversation.call) as second:
        await second.start(await issue(bridge, conversation.call))
        assert await second.until_closed() == REFUSED
    heard = len(conversation.agent.heard)
    await conversation.phone.until(lambda: len(conversation.agent.heard) > heard + 10)


async def test_a_token_serves_once(bridge):
    call = bridge.ask("call")
    token = await issue(bridge, call)
    async with connected(bridge, call) as first:
        await first.start(token)
        await first.hang_up()
        await stored(bridge, call)
    async with connected(bridge, call) as again:
        await again.start(token)
        assert await again.until_closed() == REFUSED


async def test_a_stream_must_start(bridge):
    async with connected(bridge) as phone:
        await phone.send({"event": "connected", "protocol": "Call", "version": "1.0.0"})
        assert await phone.until_closed(7) == REFUSED


BEFORE = {
    "media": lambda phone: phone.media(b"\xff" * 160, 0),
    "stop": lambda phone: {"event": "stop", "streamSid": phone.sid},
    "no JSON": lambda phone: "hello",
    "an array": lambda phone: [],
}


@pytest.mark.parametrize("name", BEFORE)
async def test_nothing_comes_before_the_start(bridge, name):
    async with connected(bridge) as phone:
        await phone.send(BEFORE[name](phone))
        assert await phone.until_closed() == REFUSED


@pytest.mark.parametrize(
    "change",
    [
        {"accountSid": "AC" + "c" * 32},
        {"mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 16000, "channels": 1}},
        {"mediaFormat": {"encoding": "audio/l16", "sampleRate": 8000, "channels": 1}},
        {"customParameters": {}},
        {"customParameters": None},
        {"streamSid": 'MZ","x":"'},
    ],
)
async def test_a_start_that_is_not_ours_is_refused(bridge, change):
    async with connected(bridge) as phone:
        await phone.start(await issue(bridge, phone.call), **change)
        assert await phone.until_closed() == REFUSED
    assert not bridge.ask("read", call_id=phone.call["id"])["opened"]


async def test_nonsense_on_the_way_is_dropped_and_counted(conversation):
    phone = conversation.phone
    good = phone.media(b"\xff" * 160, 0)
    nonsense = [
        "hello",
        "[" * 20000,
        [],
        {"event": "media"},
        {"event": "dance", "streamSid": phone.sid},
        {**good, "media": {**good["media"], "payload": "not base64!"}},
        {**good, "media": {**good["media"], "payload": ""}},
        {**good, "media": {**good["media"], "payload": "A" * 100_000}},
        {**good, "media": {**good["media"], "timestamp": "-5"}},
        {**good, "media": {**good["media"], "timestamp": 5}},
        {"event": "dtmf", "streamSid": phone.sid, "dtmf": {"digit": "12"}},
    ]
    for message in nonsense:
        await phone.send(message)
    await phone.socket.send_bytes(b"\x00" * 100)
    heard = len(conversation.agent.heard)
    await phone.until(lambda: len(conversation.agent.heard) > heard + 10)
    await phone.hang_up()
    assert (await conversation.row())["media"]["invalid"] == len(nonsense) + 1


async def test_a_megabyte_ends_the_stream_cleanly(conversation):
    await conversation.phone.send("x" * 5_000_000)
    await conversation.phone.until_closed()
    assert (await conversation.row())["events"][-1][0] == "stream_closed"


@pytest.mark.parametrize("kind", ["another stream", "a second start"])
async def test_a_stream_keeps_its_identity(conversation, kind):
    phone = conversation.phone
    if kind == "another stream":
        await phone.send({**phone.media(b"\xff" * 160, phone.at_ms), "streamSid": "MZ" + "0" * 32})
    else:
        await phone.start("whatever")
    assert await phone.until_closed() == REFUSED
    row = await conversation.row()
    assert row["events"][-1] == ["stream_closed", "protocol"]
    assert row["end_reason"] == "The carrier's audio stream was faulty"


async def test_a_flood_is_bounded(conversation):
    phone = conversation.phone
    message = phone.media(b"\xff" * 160, 0)
    for _ in range(2000):
        await phone.send(message)
    assert await phone.until_closed() == REFUSED
    media = (await conversation.row())["media"]
    assert media["frames_in"] < 1000 and media["flooded"] > 100


@pytest.mark.parametrize("way", ["stop", "close", "stop and close", "reset"])
async def test_however_the_caller_goes_it_ends_the_same(bridge, way):
    async with talking(bridge) as conversation:
        phone = conversation.phone
        if way.startswith("stop"):
            await phone.send({"event": "stop", "streamSid": phone.sid, "stop": {}})
        if way.endswith("close"):
            await phone.socket.close()
        if way == "reset":
            phone.drop()
        await asyncio.wait_for(conversation.agent.phone_left.wait(), 5)
        row = await conversation.row()
    assert row["events"] == [["stream_opened", ""], ["stream_closed", "caller_hung_up"]]
    assert row["end_reason"] == ""


async def test_an_agent_that_vanishes_is_told_apart(bridge):
    async with talking(bridge) as conversation:
        await conversation.agent.leave()
        assert await conversation.phone.until_closed(5) == FAILED
        row = await conversation.row()
    assert row["events"][-1] == ["stream_closed", "agent_lost"]
    assert row["end_reason"] == "The voice agent was lost"
