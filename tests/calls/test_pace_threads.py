"""Many workers at once: no line is given twice, no second is used twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from threading import Barrier

import pytest
from django.db import connection

from calls.models import Call
from calls.pace import Slot, lines_in_use, slot_take
from calls.services import call_transition
from calls.states import Status
from tests.calls.pace_hands import placings, queue, requested

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("queue")]
__all__ = ["queue"]
WORKERS = 8


def together(work, items):
    """`work` on each item, begun in the same moment by as many threads."""
    start = Barrier(len(items))

    def run(item):
        start.wait()
        try:
            return work(item)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(items)) as threads:
        return list(threads.map(run, items))


def test_live_calls_never_exceed_the_lines(settings):
    settings.CALLS_PER_SECOND, settings.CALLS_AT_ONCE = 1_000_000, 3
    calls = requested(WORKERS)
    seen = []

    def place(call):
        claim = slot_take(call_id=call.pk)
        seen.append(lines_in_use())
        return claim

    claims = together(place, calls)
    assert claims.count(Slot.TAKEN) <= 3
    assert max(seen) <= 3
    for _ in range(WORKERS):
        for call in Call.objects.filter(status="placing"):
            call_transition(call_id=call.pk, to=Status.BUSY, source="carrier")
        together(place, list(Call.objects.filter(status="requested")) or calls[:1])
    assert max(seen) <= 3
    assert Call.objects.filter(status="requested").count() == 0, "all had their turn"


def test_one_moment_is_given_to_one_call(settings):
    settings.CALLS_PER_SECOND, settings.CALLS_AT_ONCE = 5, 100
    claims = together(lambda call: slot_take(call_id=call.pk), requested(WORKERS))
    assert Slot.TAKEN in claims
    assert all(later - earlier >= timedelta(seconds=0.2) for earlier, later in pairwise(placings()))


def test_one_call_is_given_to_one_worker(settings):
    settings.CALLS_PER_SECOND, settings.CALLS_AT_ONCE = 1_000_000, 100
    (call,) = requested(1)
    claims = together(lambda _: slot_take(call_id=call.pk), range(WORKERS))
    assert claims.count(Slot.TAKEN) == 1
    assert claims.count(Slot.GONE) == WORKERS - 1
