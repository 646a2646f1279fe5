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
# After a hang-up the bridge waits for quiet and for an echo, 2 s at most, before it leaves.
LEAVE_SECONDS = 5.0

# The path adds to what the agent measures in the room: its speech is heard at the phone this much after it was
# played into the room, and the caller was heard at the phone this much before the agent heard it. Measured
# through the real bridge and server: 58-84 ms and 40-53 ms.
AGENT_TO_PHONE_MS = 70
PHONE_TO_AGENT_MS = 45


class Phone:
    """Waits for the phone, and asks things of it. A phone that has left answers nothing, and nothing raises."""

    def __init__(self, room: rtc.Room) -> None:
        self._room = room
        self._joined_ms: int | None = None
        self.gone = asyncio.Event()

    async def joined(self, timeout: float) -> bool:
        """Wait until the phone is there with its track. False when it has not come in time."""
        here = asyncio.Event()

        def look(*_: Any) -> None:
            participant = self._participant()
            if participant is not None and participant.track_publications:
                here.set()

        self._room.on("participant_connected", look)
        self._room.on("track_published", look)
        self._room.on("participant_disconnected", self._left)
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
        if participant.identity == IDENTITY and self._joined_ms is not None:
            self.gone.set()

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

    async def _ask(self, method: str, payload: dict[str, Any]) -> None:
        if self._participant() is None:
            return
        try:
            await self._room.local_participant.perform_rpc(
                destination_identity=IDENTITY,
                method=method,
                payload=json.dumps(payload),
                response_timeout=RPC_SECONDS,
            )
        except Exception as error:
            logger.warning("room %s: %s failed (%s)", self._room.name, method, type(error).__name__)


def on_lost(room: rtc.Room, lost: Callable[[], None], *, patience: float) -> None:
    """Call `lost` when the connection to LiveKit breaks and is not back within `patience` seconds."""
    timer: asyncio.TimerHandle | None = None

    def breaking(*_: Any) -> None:
        nonlocal timer
        if timer is None:
            timer = asyncio.get_running_loop().call_later(patience, lost)

    def back(*_: Any) -> None:
        nonlocal timer
        if timer is not None:
            timer.cancel()
            timer = None

    def over(reason: rtc.DisconnectReason.ValueType) -> None:
        back()
        if reason not in (rtc.DisconnectReason.CLIENT_INITIATED, rtc.DisconnectReason.ROOM_DELETED):
            lost()

    room.on("reconnecting", breaking)
    room.on("reconnected", back)
    room.on("disconnected", over)
