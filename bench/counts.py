"""What a running system holds: processes, threads, open files, rooms; and its agent's memory."""

import time
from typing import Any

import psutil

from stack.stack import Stack
from tests.rooms import rooms
from tests.waiting import eventually

PARTS = ("web", "worker", "beat", "agent", "livekit", "redis")
SETTLED_WITHIN = 60.0
# An idle job process that replaces a used one is up before this has passed.
QUIET_SECONDS = 10.0


def settled_counts(stack: Stack) -> dict[str, Any]:
    """The least of each count in ten quiet seconds after the last room is gone.

    Connections to Redis come and go with the scheduled tasks; what leaks does not go.
    """
    eventually(lambda: not rooms(stack.env), within=SETTLED_WITHIN)
    least = counts(stack)
    until = time.monotonic() + QUIET_SECONDS
    while time.monotonic() < until:
        time.sleep(0.25)
        now = counts(stack)
        least = {
            part: {name: min(each[name], now[part][name]) for name in each} for part, each in least.items()
        }
    held = {
        "rooms": len(rooms(stack.env)),
        "agent_mb": memory(stack, "agent"),
        "web_mb": memory(stack, "web"),
    }
    return {**least, **held}


def counts(stack: Stack) -> dict[str, dict[str, int]]:
    return {part: _held(stack, part) for part in PARTS if stack.is_running(part)}


def memory(stack: Stack, part: str) -> float:
    """Megabytes that belong to this part's processes alone (unique set size), its children included."""
    return round(sum(_uss(process) for process in _family(stack, part)) / 1e6, 1)


def slope(values: list[float]) -> float:
    """The least-squares rise of `values` from one to the next."""
    middle = (len(values) - 1) / 2
    mean = sum(values) / len(values)
    spread = sum((at - middle) ** 2 for at in range(len(values)))
    return round(sum((at - middle) * (value - mean) for at, value in enumerate(values)) / spread, 3)


def _held(stack: Stack, part: str) -> dict[str, int]:
    held = {"processes": 0, "threads": 0, "files": 0}
    for process in _family(stack, part):
        try:
            files, threads = process.num_fds(), process.num_threads()
        except psutil.NoSuchProcess:
            continue
        held["processes"] += 1
        held["threads"] += threads
        held["files"] += files
    return held


def _family(stack: Stack, part: str) -> list[psutil.Process]:
    first = psutil.Process(stack.pid(part))
    return [first, *first.children(recursive=True)]


def _uss(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().uss)
    except psutil.NoSuchProcess:
        return 0
