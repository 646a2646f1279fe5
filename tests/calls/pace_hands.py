"""Requested calls, and what is put into Celery's queue about them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from calls import tasks
from calls.models import Call
from tests.factories import CallFactory

START = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@dataclass
class Queue:
    """What Celery was given: (call's id, seconds to wait), and how often the queue was to be looked at."""

    calls: list[tuple[str, float]] = field(default_factory=list)
    looks: int = 0

    def take(self) -> list[tuple[str, float]]:
        taken, self.calls = self.calls, []
        return taken


@pytest.fixture
def queue(monkeypatch):
    """Stands where Redis stands."""
    given = Queue()

    def put(args: Any, countdown: float | None = None, **_: Any) -> None:
        given.calls.append((args[0], countdown or 0))

    def look(*_: Any) -> None:
        given.looks += 1

    monkeypatch.setattr(tasks.place_call, "apply_async", put)
    monkeypatch.setattr(tasks.place_waiting, "delay", look)
    return given


def requested(count: int) -> list[Call]:
    """So many requests of different customers, one second after the other."""
    calls = [CallFactory.create() for _ in range(count)]
    for index, call in enumerate(calls):
        asked = datetime(2026, 11, 24, 11, 0, index, tzinfo=UTC)
        Call.objects.filter(pk=call.pk).update(requested_at=asked)
        call.refresh_from_db()
    return calls


def moment(seconds: float) -> datetime:
    """So long after noon."""
    return START + timedelta(seconds=seconds)


def at(seconds: float) -> time_machine.travel:
    return time_machine.travel(moment(seconds), tick=False)


def waits(call: Call) -> str:
    call.refresh_from_db()
    return call.waiting_for


def placings() -> list[datetime]:
    """When calls were placed, in order."""
    return sorted(call.placed_at for call in Call.objects.all() if call.placed_at)
