"""Ctrl-C, SIGTERM and a closed terminal as something to wait for, together with everything else."""

import contextlib
import os
import select
import signal
from collections.abc import Iterable, Iterator

from stack.errors import Interrupted

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupts:
    """One place where all waiting happens. A signal that comes between two waits ends the next one at once, and never
    lands in the middle of starting a process, as an exception out of a handler would."""

    def __init__(self) -> None:
        self._reader, self._writer = os.pipe()
        self._terminal: int | None = None
        for end in (self._reader, self._writer):
            os.set_blocking(end, False)

    @contextlib.contextmanager
    def installed(self) -> Iterator[None]:
        """Signals are caught inside. For the main thread of a command; a test lets pytest have them."""
        before = {number: signal.signal(number, lambda *_: None) for number in SIGNALS}
        wakeup = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        self._terminal = 0 if os.isatty(0) else None
        try:
            yield
        finally:
            self._terminal = None
            signal.set_wakeup_fd(wakeup)
            for number, handler in before.items():
                signal.signal(number, handler)

    def wait(self, descriptors: Iterable[int], seconds: float | None = None) -> list[int]:
        """Those descriptors that became readable within `seconds`. Raises Interrupted on a signal."""
        poll = select.poll()
        for descriptor in descriptors:
            poll.register(descriptor, select.POLLIN | select.POLLHUP)
        poll.register(self._reader, select.POLLIN)
        if self._terminal is not None:
            poll.register(
                self._terminal, 0
            )  # its hang-up; where make leads the session, only make gets the signal
        ready = [
            descriptor for descriptor, _ in poll.poll(None if seconds is None else max(0, seconds * 1000))
        ]
        if self._reader in ready:
            self._drain()
            raise Interrupted
        if self._terminal in ready:
            self._terminal = None  # it stays hung up: once is enough
            raise Interrupted
        return ready

    def close(self) -> None:
        os.close(self._reader)
        os.close(self._writer)

    def _drain(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._reader, 512)
