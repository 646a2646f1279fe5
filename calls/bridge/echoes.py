"""Waiting for marks: the phone sends each one back when it has played everything that was sent before it."""

import asyncio
from collections.abc import Awaitable, Callable

SendMark = Callable[[str], Awaitable[None]]


class Echoes:
    """The marks that somebody waits for, by name."""

    def __init__(self, send: SendMark) -> None:
        self._send = send
        self._awaited: dict[str, asyncio.Event] = {}
        self._count = 0

    def came(self, name: str) -> None:
        """The phone has sent this mark back."""
        if name in self._awaited:
            self._awaited[name].set()

    async def back(self, seconds: float) -> bool:
        """Send a mark now and wait until it has come back. False if that takes longer than `seconds`."""
        self._count += 1
        name = f"echo{self._count}"
        event = self._awaited[name] = asyncio.Event()
        try:
            await self._send(name)
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            return False
        finally:
            del self._awaited[name]
        return True
