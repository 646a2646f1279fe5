"""Processes as Linux shows them, by pid and start time together, since a pid alone may be somebody else's by now."""

import contextlib
import os
import select
import signal
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

MARK = "PHANTOMPAY_STACK"
_STATE, _SESSION, _STARTED = 0, 3, 19  # fields of /proc/<pid>/stat, counted after the command's name


@dataclass(frozen=True)
class Identity:
    """One process for ever: `started` is in clock ticks since boot."""

    pid: int
    started: int


def boot_id() -> str:
    """Start times count from the boot; those of another boot say nothing."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def identity(pid: int) -> Identity | None:
    """The process that has this pid now; None when there is none, or only a zombie."""
    fields = _stat(pid)
    if fields is None or fields[_STATE] in "ZX":
        return None
    return Identity(pid, int(fields[_STARTED]))


def is_alive(who: Identity) -> bool:
    return identity(who.pid) == who


def kill(who: Identity, number: signal.Signals) -> bool:
    """Signal exactly this process; False when it is gone. The descriptor pins it, so no recycled pid is hit."""
    try:
        descriptor = os.pidfd_open(who.pid)
    except ProcessLookupError:
        return False
    try:
        if not is_alive(who):
            return False
        signal.pidfd_send_signal(descriptor, number)
    except ProcessLookupError:
        return False
    finally:
        os.close(descriptor)
    return True


def end(everyone: Iterable[Identity], seconds: float = 5.0) -> None:
    """Kill these and return when they are gone: a killed process holds its ports until it has really ended."""
    descriptors = []
    for who in everyone:
        with contextlib.suppress(ProcessLookupError):
            descriptor = os.pidfd_open(who.pid)
            if kill(who, signal.SIGKILL):
                descriptors.append(descriptor)
            else:
                os.close(descriptor)
    poll = select.poll()
    for descriptor in descriptors:
        poll.register(descriptor, select.POLLIN)
    deadline = time.monotonic() + seconds
    left = len(descriptors)
    while left and (remaining := deadline - time.monotonic()) > 0:
        for descriptor, _ in poll.poll(remaining * 1000):
            poll.unregister(descriptor)
            left -= 1
    for descriptor in descriptors:
        os.close(descriptor)


def in_session(leader: Identity) -> list[Identity]:
    """All living processes of the session that `leader` opened; it may be gone itself. None if its pid is recycled."""
    if identity(leader.pid) not in (None, leader):
        return []
    return [who for who in _everyone() if (fields := _stat(who.pid)) and int(fields[_SESSION]) == leader.pid]


def carrying(token: str) -> list[Identity]:
    """All processes whose environment carries the mark of one start; a child inherits it from its parent."""
    return [who for who in _everyone() if _carries(who.pid, token.encode())]


def _carries(pid: int, token: bytes) -> bool:
    try:
        variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:  # gone, or another user's
        return False
    name = MARK.encode() + b"="
    return any(
        token in variable.removeprefix(name).split() for variable in variables if variable.startswith(name)
    )


def _everyone() -> Iterator[Identity]:
    for entry in os.listdir("/proc"):
        if entry.isdigit() and (who := identity(int(entry))):
            yield who


def _stat(pid: int) -> list[str] | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return text.rpartition(")")[2].split()
