"""`make run`: from a fresh clone to a working address, and everything gone again at Ctrl-C."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from stack import launch, services, settings
from stack.errors import CannotStart, Interrupted
from stack.interrupts import Interrupts
from stack.keeper import Keeper
from stack.ports import Ports, is_free
from stack.probes import http_ok
from stack.processes import Spec
from stack.report import Report, fail
from stack.settings import Plan

INTERRUPTED = 130


def run(root: Path, run_dir: Path) -> int:
    """Start, say where, and stay until told to stop or until one process ends. The exit code."""

    def stay(plan: Plan, keeper: Keeper, logins: dict[str, str]) -> int:
        _welcome(plan, keeper.report, logins)
        try:
            keeper.watch()
        except Interrupted:
            keeper.report.line("stopping")
        return 0

    return _with_stack(root, run_dir, settings.DEFAULT_PORT, stay)


def rehearse(root: Path, run_dir: Path, arguments: list[str]) -> int:
    """`manage.py rehearse` against the stack that runs, else against one of its own, on ports and data of its own."""
    running = _running(run_dir)
    command = [str(root / ".venv" / "bin" / "python"), "manage.py", "rehearse", *arguments]
    if running:
        return subprocess.run(command, cwd=root, env={**os.environ, **running}, check=False).returncode

    def once(plan: Plan, keeper: Keeper, logins: dict[str, str]) -> int:
        spec = Spec("rehearse", tuple(command), services.environment(plan), root)
        return keeper.call(spec)

    return _with_stack(root, run_dir / "rehearsal", None, once, out=sys.stderr)


def _with_stack(
    root: Path,
    run_dir: Path,
    default_port: int | None,
    body: Callable[[Plan, Keeper, dict[str, str]], int],
    out: TextIO | None = None,
) -> int:
    """Bring the stack up, run `body`, take it down whatever happens."""
    report, interrupts, ports = Report(out), Interrupts(), Ports()
    with interrupts.installed():
        try:
            chosen = settings.given(root)
            if default_port is None:
                chosen = {**chosen, "PORT": str(ports.take())}
            keeper = Keeper(run_dir, report, interrupts)
            try:
                plan = settings.plan(chosen, root=root, run_dir=run_dir, ports=ports)
                if not is_free(plan.port) and default_port is not None:
                    raise CannotStart(
                        f"Port {plan.port} is in use. Free it, or choose another: PORT={plan.port + 1} make run"
                    )
                return body(plan, keeper, launch.bring_up(plan, keeper))
            finally:
                keeper.close(services.STOP_ORDER)
                (run_dir / launch.STATE).unlink(missing_ok=True)
        except CannotStart as error:
            fail(str(error))
            return 1
        except Interrupted:
            report.line("stopped")
            return INTERRUPTED
        finally:
            ports.release()


def _running(run_dir: Path) -> dict[str, str]:
    """The settings of the stack that runs from this folder; empty when none does."""
    try:
        state = json.loads((run_dir / launch.STATE).read_text())
    except (OSError, ValueError):
        return {}
    env: dict[str, str] = state["env"]
    return env if http_ok(f"{state['base_url']}/healthz") else {}


def _welcome(plan: Plan, report: Report, logins: dict[str, str]) -> None:
    if plan.rehearses:
        report.line(
            "\nRehearsal: the telephone network and its people are pretended; nobody is really called."
        )
    for user, password in logins.items():
        report.line(f"login: {user} / {password}")
    report.line(
        f"PhantomPay is at {plan.env['PUBLIC_BASE_URL']} (Ctrl-C ends it; logs in {plan.run_dir / 'logs'})"
    )
