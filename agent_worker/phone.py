"""The bridge's end of the room: participant `phone`, its attributes, and what it does when asked by RPC."""

import asyncio
import json
import logging
import time
from collections.abc import Callable
from typing import Any

from livekit import rtc

logger = logging.getLogger(__name__)

IDENTITY = "phone"
ZERO_ATTRIBUTE = "recording.zero_ms"
RPC_SECONDS = 2.0
# A mark comes back when the phone has played what was sent before it: a second at most, and 2 s of patience.
HEARD_SECONDS = 4.0
# A connection to LiveKit that is away this long is not coming back in time for the caller.
LOST_SECONDS = 5.0
# After a hang-up the bridge waits for quiet and for an echo, 2 s at most, before it leaves.
LEAVE_SECONDS = 5.0

# The path adds to what the agent measures in the room: its speech is heard at the phone this much after it was
# played into the room, and the caller was heard at the phone this much before the agent heard it. Measured
# through the real bridge and server: 58-84 ms and 40-53 ms.
AGENT_TO_PHONE_MS = 70
PHONE_TO_AGENT_MS = 45


class Phone:
    """Waits for the phone, and asks things of it. A phone that has left answers nothing, and nothing raises.

    `gone`: it was there and has left. `lost`: LiveKit is away, and nobody knows what became of the phone.
    """

    def __init__(self, room: rtc.Room) -> None:
        self._room = room
        self._joined_ms: int | None = None
        self._breaking: asyncio.TimerHandle | None = None
        self.gone = asyncio.Event()
        self.lost = asyncio.Event()
        # Called with each key that is pressed, "0" to "9", "*" or "#".
        self.on_key: Callable[[str], None] = lambda key: None
        room.on("participant_disconnected", self._left)
        room.on("sip_dtmf_received", lambda event: self.on_key(event.digit))
        room.on("reconnecting", self._on_reconnecting)
        room.on("reconnected", self._on_reconnected)
        room.on("disconnected", self._on_disconnected)

    async def joined(self, timeout: float) -> bool:
        """Wait until the phone is there with its track. False when it has not come in time."""
        here = asyncio.Event()

        def look(*_: Any) -> None:
            participant = self._participant()
            if participant is not None and participant.track_publications:
                here.set()

        self._room.on("participant_connected", look)
        self._room.on("track_published", look)
        look()
        try:
            async with asyncio.timeout(timeout):
                await here.wait()
        except TimeoutError:
            return False
        finally:
            self._room.off("participant_connected", look)
            self._room.off("track_published", look)
        self._joined_ms = int(time.time() * 1000)
        return True

    def _left(self, participant: rtc.RemoteParticipant) -> None:
        # While the connection is broken the SDK reports everybody as gone: that says nothing of the phone.
        if participant.identity == IDENTITY and self._joined_ms is not None and self._breaking is None:
            self.gone.set()

    def _on_reconnecting(self) -> None:
        if self._breaking is None:
            self._breaking = asyncio.get_running_loop().call_later(LOST_SECONDS, self.lost.set)

    def _on_reconnected(self) -> None:
        if self._breaking is not None:
            self._breaking.cancel()
            self._breaking = None
        if self._joined_ms is not None and self._participant() is None:
            self.gone.set()

    def _on_disconnected(self, reason: rtc.DisconnectReason.ValueType) -> None:
        """The room is over. Somebody deleted it once the call had ended, or the connection broke for good."""
        if self._breaking is None and reason == rtc.DisconnectReason.ROOM_DELETED:
            self.gone.set()
        elif reason != rtc.DisconnectReason.CLIENT_INITIATED:
            self.lost.set()

    def _participant(self) -> rtc.RemoteParticipant | None:
        return self._room.remote_participants.get(IDENTITY)

    def agent_position(self, at: float) -> int:
        """Where on the recording the phone hears what the agent plays at Unix time `at`, in ms."""
        return max(0, round(at * 1000) - self._zero_ms() + AGENT_TO_PHONE_MS)

    def caller_position(self, at: float) -> int:
        """Where on the recording the caller said what the agent heard at Unix time `at`, in ms."""
        return max(0, round(at * 1000) - self._zero_ms() - PHONE_TO_AGENT_MS)

    def _zero_ms(self) -> int:
        """Unix time of the recording's position 0. Kept, since a phone that has left has no attributes."""
        participant = self._participant()
        told = participant.attributes.get(ZERO_ATTRIBUTE) if participant is not None else None
        if told:
            self._joined_ms = int(float(told))
        return self._joined_ms or 0

    async def release(self, from_ms: int = 0, to_ms: int | None = None) -> None:
        """Let this span of the recording be kept."""
        await self._ask("recording.release", {"from_ms": from_ms, "to_ms": to_ms})

    async def stop_recording(self) -> None:
        """Keep nothing more of this call."""
        await self._ask("recording.stop", {})

    async def heard(self) -> bool:
        """Wait until the ear has had what was played into the room; False if it was cut off or the phone is silent."""
        answer = await self._ask("playback.heard", {}, seconds=HEARD_SECONDS)
        return bool(answer.get("heard"))

    async def clear(self) -> None:
        """Drop what is on its way to the caller's ear: they have begun to speak."""
        await self._ask("playback.clear", {})

    async def hang_up(self) -> None:
        """Put the phone down once it has gone quiet, and wait until it has left."""
        if self.gone.is_set():
            return
        await self._ask("call.hang_up", {})
        try:
            async with asyncio.timeout(LEAVE_SECONDS):
                await self.gone.wait()
        except TimeoutError:
            logger.warning("room %s: the phone did not leave", self._room.name)

    async def _ask(
        self, method: str, payload: dict[str, Any], *, seconds: float = RPC_SECONDS
    ) -> dict[str, Any]:
        """The bridge's answer; empty when there is none."""
        if self._participant() is None:
            return {}
        try:
            answer = await self._room.local_participant.perform_rpc(
                destination_identity=IDENTITY,
                method=method,
                payload=json.dumps(payload),
                response_timeout=seconds,
            )
            return dict(json.loads(answer))
        except Exception as error:
            logger.warning("room %s: %s failed (%s)", self._room.name, method, type(error).__name__)
            return {}
