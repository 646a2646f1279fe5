"""The agent's way to the database: each service of `calls.conversation`, off the event loop.

A database that is away is asked again until `PATIENCE_SECONDS` have passed; services are safe to repeat.
"""

import asyncio
import functools
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, TypeVar
from uuid import UUID

from django.db import InterfaceError, OperationalError, close_old_connections

T = TypeVar("T")
logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 6.0
_FIRST_WAIT_SECONDS = 0.1
_LONGEST_WAIT_SECONDS = 1.0

# Threads of our own: the transcript waiting for a slow database holds up no tool.
_threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="records")


class Records:
    """The records of one call."""

    def __init__(self, call_id: UUID) -> None:
        self.call_id = call_id

    async def ask(
        self, service: Callable[..., T], *, patience: float = PATIENCE_SECONDS, **arguments: Any
    ) -> T:
        """`service(call_id=…, **arguments)` in a thread. Raises what it raises, a lost database after `patience` s."""
        loop = asyncio.get_running_loop()
        call = functools.partial(_with_connection, service, call_id=self.call_id, **arguments)
        deadline = time.monotonic() + patience
        wait = _FIRST_WAIT_SECONDS
        while True:
            try:
                return await loop.run_in_executor(_threads, copy_context().run, call)
            except (OperationalError, InterfaceError) as error:
                if time.monotonic() + wait > deadline:
                    raise
                logger.warning(
                    "call %s: database away (%s), asking again", self.call_id, type(error).__name__
                )
            await asyncio.sleep(wait)
            wait = min(wait * 2, _LONGEST_WAIT_SECONDS)


def _with_connection(service: Callable[..., T], **arguments: Any) -> T:
    """A thread keeps its connection; drop one that has broken or is over its age, before and after."""
    close_old_connections()
    try:
        return service(**arguments)
    finally:
        close_old_connections()
