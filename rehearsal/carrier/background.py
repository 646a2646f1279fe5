"""Work that nobody waits for: running calls, and webhooks that outlive the moment they tell of."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

logger = logging.getLogger("carrier")


class Background:
    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._running.add(task)  # the event loop itself keeps no reference
        task.add_done_callback(self._finished)

    async def close(self) -> None:
        """Drops everything on the spot; bounded."""
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running, timeout=1.0)

    def _finished(self, task: "asyncio.Task[None]") -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("work of the carrier broke", exc_info=error)
