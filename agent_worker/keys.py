"""Keys on the telephone, gathered into what was meant: they end with “#”, or when no more follow."""

import asyncio
from collections.abc import Awaitable, Callable

# As long as people look for the next key.
PAUSE_SECONDS = 3.0
MOST = 20


class Keys:
    """`meant` is awaited with the digits of one input, "" never."""

    def __init__(self, meant: Callable[[str], Awaitable[None]]) -> None:
        self._meant = meant
        self._typed = ""
        self._pause: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def press(self, key: str) -> None:
        if self._pause is not None:
            self._pause.cancel()
        if key == "#":
            self._over()
            return
        self._typed = (self._typed + key)[:MOST]
        self._pause = asyncio.get_running_loop().call_later(PAUSE_SECONDS, self._over)

    def _over(self) -> None:
        typed, self._typed = self._typed, ""
        if typed:
            task = asyncio.ensure_future(self._meant(typed))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
