"""Starts processes, waits for them, and leaves none behind, however it ends itself."""

import contextlib
import fcntl
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from stack import proc, records
from stack.errors import CannotStart
from stack.interrupts import Interrupts
from stack.processes import Process, Spec, how_it_ended
from stack.report import Report

GRACE_SECONDS = 5.0
PROBE_EVERY_SECONDS = 0.1


class Keeper:
    """All processes of one start, in one run folder (logs, what runs, settings made up for it).

    Opening it clears what an earlier start left in that folder; two at once in the same folder are refused.
    """

    def __init__(self, run_dir: Path, report: Report, interrupts: Interrupts | None = None) -> None:
        self.run_dir = run_dir
        self.report = report
        self.interrupts = interrupts or Interrupts()
        self.processes: dict[str, Process] = {}
        self.specs: dict[str, Spec] = {}  # as last started, kept when the process has ended
        run_dir.mkdir(parents=True, exist_ok=True)
        run_dir.chmod(0o700)
        self._lock = _lock(run_dir)
        self.logs = _fresh_logs(run_dir)
        if (before := records.read(run_dir)) and (count := records.clear(before)):
            report.step(f"cleared {count} processes that an earlier start had left")
        self._record = records.Record(secrets.token_hex(12))
        self._record.write(run_dir)
        self._guardian = self._start_guardian()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # One process

    def start(self, spec: Spec) -> Process:
        """Start a long-running process; its log goes on where one of that name stopped."""
        if before := self.processes.get(spec.name):
            self._finish(before)
        process = Process(self._marked(spec), self.logs / f"{spec.name}.log")
        self.processes[spec.name] = process
        self.specs[spec.name] = spec
        self._record.processes[spec.name] = process.identity
        self._record.write(self.run_dir)
        return process

    def stop(self, *names: str, seconds: float = GRACE_SECONDS) -> None:
        """Ask these to end, all at the same time; what is still there after `seconds` is killed, children included."""
        stopping = [self.processes[name] for name in names if name in self.processes]
        for process in stopping:
            process.signal(process.spec.asked)
        try:
            self._wait_for_end(stopping, seconds)
        finally:
            for process in stopping:
                self._finish(process)

    def stop_in_order(self, order: Iterable[Iterable[str]]) -> None:
        """Each group when the one before it has ended."""
        for group in order:
            self.stop(*group)

    def call(self, spec: Spec, *, on_line: Callable[[str], None] | None = None) -> int:
        """Run to the end and return the exit code. Without `on_line` it shares our standard output."""
        log = self.logs / f"{spec.name}.log"
        process = Process(self._marked(spec), log, output=subprocess.PIPE if on_line else sys.stdout.fileno())
        self.processes[spec.name] = process
        try:
            if on_line:
                self._follow(process, on_line)
            self.interrupts.wait([process.descriptor])
            return process.exit_code() or 0
        finally:
            if process.exit_code() is None:
                process.signal(process.spec.asked)
                self._wait_for_end([process], GRACE_SECONDS)
            self._finish(process)

    # All of them

    def wait_ready(self, specs: Sequence[Spec]) -> None:
        """Return when each is ready. Raises CannotStart for the first that ends or takes longer than it may."""
        begun = time.monotonic()
        names = [spec.name for spec in specs]
        waiting = [spec for spec in specs if spec.ready]
        while waiting:
            self._raise_if_ended(names)
            for spec in [spec for spec in waiting if spec.ready and spec.ready()]:
                waiting.remove(spec)
                self.report.step(f"{spec.name} is ready")
            for spec in waiting:
                if time.monotonic() - begun > spec.seconds:
                    raise CannotStart(
                        f"{spec.name} is not ready after {spec.seconds:.0f} s. {self._story(spec.name)}"
                    )
            self.interrupts.wait(self._descriptors(names), PROBE_EVERY_SECONDS if waiting else 0)

    def wait_until(self, missing: Callable[[], str], seconds: float) -> None:
        """Return when `missing` answers nothing. Raises CannotStart with what it answers after `seconds`."""
        deadline = time.monotonic() + seconds
        while answer := missing():
            self._raise_if_ended(list(self.processes))
            if time.monotonic() > deadline:
                raise CannotStart(f"{answer} after {seconds:.0f} s. The logs are in {self.logs}.")
            self.interrupts.wait(self._descriptors(self.processes), PROBE_EVERY_SECONDS)

    def watch(self) -> None:
        """Block while all run. Raises CannotStart naming the first that ends."""
        while True:
            self.interrupts.wait(self._descriptors(self.processes))
            self._raise_if_ended(list(self.processes))

    def own_folder(self, path: Path) -> None:
        """A temporary folder that goes when this start does, even a killed one. Its name begins as SCRATCH says."""
        self._record.folders.append(str(path))
        self._record.write(self.run_dir)

    def close(self, order: Iterable[Iterable[str]] = ()) -> None:
        """End everything: the groups of `order` one after the other, then the rest. Always leaves nothing."""
        try:
            self.stop_in_order(order)
            self.stop(*list(self.processes))
        finally:
            for process in list(self.processes.values()):
                self._finish(process)
            records.clear(self._record)
            self._end_guardian()
            (self.run_dir / records.FILE).unlink(missing_ok=True)
            os.close(self._lock)

    # Inside

    def _marked(self, spec: Spec) -> Spec:
        """Its environment carries our token beside those of the starts that we ourselves are part of."""
        mark = f"{os.environ.get(proc.MARK, '')} {self._record.token}".strip()
        return Spec(**{**vars(spec), "env": {**spec.env, proc.MARK: mark}})

    def _descriptors(self, names: Iterable[str]) -> list[int]:
        return [self.processes[name].descriptor for name in names]

    def _raise_if_ended(self, names: Iterable[str]) -> None:
        for name in names:
            if (code := self.processes[name].exit_code()) is not None:
                raise CannotStart(f"{name} {how_it_ended(code)}. {self._story(name)}")

    def _story(self, name: str) -> str:
        process = self.processes[name]
        return f"Its log ({process.log}) ends:\n{process.tail()}"

    def _follow(self, process: Process, on_line: Callable[[str], None]) -> None:
        """Hand on each line until the process ends; a child of it that keeps the pipe open holds nobody up."""
        pending = b""
        with process.log.open("ab") as log:
            while True:
                ready = self.interrupts.wait([process.output, process.descriptor])
                chunk = os.read(process.output, 65536) if process.output in ready else b""
                log.write(chunk)
                *lines, pending = (pending + chunk).split(b"\n")
                for line in lines:
                    on_line(line.decode(errors="replace"))
                if not chunk:
                    break
        if pending:
            on_line(pending.decode(errors="replace"))

    def _wait_for_end(self, processes: list[Process], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while left := [each.descriptor for each in processes if each.exit_code() is None]:
            if time.monotonic() >= deadline:
                return
            self.interrupts.wait(left, deadline - time.monotonic())

    def _finish(self, process: Process) -> None:
        """Kill what is left of it and forget it."""
        if self.processes.get(process.spec.name) is not process:
            return
        process.kill_session()
        process.forget()
        del self.processes[process.spec.name]
        self._record.processes.pop(process.spec.name, None)

    def _start_guardian(self) -> subprocess.Popen[bytes]:
        environment: Mapping[str, str] = {
            name: value for name, value in os.environ.items() if name != proc.MARK
        }
        return subprocess.Popen(
            [sys.executable, "-E", "-S", "-m", "stack.guardian", str(self.run_dir), self._record.token],
            cwd=Path(__file__).resolve().parent.parent,
            env=dict(environment),
            stdin=subprocess.PIPE,
            start_new_session=True,
        )

    def _end_guardian(self) -> None:
        assert self._guardian.stdin is not None
        self._guardian.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._guardian.wait(GRACE_SECONDS)


def _fresh_logs(run_dir: Path) -> Path:
    """An empty folder; the logs of the start before are kept beside it."""
    logs, before = run_dir / "logs", run_dir / "logs.before"
    if logs.exists():
        shutil.rmtree(before, ignore_errors=True)
        logs.rename(before)
    logs.mkdir()
    return logs


def _lock(run_dir: Path) -> int:
    """Held until this process ends, even by kill -9; no child inherits it."""
    descriptor = os.open(run_dir / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise CannotStart(
            f"PhantomPay is running already, from {run_dir}. Stop it with Ctrl-C where it runs, or use --run-dir."
        ) from None
    return descriptor
