"""The one writer of a call's transcript: what was said goes in, in order, and reaches the database when it can."""

import asyncio
import itertools
import logging
from dataclasses import replace

from django.db import InterfaceError, OperationalError

from agent_worker.records import Records
from calls.conversation import SpokenLine, transcript_append

logger = logging.getLogger(__name__)

# An hour of talk. What does not fit after that is dropped and counted, so that memory stays bounded.
QUEUE_LINES = 1000
BATCH_LINES = 50
_FIRST_WAIT_SECONDS = 0.1
_LONGEST_WAIT_SECONDS = 2.0


class TranscriptWriter:
    """`append` never waits. One task stores the lines and tries again while the database is away."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._lines: asyncio.Queue[SpokenLine] = asyncio.Queue(QUEUE_LINES)
        self._numbers = itertools.count(1)
        self._task: asyncio.Task[None] | None = None
        self.dropped = 0

    def start(self) -> None:
        self._task = asyncio.create_task(self._write_all(), name="transcript")

    def append(self, line: SpokenLine) -> None:
        """Queue a line; its `seq` is given here."""
        try:
            self._lines.put_nowait(replace(line, seq=next(self._numbers)))
        except asyncio.QueueFull:
            self.dropped += 1
            logger.error("call %s: transcript queue full, %d dropped", self._records.call_id, self.dropped)

    async def close(self, timeout: float) -> bool:
        """Wait until everything is stored, `timeout` seconds at most, then stop. True if nothing is left."""
        try:
            async with asyncio.timeout(timeout):
                await self._lines.join()
            return True
        except TimeoutError:
            logger.error("call %s: %d lines not stored", self._records.call_id, self._lines.qsize())
            return False
        finally:
            if self._task is not None:
                self._task.cancel()

    async def _write_all(self) -> None:
        while True:
            batch = [await self._lines.get()]
            while len(batch) < BATCH_LINES and not self._lines.empty():
                batch.append(self._lines.get_nowait())
            await self._store(batch)
            for _ in batch:
                self._lines.task_done()

    async def _store(self, batch: list[SpokenLine]) -> None:
        """Until it is stored; repeating is safe, because a line is known by its number."""
        wait = _FIRST_WAIT_SECONDS
        while True:
            try:
                await self._records.ask(transcript_append, patience=0, lines=batch)
                return
            except (OperationalError, InterfaceError) as error:
                logger.warning(
                    "call %s: transcript waits for the database (%s)",
                    self._records.call_id,
                    type(error).__name__,
                )
            except Exception as error:
                # Asking again would not help, and the lines behind these must not wait for ever.
                logger.error("call %s: lines refused (%s)", self._records.call_id, type(error).__name__)
                return
            await asyncio.sleep(wait)
            wait = min(wait * 2, _LONGEST_WAIT_SECONDS)
