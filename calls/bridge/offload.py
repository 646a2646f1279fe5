"""Threads of the bridge's own for what blocks.

asgiref's one shared thread is also used by every page and consumer of the process: behind a slow query there, a call
could neither begin nor end.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, TypeVar

from django.db import close_old_connections

T = TypeVar("T")
_database = ThreadPoolExecutor(4, thread_name_prefix="bridge-database")
_disk = ThreadPoolExecutor(4, thread_name_prefix="bridge-disk")


async def in_database(work: Callable[..., T], **arguments: Any) -> T:
    """Run a service that uses the ORM. Cancelling the caller does not stop it."""

    def run() -> T:
        close_old_connections()
        try:
            return work(**arguments)
        finally:
            close_old_connections()

    return await asyncio.get_running_loop().run_in_executor(_database, copy_context().run, run)


async def on_disk(work: Callable[..., T], *arguments: Any) -> T:
    """Run what reads or writes files."""
    return await asyncio.get_running_loop().run_in_executor(_disk, copy_context().run, work, *arguments)
