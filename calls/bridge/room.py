"""The phone's place in the LiveKit room: one track out, the agent's track in, calls of the agent's methods."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from datetime import timedelta
from typing import Any, Protocol

import numpy as np
from django.conf import settings
from livekit import api, rtc

from calls.bridge.mulaw import FRAME_MS, RATE, Samples
from calls.bridge.offline import webrtc_prepare

logger = logging.getLogger(__name__)

IDENTITY = "phone"
TOKEN_LIFE = timedelta(minutes=2)
CONNECT_SECONDS = 5.0
HALF = RATE // 100  # direct capture takes exactly 10 ms
READ_FRAMES = 50  # 1 s: more than that waits only after a stall, and then the oldest is dropped
CLOSE_SECONDS = 1.0
# A stall teaches the jitter buffer of whoever listens that such stalls happen: measured, it then adds 0.5 s to every
# word for 2 to 8 s. Longer ones end that lesson instead.
STALL_SECONDS = 0.25
MUTE_SECONDS = 0.5
RESUBSCRIBE_SECONDS = 2.0

Handler = Callable[[str], Awaitable[str]]

# Rooms that were given up on while LiveKit did not answer: they end by themselves, but someone must hold them.
_abandoned: set[asyncio.Task[Any]] = set()


class RoomListener(Protocol):
    """What happens in the room. Everything is called on the event loop."""

    async def agent_frame(self, samples: Samples) -> None:
        """20 ms of the agent's voice."""

    def agent_interrupted(self, seconds: float) -> None:
        """The agent's voice stood still for so long; it begins anew."""

    def agent_joined(self) -> None: ...

    def agent_left(self) -> None: ...

    def room_state(self, connected: bool | None) -> None:
        """True: connected (again). None: trying to get it back. False: lost."""


class RoomLeg:
    def __init__(self, listener: RoomListener, call_id: str) -> None:
        self._listener = listener
        self._call_id = call_id
        webrtc_prepare()
        self._room = rtc.Room()
        self._source = rtc.AudioSource(RATE, 1, queue_size_ms=0)
        self._track: rtc.LocalAudioTrack | None = None
        self._publication: rtc.LocalTrackPublication | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._reader: asyncio.Task[None] | None = None
        self._resubscribing: asyncio.Task[None] | None = None
        self._agent = ""
        self._resyncs = 0
        self._closing = False

    async def open(self, room_name: str, attributes: dict[str, str], methods: Mapping[str, Handler]) -> None:
        """Join and publish. Raises what the SDK raises when LiveKit refuses, TimeoutError when it does not answer."""
        room = self._room
        room.on("track_subscribed", self._track_subscribed)
        room.on("track_unsubscribed", self._track_unsubscribed)
        room.on("participant_connected", self._participant_connected)
        room.on("participant_disconnected", self._participant_disconnected)
        room.on("connection_state_changed", self._connection_state_changed)
        options = rtc.RoomOptions(auto_subscribe=True, dynacast=False, connect_timeout=CONNECT_SECONDS)
        token = _token(room_name, attributes)
        # A join that nobody waits for any more would leave a participant behind: it is ended in `close` instead.
        self._connecting = asyncio.create_task(room.connect(settings.LIVEKIT_URL, token, options))
        await asyncio.wait_for(asyncio.shield(self._connecting), CONNECT_SECONDS + 1)
        for name, handler in methods.items():
            room.local_participant.register_rpc_method(name, _answering(handler))
        for participant in room.remote_participants.values():
            self._participant_connected(participant)
        self._track = rtc.LocalAudioTrack.create_audio_track("phone", self._source)
        publish = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE, dtx=False, red=False)
        self._publication = await asyncio.wait_for(
            room.local_participant.publish_track(self._track, publish), CONNECT_SECONDS
        )

    async def capture(self, frame: Samples) -> None:
        """Send 20 ms of the caller's voice."""
        for half in (frame[:HALF], frame[HALF:]):
            await self._source.capture_frame(rtc.AudioFrame(half.tobytes(), RATE, 1, HALF))

    async def resync_out(self) -> None:
        """After a gap in what was captured: let the track's time go on as if nothing had been late.

        Timestamps count the samples sent, so a gap makes everything after it late for the listener's jitter buffer.
        When a muted track goes on, LiveKit's server fits its time to the clock again; so nothing may be captured
        until the server knows that the track is muted. It answers in order, hence the attribute.
        """
        if self._track is None:
            return
        self._resyncs += 1
        self._track.mute()
        attributes = {"bridge.resyncs": str(self._resyncs)}
        work = asyncio.create_task(self._room.local_participant.set_attributes(attributes))
        _hold(work)
        await asyncio.wait([work], timeout=MUTE_SECONDS)
        self._track.unmute()

    async def dtmf(self, code: int, digit: str) -> None:
        await self._room.local_participant.publish_dtmf(code=code, digit=digit)

    async def close(self) -> None:
        """Leave. Bounded to about 3 s even when LiveKit hangs; each step is taken whatever became of the others.

        Unpublishing and leaving come before anybody deletes the room: a room deleted under the SDK strands a thread
        and its memory (livekit/rust-sdks#1443).
        """
        self._closing = True
        if self._connecting is not None and not self._connecting.done():
            await asyncio.wait([self._connecting], timeout=CLOSE_SECONDS)
            if not self._connecting.done():
                _abandon(self._leave_later(self._connecting))
                return
        await self._bounded("reading", self._stop_reading())
        if self._publication is not None and self._room.isconnected():
            sid = self._publication.sid
            await self._bounded("unpublishing", self._room.local_participant.unpublish_track(sid))
        await self._bounded("leaving", self._room.disconnect())
        await self._source.aclose()

    async def _leave_later(self, connecting: asyncio.Task[None]) -> None:
        await asyncio.wait([connecting])
        if not connecting.cancelled() and connecting.exception() is None:
            await self._room.disconnect()
        await self._source.aclose()

    async def _bounded(self, step: str, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        done, _ = await asyncio.wait([task], timeout=CLOSE_SECONDS)
        if not done:
            logger.warning("call %s: %s the room takes too long", self._call_id, step)
            _hold(task)
        elif task.exception() is not None:
            logger.warning("call %s: %s the room failed: %r", self._call_id, step, task.exception())

    # The agent's track

    def _track_subscribed(
        self, track: rtc.Track, publication: rtc.RemoteTrackPublication, participant: rtc.RemoteParticipant
    ) -> None:
        if track.kind != rtc.TrackKind.KIND_AUDIO or self._closing:
            return
        if self._agent not in ("", participant.identity):
            return
        self._agent = participant.identity
        self._listener.agent_joined()
        if self._reader is not None:
            self._reader.cancel()
        self._reader = asyncio.create_task(self._read(track, publication))

    def _track_unsubscribed(
        self, track: rtc.Track, publication: rtc.RemoteTrackPublication, participant: rtc.RemoteParticipant
    ) -> None:
        if participant.identity == self._agent and self._reader is not None:
            self._reader.cancel()

    async def _read(self, track: rtc.Track, publication: rtc.RemoteTrackPublication) -> None:
        stream = rtc.AudioStream.from_track(
            track=track, sample_rate=RATE, num_channels=1, frame_size_ms=FRAME_MS, capacity=READ_FRAMES
        )
        loop = asyncio.get_running_loop()
        last = loop.time()
        try:
            async for event in stream:
                last, before = loop.time(), last
                # Frames come all the time, silent ones too: only this process can have stood still.
                if last - before > STALL_SECONDS:
                    self._listener.agent_interrupted(last - before)
                    self._resubscribing = asyncio.create_task(self._resubscribe(publication))
                    return
                await self._listener.agent_frame(np.frombuffer(event.frame.data, np.int16))
        finally:
            # A stream that is dropped without this leaks a task and a subscriber in the SDK.
            _abandon(stream.aclose())

    async def _resubscribe(self, publication: rtc.RemoteTrackPublication) -> None:
        """Take the track anew, with an empty jitter buffer: about 0.2 s."""
        while not self._closing:
            self._reader = None
            publication.set_subscribed(False)
            await asyncio.sleep(0.02)
            publication.set_subscribed(True)
            await asyncio.sleep(RESUBSCRIBE_SECONDS)
            if self._reader is not None:
                return

    async def _stop_reading(self) -> None:
        tasks = [task for task in (self._reader, self._resubscribing) if task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    # Events

    def _participant_connected(self, participant: rtc.RemoteParticipant) -> None:
        if participant.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT and not self._agent:
            self._agent = participant.identity
        self._listener.agent_joined()

    def _participant_disconnected(self, participant: rtc.RemoteParticipant) -> None:
        if participant.identity == self._agent and not self._closing:
            self._listener.agent_left()

    def _connection_state_changed(self, state: rtc.ConnectionState.ValueType) -> None:
        if self._closing:
            return
        if state == rtc.ConnectionState.CONN_RECONNECTING:
            self._listener.room_state(None)
        else:
            self._listener.room_state(state == rtc.ConnectionState.CONN_CONNECTED)


def _answering(handler: Handler) -> Callable[[rtc.RpcInvocationData], Awaitable[str]]:
    async def answer(data: rtc.RpcInvocationData) -> str:
        return await handler(data.payload)

    return answer


def _token(room_name: str, attributes: dict[str, str]) -> str:
    grants = api.VideoGrants(
        room_join=True,
        room=room_name,
        can_publish=True,
        can_publish_data=True,
        can_subscribe=True,
        can_update_own_metadata=True,
    )
    token = api.AccessToken(settings.LIVEKIT_API_KEY, settings.LIVEKIT_API_SECRET)
    token = token.with_identity(IDENTITY).with_ttl(TOKEN_LIFE).with_attributes(attributes).with_grants(grants)
    return str(token.to_jwt())


def _abandon(work: Coroutine[Any, Any, None]) -> None:
    _hold(asyncio.create_task(work))


def _hold(task: asyncio.Task[Any]) -> None:
    _abandoned.add(task)
    task.add_done_callback(_let_go)


def _let_go(task: asyncio.Task[Any]) -> None:
    _abandoned.discard(task)
    if not task.cancelled() and task.exception() is not None:
        logger.info("an abandoned room ended with %r", task.exception())
