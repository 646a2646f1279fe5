"""A running system whose parts die: short times, PostgreSQL of its own, an agent that costs no speech."""

from collections.abc import Iterator

import pytest

from stack.stack import Stack
from tests.faults.hands import Hands

SILENT_AGENT = ("-m", "tests.faults.silent_agent")
# What the sweep takes for lost, shortened; the order of the times is that of the defaults.
SHORT = {
    "SWEEP_SECONDS": "1",
    "QUEUED_WITHIN_SECONDS": "2",
    "PLACED_WITHIN_SECONDS": "9",
    "CALLBACK_WITHIN_SECONDS": "4",
    "UNKNOWN_AT_MOST_SECONDS": "14",
    "AGENT_WAIT_SECONDS": "5",
    "TWILIO_TIMEOUT_SECONDS": "3",
    "IMPORT_LOST_SECONDS": "10",
}
# Faults by the dozen, as fast as they come: nothing waits for its turn, and failures pause nothing.
UNPACED = {"CALLS_PER_SECOND": "100", "CALLS_AT_ONCE": "100", "BREAKER_CALLS": "1000000"}


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    with Stack.start(database="own postgresql", env={**SHORT, **UNPACED}, agent=SILENT_AGENT) as running:
        yield running


@pytest.fixture
def hands(stack: Stack) -> Iterator[Hands]:
    """Doors into the running system; everything runs and behaves again after a test."""
    doors = Hands(stack)
    yield doors
    doors.mend_all()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many of the faults were survived; nothing when none was tried."""

    def count(outcome: str) -> int:
        reports = terminalreporter.stats.get(outcome, [])
        return len({each.nodeid for each in reports if "tests/faults/" in each.nodeid})

    passed, lost = count("passed"), count("failed") + count("error")
    if passed or lost:
        terminalreporter.write_line(f"faults survived {passed} of {passed + lost}")
