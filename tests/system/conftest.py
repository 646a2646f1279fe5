"""The whole system as separate processes, seen through HTTP and SQL alone."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack.stack import Stack
from tests.system.world import World

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    with Stack.start() as running:
        yield running


@pytest.fixture
def world(stack: Stack) -> Iterator[World]:
    """Doors into the running system; faults that a test switched on are off again after it."""
    doors = World(stack)
    yield doors
    doors.mend()


@pytest.fixture
def rehearse(stack: Stack):
    """`manage.py rehearse --json` against the running system; answers (exit code, output)."""

    def run(*arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "manage.py", "rehearse", "--json", *arguments],
            cwd=ROOT,
            env=stack.environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    return run
