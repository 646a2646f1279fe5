"""Waiting for what other processes do."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(look: Callable[[], T | None], *, within: float = 10.0) -> T:
    """The first true answer of `look`; fails when none came `within` seconds."""
    deadline = time.monotonic() + within
    while True:
        if answer := look():
            return answer
        assert time.monotonic() < deadline, f"not within {within} s: {look}"
        time.sleep(0.05)
