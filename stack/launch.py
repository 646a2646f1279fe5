"""Brings everything up in order, and writes down where it is."""

import json
from pathlib import Path

from stack import install, livekit, probes, services
from stack.errors import CannotStart
from stack.keeper import Keeper
from stack.processes import Spec
from stack.records import write_private
from stack.settings import Plan

STATE = "stack.json"
READY_SECONDS = 60.0


def bring_up(plan: Plan, keeper: Keeper, files: tuple[str, ...] = install.RUN) -> dict[str, str]:
    """Install what is missing, start every process, wait until a call could be made. Returns user -> password.

    What is independent starts side by side: the migrations run while Redis, LiveKit and the pretended world come up.
    """
    python = install.ensure(plan.root, keeper, files)
    server = livekit.ensure(plan.root, keeper) if plan.livekit_ports else None
    beneath = services.beneath(plan, server)
    for spec in beneath:
        keeper.start(spec)
    manage(plan, keeper, python, "migrate", "--noinput")
    keeper.report.step("the database is migrated")
    logins = _logins(manage(plan, keeper, python, "seed_demo"))
    keeper.report.step("the demo data is there")
    product = services.product(plan)
    for spec in product:
        keeper.start(spec)
    keeper.wait_ready([*beneath, *product])
    keeper.wait_until(lambda: probes.not_ready(plan.base_url), READY_SECONDS)
    write_state(plan, keeper, logins)
    return logins


def manage(plan: Plan, keeper: Keeper, python: Path, *arguments: str) -> list[str]:
    """Run a management command to its end; its lines. Raises CannotStart with its last line when it fails."""
    lines: list[str] = []
    spec = Spec(arguments[0], (str(python), "manage.py", *arguments), services.environment(plan), plan.root)
    if keeper.call(spec, on_line=lines.append):
        last = next((line for line in reversed(lines) if line.strip()), "it said nothing")
        raise CannotStart(
            f"manage.py {arguments[0]} failed: {last} (more in {keeper.logs / arguments[0]}.log)"
        )
    return lines


def write_state(plan: Plan, keeper: Keeper, logins: dict[str, str]) -> None:
    """For `manage.py rehearse` and whoever else looks for the running stack. Holds secrets: only its owner reads it."""
    state = {
        "base_url": plan.base_url,
        "carrier_control_url": plan.env.get("CARRIER_CONTROL_URL", ""),
        "env": dict(plan.env),
        "logins": logins,
        "pids": {name: process.pid for name, process in keeper.processes.items()},
    }
    write_private(plan.run_dir / STATE, json.dumps(state, indent=1))


def _logins(lines: list[str]) -> dict[str, str]:
    """From the lines `login: <user> / <password>`."""
    pairs = [line.removeprefix("login: ").split(" / ", 1) for line in lines if line.startswith("login: ")]
    return {user: password.strip() for user, password in pairs}
