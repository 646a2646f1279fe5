"""What a person at the terminal reads while things start."""

import contextlib
import sys
import time
from typing import TextIO


class Report:
    """Writes one line a step, with the time it took; `quiet` for starts inside tests."""

    def __init__(self, out: TextIO | None = None, *, quiet: bool = False) -> None:
        self._out = out or sys.stdout
        self._quiet = quiet
        self._begun = time.monotonic()

    def line(self, text: str) -> None:
        if not self._quiet:
            self._print(text)

    def step(self, text: str) -> None:
        self.line(f"  {time.monotonic() - self._begun:6.1f} s  {text}")

    def passing(self, text: str) -> None:
        """Progress within a step: on a terminal it overwrites itself."""
        if not self._quiet and self._out.isatty():
            self._print(f"\r\033[K            {text[:100]}", end="\r")

    def _print(self, text: str, end: str = "\n") -> None:
        with contextlib.suppress(OSError):  # a closed terminal must not keep the rest from being stopped
            print(text, end=end, file=self._out, flush=True)


def fail(text: str) -> None:
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr, flush=True)
