"""One process of the stack: how it is described, started, ended and read."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from stack import proc
from stack.probes import Probe

LEASH = str(Path(__file__).with_name("leash.py"))


@dataclass(frozen=True)
class Spec:
    """What to start. `env` is the whole environment; `ready` None: nothing can be asked, running is enough.

    `asked` is the signal that ends it in an orderly way, `orphaned` what it gets when the starter is gone.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path
    ready: Probe | None = None
    seconds: float = 60.0
    user: str = ""
    asked: signal.Signals = signal.SIGTERM
    orphaned: signal.Signals = signal.SIGKILL


class Process:
    """A started Spec: in a session of its own, tied to the thread that started it, writing to one log."""

    def __init__(self, spec: Spec, log: Path, *, output: int | IO[bytes] | None = None) -> None:
        """`output` replaces the log as standard output; None inside a test means the log."""
        self.spec = spec
        self.log = log
        with log.open("ab") as file:
            self._popen = subprocess.Popen(
                leashed(spec.argv, user=spec.user, orphaned=spec.orphaned),
                env=dict(spec.env),
                cwd=spec.cwd,
                stdin=subprocess.DEVNULL,
                stdout=file if output is None else output,
                stderr=subprocess.STDOUT if output is None or output == subprocess.PIPE else None,
                start_new_session=True,
            )
        self.descriptor = os.pidfd_open(self.pid)  # readable when it ends
        self.identity = proc.identity(self.pid) or proc.Identity(self.pid, 0)

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def output(self) -> int:
        """The descriptor to read from, when started with a pipe."""
        assert self._popen.stdout is not None
        return self._popen.stdout.fileno()

    def exit_code(self) -> int | None:
        """None while it runs; negative: ended by that signal."""
        return self._popen.poll()

    def signal(self, number: signal.Signals) -> None:
        if self.exit_code() is None:
            self._popen.send_signal(number)

    def kill_session(self) -> None:
        """The process and all it started, at once; they are gone when this returns."""
        proc.end(proc.in_session(self.identity))

    def tail(self, lines: int = 15) -> str:
        with contextlib.suppress(OSError):
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        return ""

    def forget(self) -> None:
        """Reap it. Only after its end."""
        self._popen.wait()
        os.close(self.descriptor)
        if self._popen.stdout:
            self._popen.stdout.close()


def leashed(argv: tuple[str, ...], *, user: str = "", orphaned: signal.Signals = signal.SIGKILL) -> list[str]:
    """The command that becomes `argv` and gets the signal `orphaned` when this thread ends."""
    return [sys.executable, "-I", "-S", LEASH, str(os.getpid()), str(int(orphaned)), user, *argv]


def how_it_ended(code: int | None) -> str:
    if code is not None and code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with code {code}"
