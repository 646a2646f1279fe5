"""The two ends of a bridged call: a phone on the carrier's side, a participant in the room in the agent's place.

Both live in the test's process, so a moment of the one can be compared with a moment of the other.
"""

import asyncio
import base64
import contextlib
import json
import time
from collections import deque
from typing import Any, Self
from uuid import uuid4

import aiohttp
import numpy as np
import numpy.typing as npt
from livekit import api, rtc

from calls.bridge.mulaw import decode, encode
from tests.calls.bridge.rig import ACCOUNT, Bridge

RATE = 8000
FRAME = 160
SILENCE = b"\xff" * FRAME
Samples = npt.NDArray[np.int16]


def tone(hz: float, ms: int, rate: int = RATE, level: int = 8000) -> Samples:
    at = np.arange(rate * ms // 1000)
    return (level * np.sin(2 * np.pi * hz * at / rate)).astype(np.int16)


def strength(samples: Samples, hz: float) -> float:
    """The amplitude of a tone in the samples."""
    if not len(samples):
        return 0.0
    at = np.arange(len(samples))
    return float(2 * abs(np.mean(samples * np.exp(-2j * np.pi * hz * at / RATE))))


def onsets(heard: "list[tuple[float, Samples]]", level: int = 1500) -> list[float]:
    """Moments at which sound begins after at least 100 ms of quiet. Each entry is when a frame ended, and the frame."""
    found, quiet_since = [], float("-inf")
    for end, samples in heard:
        loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > level)
        start = end - len(samples) / RATE
        if len(loud):
            first = start + loud[0] / RATE
            if quiet_since is not None and first - quiet_since > 0.1:
                found.append(first)
            quiet_since = start + loud[-1] / RATE
    return found


class Phone:
    """A Media Streams client: 50 frames a second, plays what comes at 1x, echoes marks when they were reached."""

    def __init__(self, bridge: Bridge, call: dict[str, str]) -> None:
        self.bridge, self.call = bridge, call
        self.sid = "MZ" + uuid4().hex
        self.heard: list[tuple[float, Samples]] = []  # as played: when a frame ended, the frame
        self.arrived: list[float] = []  # when each media message came
        self.spoken: list[tuple[float, Samples]] = []
        self.events: list[tuple[float, str]] = []
        self.marks = True  # echo them
        self.close_code: int | None = None
        self.changed = asyncio.Event()
        self._say: deque[bytes] = deque()
        self._buffer: deque[bytes | str] = deque()
        self._tasks: list[asyncio.Task[Any]] = []
        self._seq = 1
        self.at_ms = 0
        self.reading = True

    async def connect(self, **headers: str) -> Self:
        headers = headers or {"X-Twilio-Signature": self.bridge.signature()}
        self._http = aiohttp.ClientSession()
        try:
            self.socket = await self._http.ws_connect(self.bridge.url, headers=headers, max_msg_size=0)
        except BaseException:
            await self._http.close()
            raise
        self._tasks.append(asyncio.create_task(self._read()))
        return self

    async def start(self, token: str, **changes: Any) -> Self:
        start = {
            "streamSid": self.sid,
            "accountSid": ACCOUNT,
            "callSid": self.call["sid"],
            "tracks": ["inbound"],
            "customParameters": {"token": token},
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        }
        await self.send({"event": "connected", "protocol": "Call", "version": "1.0.0"})
        await self.send(
            {"event": "start", "sequenceNumber": "1", "streamSid": self.sid, "start": {**start, **changes}}
        )
        self.started = time.monotonic()
        return self

    async def open(self) -> Self:
        """The whole way: handshake, token, and the line's 50 frames a second."""
        await self.connect()
        token = await asyncio.to_thread(self.bridge.ask, "token", call_id=self.call["id"])
        await self.start(token)
        self.run()
        return self

    def run(self) -> None:
        self._running = asyncio.create_task(self._line())
        self._tasks.append(self._running)

    def stop_line(self) -> None:
        """Nothing is sent any more, and nothing is closed."""
        self._running.cancel()

    async def send(self, message: Any) -> None:
        with contextlib.suppress(ConnectionError):
            await self.socket.send_str(message if isinstance(message, str) else json.dumps(message))

    def media(self, ulaw: bytes, at_ms: int) -> dict[str, Any]:
        self._seq += 1
        payload = base64.b64encode(ulaw).decode()
        media = {
            "track": "inbound",
            "chunk": str(self._seq),
            "timestamp": str(at_ms),
            "payload": payload,
        }
        return {"event": "media", "sequenceNumber": str(self._seq), "streamSid": self.sid, "media": media}

    def say(self, samples: Samples) -> None:
        data = encode(samples)
        self._say.extend(data[start : start + FRAME] for start in range(0, len(data) // FRAME * FRAME, FRAME))

    async def _line(self) -> None:
        """One tick is 20 ms of the line in both directions, on absolute deadlines."""
        begun, tick = time.monotonic(), 0
        while not self.socket.closed:
            tick += 1
            await asyncio.sleep(begun + tick * 0.02 - time.monotonic())
            now = time.monotonic()
            frame = self._say.popleft() if self._say else SILENCE
            self.spoken.append((now, decode(frame)))
            await self.send(self.media(frame, self.at_ms))
            self.at_ms += 20
            await self._play(now)

    async def _play(self, now: float) -> None:
        played = b""
        while self._buffer and len(played) < FRAME:
            item = self._buffer.popleft()
            if isinstance(item, str):
                await self._echo(item)
            else:
                played += item
        if len(played) > FRAME:
            self._buffer.appendleft(played[FRAME:])
        self.heard.append((now + 0.02, decode(played[:FRAME].ljust(FRAME, b"\xff"))))
        while self._buffer and isinstance(self._buffer[0], str):
            await self._echo(str(self._buffer.popleft()))

    async def _echo(self, name: str) -> None:
        if self.marks:
            await self.send({"event": "mark", "streamSid": self.sid, "mark": {"name": name}})

    async def _read(self) -> None:
        async for message in self.socket:
            now = time.monotonic()
            body = json.loads(message.data)
            assert body["streamSid"] == self.sid
            if body["event"] == "media":
                assert set(body) == {"event", "streamSid", "media"} and set(body["media"]) == {"payload"}
                self._buffer.append(base64.b64decode(body["media"]["payload"]))
                self.arrived.append(now)
            else:
                self.events.append((now, body["event"]))
                if body["event"] == "mark":
                    self._buffer.append(body["mark"]["name"])
                elif body["event"] == "clear":
                    names = [item for item in self._buffer if isinstance(item, str)]
                    self._buffer.clear()
                    for name in names:
                        await self._echo(name)
            self.changed.set()
        self.close_code = self.socket.close_code
        self.closed_at = time.monotonic()
        self.changed.set()

    @property
    def waiting_ms(self) -> float:
        """What the carrier has not played yet."""
        return sum(len(item) for item in self._buffer if isinstance(item, bytes)) / 8

    async def until(self, condition: Any, seconds: float = 5.0) -> None:
        """Wait until the condition holds; looks again whenever something has happened, and each 20 ms."""
        async with asyncio.timeout(seconds):
            while not condition():
                self.changed.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.changed.wait(), 0.02)

    async def until_closed(self, seconds: float = 5.0) -> int:
        await self.until(lambda: self.close_code is not None, seconds)
        assert self.close_code is not None
        return self.close_code

    async def hang_up(self) -> None:
        await self.send({"event": "stop", "streamSid": self.sid, "stop": {"accountSid": ACCOUNT}})
        await self.until_closed()

    def drop(self) -> None:
        """The network is gone: no close frame, a reset."""
        connection = self.socket._response.connection
        assert connection is not None and connection.transport is not None
        connection.transport.abort()

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with contextlib.suppress(Exception):
            await self.socket.close()
        await self._http.close()


class Agent:
    """A participant that speaks and listens where the voice agent would."""

    RATE = 24000

    def __init__(self, bridge: Bridge, room: str) -> None:
        self._bridge, self._room_name = bridge, room
        self.room = rtc.Room()
        self.heard: list[tuple[float, Samples]] = []
        self.digits: list[str] = []
        self.echo = False
        self.phone_left = asyncio.Event()
        self.phone_here = asyncio.Event()
        self._say: deque[Samples] = deque()
        self.said: list[tuple[float, Samples]] = []
        self._tasks: list[asyncio.Task[Any]] = []

    async def join(self) -> Self:
        keys = self._bridge.livekit
        grants = api.VideoGrants(room_join=True, room=self._room_name)
        token = (
            api.AccessToken(keys["LIVEKIT_API_KEY"], keys["LIVEKIT_API_SECRET"])
            .with_identity("agent")
            .with_kind("agent")
            .with_grants(grants)
            .to_jwt()
        )
        self.room.on("track_subscribed", self._subscribed)
        self.room.on("participant_disconnected", lambda participant: self.phone_left.set())
        self.room.on("participant_connected", lambda participant: self.phone_here.set())
        self.room.on("sip_dtmf_received", lambda dtmf: self.digits.append(dtmf.digit))
        await self.room.connect(keys["LIVEKIT_URL"], token)
        self._source = rtc.AudioSource(self.RATE, 1, queue_size_ms=0)
        track = rtc.LocalAudioTrack.create_audio_track("voice", self._source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        await self.room.local_participant.publish_track(track, options)
        self._tasks.append(asyncio.create_task(self._speak()))
        return self

    def say(self, samples: Samples) -> None:
        step = self.RATE // 50
        self._say.extend(
            samples[start : start + step] for start in range(0, len(samples) // step * step, step)
        )

    def stop_saying(self) -> None:
        self._say.clear()

    async def _speak(self) -> None:
        begun, tick, silence = time.monotonic(), 0, np.zeros(self.RATE // 50, np.int16)
        half = self.RATE // 100
        while True:
            tick += 1
            await asyncio.sleep(begun + tick * 0.02 - time.monotonic())
            frame = self._say.popleft() if self._say else silence
            self.said.append((time.monotonic(), frame))
            for part in (frame[:half], frame[half:]):
                await self._source.capture_frame(rtc.AudioFrame(part.tobytes(), self.RATE, 1, half))

    def _subscribed(self, track: rtc.Track, *_: Any) -> None:
        self._tasks.append(asyncio.create_task(self._listen(track)))

    async def _listen(self, track: rtc.Track) -> None:
        stream = rtc.AudioStream.from_track(track=track, sample_rate=RATE, frame_size_ms=20, capacity=50)
        try:
            async for event in stream:
                samples = np.frombuffer(event.frame.data, np.int16)
                self.heard.append((time.monotonic(), samples))
                if self.echo:
                    self.say(np.repeat(samples, self.RATE // RATE))
        finally:
            await stream.aclose()

    async def ask(self, method: str, **payload: Any) -> dict[str, Any]:
        answer = await self.room.local_participant.perform_rpc(
            destination_identity="phone", method=method, payload=json.dumps(payload), response_timeout=5
        )
        return dict(json.loads(answer))

    async def leave(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with contextlib.suppress(Exception):
            await asyncio.wait_for(self.room.disconnect(), 3)
        await self._source.aclose()
