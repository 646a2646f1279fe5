"""The end of a stream: once, in a bounded time, whatever ended it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING
from uuid import UUID

from calls.bridge.offload import in_database, on_disk
from calls.log_context import call_is
from calls.stream import stream_close

if TYPE_CHECKING:
    from calls.bridge.session import Session

logger = logging.getLogger(__name__)

SOCKET_SECONDS = 0.5
ROOM_SECONDS = 4.0
STORE_PAUSES = (0.5, 1, 2, 4, 8, 15, 30)  # a database that is away for a minute loses nothing
# Daphne's WebSocket library lets an application send 1000 or a code of its own, nothing between.
CLOSE_CODES = {
    "protocol": 4400,
    "idle": 4408,
    "shutdown": 4503,
    "room_lost": 4500,
    "agent_lost": 4500,
    "join_failed": 4500,
}

# The loop itself holds its tasks weakly, and the consumer may be gone before the rows are written.
_running: set[asyncio.Task[None]] = set()


class Closing:
    """Runs apart from the consumer: neither its cancellation nor its waiting skips a step."""

    def __init__(self, session: "Session", close_socket: Callable[[int], Awaitable[None]]) -> None:
        self._session = session
        self._close_socket = close_socket
        self._task: asyncio.Task[None] | None = None

    @property
    def begun(self) -> bool:
        return self._task is not None

    def begin(self, reason: str) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run(reason))
            _running.add(self._task)
            self._task.add_done_callback(_running.discard)

    async def done(self) -> None:
        if self._task is not None:
            await asyncio.shield(self._task)

    async def _run(self, reason: str) -> None:
        session = self._session
        length_ms = session.recorder.length_ms(session.now())
        await session.stop_work()
        await asyncio.gather(
            self._bounded(
                "closing the socket", self._close_socket(CLOSE_CODES.get(reason, 1000)), SOCKET_SECONDS
            ),
            self._bounded("leaving the room", session.leave_room(), ROOM_SECONDS),
        )
        call_id = await session.opened()
        if call_id is not None:
            call_is(call_id)
            recording = await self._save_recording(call_id, length_ms)
            session.recorder.forget()
            await self._store(call_id, reason, recording)
            logger.info("call %s: stream closed, %s", call_id, reason)

    async def _bounded(self, step: str, work: Awaitable[None], seconds: float) -> None:
        try:
            await asyncio.wait_for(work, seconds)
        except Exception as error:
            logger.warning("%s: %r", step, error)

    async def _save_recording(self, call_id: UUID, length_ms: int) -> str:
        session = self._session
        try:
            pieces = session.recorder.settled(length_ms, final=True)
            if pieces:
                await on_disk(session.spool.write, pieces)
            name = await on_disk(session.spool.save, call_id, length_ms)
        except Exception:
            logger.exception("call %s: the recording could not be saved", call_id)
            return ""
        finally:
            await on_disk(session.spool.discard)
        session.counters.recorded_ms = length_ms if name else 0
        return name

    async def _store(self, call_id: UUID, reason: str, recording: str) -> None:
        media = self._session.counters.as_json()
        for pause in (*STORE_PAUSES, None):
            try:
                await in_database(
                    stream_close, call_id=call_id, reason=reason, media=media, recording=recording
                )
                return
            except Exception as error:
                logger.warning("call %s: the stream's end could not be stored: %r", call_id, error)
            if pause is None:
                logger.error("call %s: the stream's end is lost", call_id)
            else:
                await asyncio.sleep(pause)
