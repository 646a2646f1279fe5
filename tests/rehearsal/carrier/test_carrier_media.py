"""The media stream, from a raw WebSocket server's side."""

import asyncio
import base64
import json
import time
from typing import Any

import aiohttp
import numpy as np
import pytest
from aiohttp import web
from twilio.request_validator import RequestValidator

from rehearsal.carrier import media
from rehearsal.carrier.line import SILENCE, Line
from rehearsal.carrier.mulaw import decode, encode, level
from rehearsal.carrier.signature import HEADER
from tests.rehearsal.carrier.carrier_world import SID, TOKEN, World, tone, until


class Peer:
    """Our end of one stream: reads in the background, says what it likes."""

    def __init__(self, world: World) -> None:
        self.messages: list[dict[str, Any]] = []
        self.arrivals: list[float] = []
        self.closed = asyncio.Event()
        self.leave = asyncio.Event()
        self.opened = asyncio.Event()
        self.socket: web.WebSocketResponse
        world.application.socket = self._serve

    async def _serve(self, socket: web.WebSocketResponse) -> None:
        self.socket = socket
        request = socket._req
        assert request is not None
        self.transport = request.transport
        reader = asyncio.create_task(self._read())
        leaving = asyncio.create_task(self.leave.wait())
        await asyncio.wait({reader, leaving}, return_when=asyncio.FIRST_COMPLETED)
        reader.cancel()
        leaving.cancel()

    async def _read(self) -> None:
        async for message in self.socket:
            self.messages.append(json.loads(message.data))
            self.arrivals.append(time.monotonic())
            if self.messages[-1]["event"] == "start":
                self.opened.set()
        self.closed.set()

    def of(self, event: str) -> list[dict[str, Any]]:
        return [message for message in self.messages if message["event"] == event]

    @property
    def stream_sid(self) -> str:
        return str(self.of("start")[0]["streamSid"])

    async def open(self) -> "Peer":
        await asyncio.wait_for(self.opened.wait(), 5)
        return self

    async def media(self, ulaw: bytes) -> None:
        payload = base64.b64encode(ulaw).decode()
        await self.say({"event": "media", "streamSid": self.stream_sid, "media": {"payload": payload}})

    async def mark(self, name: str) -> None:
        await self.say({"event": "mark", "streamSid": self.stream_sid, "mark": {"name": name}})

    async def clear(self) -> None:
        await self.say({"event": "clear", "streamSid": self.stream_sid})

    async def say(self, message: object) -> None:
        await self.socket.send_str(json.dumps(message))


@pytest.fixture
def peer(world: World) -> Peer:
    return Peer(world)


async def opened(world: World, peer: Peer, **connect: str) -> str:
    sid = await world.call(world.application.connect(**connect))
    await peer.open()
    return sid


async def test_a_stream_begins_with_connected_and_start(world: World, peer: Peer):
    inside = '<Parameter name="token" value="secret &amp; short"/>'
    sid = await opened(world, peer, inside=inside)
    connected, start = peer.messages[:2]
    assert connected == {"event": "connected", "protocol": "Call", "version": "1.0.0"}
    assert start == {
        "event": "start",
        "sequenceNumber": "1",
        "streamSid": peer.stream_sid,
        "start": {
            "streamSid": peer.stream_sid,
            "accountSid": SID,
            "callSid": sid,
            "tracks": ["inbound"],
            "customParameters": {"token": "secret & short"},
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        },
    }
    assert peer.stream_sid.startswith("MZ") and len(peer.stream_sid) == 34
    handshake = world.application.handshakes[0]
    assert handshake["path"] == "/stream"
    url = world.application.stream_url
    assert RequestValidator(TOKEN).validate(url, {}, handshake[HEADER])


async def test_fifty_frames_a_second_silence_included(world: World, peer: Peer):
    await opened(world, peer)
    frames = await until(lambda: len(peer.of("media")) >= 75 and peer.of("media"))
    times = [
        at for at, message in zip(peer.arrivals, peer.messages, strict=True) if message["event"] == "media"
    ]
    assert 1.40 <= times[74] - times[0] <= 1.60
    for number, frame in enumerate(frames, start=1):
        assert frame["sequenceNumber"] == str(number + 1) and frame["streamSid"] == peer.stream_sid
        details = frame["media"]
        assert (details["track"], details["chunk"]) == ("inbound", str(number))
        assert details["timestamp"] == str((number - 1) * 20)
        assert base64.b64decode(details["payload"]) == SILENCE


async def test_what_the_person_says_arrives_whole(world: World, peer: Peer):
    speech = encode(tone(500))
    spoken_at: list[int] = []

    async def speak(line: Line) -> None:
        await peer.open()
        await line.say(speech)
        spoken_at.append(line.now_ms)

    world.talk = speak
    sid = await opened(world, peer)
    await until(lambda: spoken_at)
    await until(lambda: base64.b64decode(peer.of("media")[-1]["media"]["payload"]) == SILENCE)
    received = b"".join(base64.b64decode(message["media"]["payload"]) for message in peer.of("media"))
    assert speech in received
    assert speech in bytes(world.record(sid).into_handset)


async def test_audio_of_any_size_is_played_in_order_and_in_real_time(world: World, peer: Peer):
    heard = bytearray()

    async def listen(line: Line) -> None:
        async for frame in line.heard():
            heard.extend(frame)

    world.talk = listen
    sid = await opened(world, peer)
    sound = encode(tone(600, hertz=700))
    for start, end in ((0, 37), (37, 1000), (1000, 1001), (1001, len(sound))):
        await peer.media(sound[start:end])
    await peer.mark("end")
    await until(lambda: peer.of("mark"))
    assert sound in bytes(heard) and sound in bytes(world.record(sid).out_of_handset)
    assert world.record(sid).counters["underruns"] == 0
    first_voice = world.events(sid, "first_voice")
    assert len(first_voice) == 1 and first_voice[0]["at_ms"] >= world.events(sid, "stream_opened")[0]["at_ms"]
    assert first_voice[0]["position_ms"] == bytes(heard).index(sound) // 8


async def test_silence_is_no_first_voice(world: World, peer: Peer):
    sid = await opened(world, peer)
    await peer.media(SILENCE * 3)
    await peer.mark("quiet")
    await until(lambda: peer.of("mark"))
    assert world.events(sid, "first_voice") == []


async def test_a_mark_is_echoed_when_the_audio_before_it_was_played(world: World, peer: Peer):
    sid = await opened(world, peer)
    started = time.monotonic()
    await peer.media(encode(tone(300)))
    await peer.mark("half")
    await peer.media(encode(tone(300)))
    await peer.mark("whole")
    await until(lambda: len(peer.of("mark")) == 2)
    half, whole = [
        at for at, each in zip(peer.arrivals, peer.messages, strict=True) if each["event"] == "mark"
    ]
    assert [each["mark"]["name"] for each in peer.of("mark")] == ["half", "whole"]
    assert 0.28 <= half - started <= 0.42 and 0.28 <= whole - half <= 0.34
    assert [event["played"] for event in world.events(sid, "mark")] == [True, True]
    numbers = [int(message["sequenceNumber"]) for message in peer.messages[1:]]
    assert numbers == list(range(1, len(numbers) + 1))


async def test_a_mark_with_nothing_before_it_is_echoed_at_once(world: World, peer: Peer):
    await opened(world, peer)
    await peer.mark("now")
    await until(lambda: peer.of("mark"), deadline=0.2)


async def test_clear_silences_at_once_and_echoes_pending_marks(world: World, peer: Peer):
    sid = await opened(world, peer)
    await peer.media(encode(tone(5000)))
    await peer.mark("goodbye")
    await until(lambda: world.events(sid, "first_voice"))
    assert peer.of("mark") == []
    await peer.clear()
    await until(lambda: peer.of("mark"))
    assert world.events(sid, "mark")[0]["played"] is False
    assert 4000 < world.events(sid, "clear")[0]["dropped_ms"] < 5000
    position = len(world.record(sid).out_of_handset)
    await until(lambda: len(world.record(sid).out_of_handset) > position + 1600)
    assert level(bytes(world.record(sid).out_of_handset[position:])) == 0
    await peer.media(encode(tone(100)))
    await peer.mark("again")
    await until(lambda: len(peer.of("mark")) == 2)
    assert world.events(sid, "mark")[1]["played"] is True


async def test_a_key_is_a_dtmf_message(world: World, peer: Peer):
    async def press(line: Line) -> None:
        await peer.open()
        line.press("7")

    world.talk = press
    sid = await opened(world, peer)
    await until(lambda: peer.of("dtmf"))
    assert peer.of("dtmf")[0]["dtmf"] == {"track": "inbound_track", "digit": "7"}
    assert world.events(sid, "dtmf")[0]["digit"] == "7"


async def test_hanging_up_ends_the_stream_with_stop(world: World, peer: Peer):
    async def leave(line: Line) -> None:
        await peer.open()
        line.hang_up()

    world.talk = leave
    sid = await opened(world, peer)
    await asyncio.wait_for(peer.closed.wait(), 3)
    assert peer.messages[-1]["event"] == "stop"
    assert peer.messages[-1]["stop"] == {"accountSid": SID, "callSid": sid}
    assert (await world.ended(sid)).status == "completed"
    assert world.events(sid, "stream_closed")[0]["by"] == "carrier"


async def test_twiml_goes_on_when_the_application_closes_the_socket(world: World, peer: Peer):
    sid = await opened(world, peer, after="<Say>We are sorry</Say>")
    peer.leave.set()
    await world.ended(sid)
    assert world.application.speech_requests[0]["input"] == "We are sorry"
    assert world.events(sid, "stream_closed")[0]["by"] == "application"
    assert peer.of("stop") == []


async def test_a_close_in_answer_to_start_ends_a_call_with_nothing_after_it(world: World, peer: Peer):
    peer.leave.set()
    sid = await world.call(world.application.connect())
    record = await world.ended(sid)
    assert record.status == "completed" and world.events(sid, "hung_up")[0]["by"] == "end"


async def test_an_application_that_breaks_off_is_31921_and_twiml_goes_on(world: World, peer: Peer):
    sid = await opened(world, peer, after="<Say>We are sorry</Say>")
    assert peer.transport is not None
    peer.transport.abort()
    await world.ended(sid)
    assert world.errors(sid) == [31921] and world.application.speech_requests[0]["input"] == "We are sorry"
    assert world.events(sid, "stream_closed")[0]["by"] == "application"


async def test_new_twiml_ends_the_stream_with_stop(world: World, peer: Peer):
    sid = await opened(world, peer)
    twiml = "<Response><Say>Goodbye</Say></Response>"
    await world.post(f"{world.calls}/{sid}.json", {"Twiml": twiml})
    await asyncio.wait_for(peer.closed.wait(), 3)
    assert peer.messages[-1]["event"] == "stop"
    await world.ended(sid)
    assert world.application.speech_requests[0]["input"] == "Goodbye"


async def test_a_person_whose_code_breaks_is_in_the_ledger(world: World, peer: Peer):
    async def broken(line: Line) -> None:
        raise RuntimeError("dumb")

    world.talk = broken
    sid = await opened(world, peer)
    assert world.events(sid, "person_failed")[0]["error"] == "RuntimeError: dumb"
    assert world.record(sid).status == "in-progress"


async def test_a_refused_handshake_is_31920_and_twiml_goes_on(world: World):
    refused = world.application.url.replace("http", "ws") + "/nowhere"
    url = world.application.respond(
        "/voice", f'<Connect><Stream url="{refused}"/></Connect><Say>We are sorry</Say>'
    )
    sid = await world.call(url)
    await world.ended(sid)
    assert world.errors(sid) == [31920] and world.application.speech_requests


async def test_nobody_at_the_stream_is_31902(world: World):
    sid = await world.call(
        world.application.respond("/voice", '<Connect><Stream url="ws://127.0.0.1:9/"/></Connect>')
    )
    await world.ended(sid)
    assert world.errors(sid) == [31902]


def refused_messages() -> dict[str, Any]:
    good = {"event": "media", "streamSid": "@", "media": {"payload": "/w=="}}
    return {
        "not JSON": "hello",
        "empty": "",
        "array": json.dumps([good]),
        "number": "7",
        "deep": "[" * 100_000,
        "no event": json.dumps({"streamSid": "@"}),
        "unknown event": json.dumps({"event": "stop", "streamSid": "@"}),
        "event is a list": json.dumps({"event": ["media"], "streamSid": "@"}),
        "wrong stream": json.dumps({**good, "streamSid": "MZ" + "0" * 32}),
        "no stream": json.dumps({"event": "media", "media": {"payload": "/w=="}}),
        "extra field": json.dumps({**good, "sequenceNumber": "1"}),
        "extra field inside": json.dumps({**good, "media": {"payload": "/w==", "track": "outbound"}}),
        "no payload": json.dumps({**good, "media": {}}),
        "media is text": json.dumps({**good, "media": "/w=="}),
        "payload is a number": json.dumps({**good, "media": {"payload": 7}}),
        "bad base64": json.dumps({**good, "media": {"payload": "/w="}}),
        "base64 with a space": json.dumps({**good, "media": {"payload": "/w= ="}}),
        "mark without a name": json.dumps({"event": "mark", "streamSid": "@", "mark": {}}),
        "clear with a field": json.dumps({"event": "clear", "streamSid": "@", "clear": {}}),
    }


@pytest.mark.parametrize("name", refused_messages())
async def test_an_invalid_message_is_31951_and_discarded(world: World, peer: Peer, name):
    sid = await opened(world, peer)
    await peer.media(encode(tone(5000)))
    text = refused_messages()[name].replace("@", peer.stream_sid)
    await peer.socket.send_str(text)
    await peer.socket.send_str(text)
    await until(lambda: world.record(sid).counters["messages_rejected"] == 2)
    assert world.errors(sid) == [31951]  # warned of once a stream
    assert not world.events(sid, "clear") and not peer.of("mark")
    await peer.mark("still here")
    await peer.clear()
    await until(lambda: peer.of("mark"))


async def test_a_binary_message_is_31950_and_discarded(world: World, peer: Peer):
    sid = await opened(world, peer)
    await peer.socket.send_bytes(encode(tone(100)))
    await peer.mark("after")
    await until(lambda: peer.of("mark"))
    assert world.errors(sid) == [31950]
    assert level(bytes(world.record(sid).out_of_handset)) == 0


async def test_more_than_ten_minutes_of_audio_is_31931(world: World, peer: Peer):
    sid = await opened(world, peer)
    minute = b"\xff" * 8000 * 60
    for _ in range(10):
        await peer.media(minute)
    await peer.media(b"\xff" * 8000)
    await until(lambda: world.errors(sid) == [31931])
    await peer.clear()
    await until(lambda: world.events(sid, "clear"))
    assert 595_000 < world.events(sid, "clear")[0]["dropped_ms"] <= 600_000


async def test_who_does_not_read_loses_audio_with_31930(world: World, monkeypatch):
    monkeypatch.setattr(media, "UNSENT_LIMIT", 5)
    stuck = asyncio.Event()

    async def deaf(socket: web.WebSocketResponse) -> None:
        await stuck.wait()

    world.application.socket = deaf
    original = aiohttp.ClientWebSocketResponse.send_str

    async def full(self, data, *args, **kwargs):
        if '"media"' in data:
            await stuck.wait()  # as a socket does whose buffers are full
        await original(self, data, *args, **kwargs)

    monkeypatch.setattr(aiohttp.ClientWebSocketResponse, "send_str", full)
    sid = await world.call(world.application.connect())
    await until(lambda: world.record(sid).counters["media_discarded"] > 3)
    assert world.errors(sid) == [31930]
    stuck.set()


async def test_the_streams_own_callbacks(world: World, peer: Peer):
    target = world.application.respond("/stream-status", "")
    await opened(world, peer, attributes=f'name="ours" statusCallback="{target}"')
    peer.leave.set()
    requests = await until(
        lambda: (
            [r["form"] for r in world.application.requests if r["path"] == "/stream-status"][1:]
            and [r for r in world.application.requests if r["path"] == "/stream-status"]
        )
    )
    started, stopped = [request["form"] for request in requests]
    assert (started["StreamEvent"], stopped["StreamEvent"]) == ("stream-started", "stream-stopped")
    assert started["StreamSid"] == peer.stream_sid and started["StreamName"] == "ours"
    for request in requests:
        assert RequestValidator(TOKEN).validate(target, request["form"], request["headers"][HEADER])


async def test_a_failed_stream_tells_its_callback(world: World):
    target = world.application.respond("/stream-status", "")
    stream = f'<Stream url="ws://127.0.0.1:9/" statusCallback="{target}"/>'
    await world.call(world.application.respond("/voice", f"<Connect>{stream}</Connect>"))
    request = await until(
        lambda: next((r for r in world.application.requests if r["path"] == "/stream-status"), None)
    )
    assert request["form"]["StreamEvent"] == "stream-error" and request["form"]["StreamError"]


async def test_a_gap_in_the_speech_counts_as_an_underrun(world: World, peer: Peer):
    sid = await opened(world, peer)
    await peer.media(encode(tone(100)))
    await peer.mark("dry")
    await until(lambda: peer.of("mark"))
    frames = world.record(sid).counters["frames"]
    await until(lambda: world.record(sid).counters["frames"] > frames + 3)
    await peer.media(encode(tone(100)))
    await peer.mark("wet")
    await until(lambda: len(peer.of("mark")) == 2)
    peer.leave.set()
    assert (await world.ended(sid)).counters["underruns"] == 1


async def test_two_callers_do_not_hear_each_other(world: World):
    sids, peers = [], []
    for hertz in (500, 900):
        peer = Peer(world)
        sids.append(await opened(world, peer))
        await peer.media(encode(tone(300, hertz=hertz)))
        await peer.mark("end")
        peers.append(peer)
    await until(lambda: all(peer.of("mark") for peer in peers))
    for sid, hertz in zip(sids, (500, 900), strict=True):
        track = decode(bytes(world.record(sid).out_of_handset)).astype(float)
        assert abs(np.argmax(np.abs(np.fft.rfft(track))) * 8000 / len(track) - hertz) < 15
