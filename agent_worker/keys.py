"""Keys on the telephone, gathered into what was meant: one key is an answer, or digits make a number.

A number ends with “#”, or when no more digits follow.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

# As long as people look for the next key.
PAUSE_SECONDS = 3.0
# Who does not hear at once that a key was taken presses it again.
AGAIN_SECONDS = 2.0
MOST = 20


class Keys:
    """`meant` is awaited with the keys of one input, "" never; `numbers` says whether digits make a number now."""

    def __init__(self, meant: Callable[[str], Awaitable[None]], numbers: Callable[[], bool]) -> None:
        self._meant = meant
        self._numbers = numbers
        self._typed = ""
        # The key that was an answer last, and when.
        self._answered = ("", 0.0)
        self._pause: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def press(self, key: str) -> None:
        if self._is_again(key):
            return
        if self._pause is not None:
            self._pause.cancel()
        if key != "#":
            self._typed = (self._typed + key)[:MOST]
        if not self._numbers():
            self._answered = (key, time.monotonic())
        if key == "#" or not self._numbers():
            self._over()
            return
        self._pause = asyncio.get_running_loop().call_later(PAUSE_SECONDS, self._over)

    def _is_again(self, key: str) -> bool:
        """An answer pressed twice is no digit of the number that it led to."""
        answered, at = self._answered
        recent = key == answered and time.monotonic() - at < AGAIN_SECONDS
        return recent and not self._typed and self._numbers()

    def _over(self) -> None:
        typed, self._typed = self._typed, ""
        if typed:
            task = asyncio.ensure_future(self._meant(typed))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def done(self) -> None:
        """Wait until what was typed so far has been acted upon."""
        await asyncio.gather(*self._tasks)
