"""How many calls are placed in a second, how many there are at once, and who waits for what."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as prove
from hypothesis import strategies as some

from calls.house import house_rules_change
from calls.models import Call, Pace
from calls.pace import Slot, limits, lines_in_use, slot_take, waiting_cancel, waiting_wake
from calls.services import call_transition
from calls.states import Status
from calls.sweep import sweep
from invoices.models import Event
from tests.calls.pace_hands import at, moment, placings, queue, requested, waits

pytestmark = pytest.mark.django_db
__all__ = ["queue"]


@pytest.fixture(autouse=True)
def _pace(settings, queue):
    settings.CALLS_PER_SECOND = 1
    settings.CALLS_AT_ONCE = 4


def end(call, to=Status.BUSY):
    assert call_transition(call_id=call.pk, to=to, source="carrier")


def test_a_call_with_a_slot_is_claimed():
    (call,) = requested(1)
    with at(0):
        assert slot_take(call_id=call.pk) is Slot.TAKEN
    call.refresh_from_db()
    assert (call.status, call.waiting_for, call.queued_at) == ("placing", "", None)


def test_a_call_is_claimed_once(queue):
    (call,) = requested(1)
    assert slot_take(call_id=call.pk) is Slot.TAKEN
    assert slot_take(call_id=call.pk) is Slot.GONE
    assert lines_in_use() == 1
    assert queue.calls == []


def test_what_has_no_line_waits_in_our_queue_and_says_for_what(settings):
    settings.CALLS_AT_ONCE = 1
    first, second = requested(2)
    with at(0):
        slot_take(call_id=first.pk)
    with at(5):
        assert slot_take(call_id=second.pk) is Slot.WAITS
    assert waits(second) == "line"
    assert second.status == "requested" and second.placed_at is None
    assert second.queued_at == moment(5)


def test_having_waited_is_told_once_in_its_history(settings):
    settings.CALLS_AT_ONCE = 0
    (call,) = requested(1)
    for second in range(3):
        with at(second):
            slot_take(call_id=call.pk)
    assert Event.objects.filter(object_id=str(call.pk), kind="call_waiting").count() == 1
    assert call.queued_at is None and waits(call) == "line"
    assert call.queued_at == moment(0)


def test_the_second_call_of_a_second_waits_for_its_moment_and_is_queued_for_it(queue):
    first, second = requested(2)
    with at(0):
        slot_take(call_id=first.pk)
    with at(0.25):
        assert slot_take(call_id=second.pk) is Slot.WAITS
    assert waits(second) == "pace"
    assert queue.take() == [(str(second.pk), 0.75)]
    with at(1):
        assert slot_take(call_id=second.pk) is Slot.TAKEN


def test_a_freed_line_wakes_the_first_that_waits_and_no_other(settings, queue):
    settings.CALLS_AT_ONCE = 1
    first, second, third = requested(3)
    with at(0):
        for call in (first, third, second):
            slot_take(call_id=call.pk)
    with at(10):
        end(first)
        waiting_wake()
        assert queue.take() == [(str(second.pk), 0)]
        assert (waits(second), waits(third)) == ("pace", "queue")
        assert slot_take(call_id=third.pk) is Slot.WAITS, "the one before it has not been placed yet"
        assert slot_take(call_id=second.pk) is Slot.TAKEN
    with at(12):
        assert slot_take(call_id=third.pk) is Slot.WAITS
    assert waits(third) == "line"


def test_a_newcomer_waits_behind_those_who_wait(settings):
    settings.CALLS_AT_ONCE = 1
    first, second, newcomer = requested(3)
    with at(0):
        slot_take(call_id=first.pk)
        slot_take(call_id=second.pk)
        end(first)
    with at(5):
        assert slot_take(call_id=newcomer.pk) is Slot.WAITS
    assert waits(newcomer) == "queue"


def test_what_waits_is_placed_one_after_the_other_without_a_burst(settings, queue):
    settings.CALLS_AT_ONCE = 10
    calls = requested(6)
    with at(0):
        for call in calls:
            slot_take(call_id=call.pk)
    now = 0.0
    while woken := queue.take():
        # All that was queued, and the look that comes every few seconds.
        now += max(countdown for _, countdown in woken)
        for call_id, _ in woken:
            with at(now):
                slot_take(call_id=call_id)
        assert now < 20
    assert list(Call.objects.order_by("placed_at")) == calls
    assert all(later - earlier >= timedelta(seconds=1) for earlier, later in pairwise(placings()))
    assert now == 5


def test_a_lost_message_is_made_good_by_the_next_look(queue):
    first, second = requested(2)
    with at(0):
        slot_take(call_id=first.pk)
        slot_take(call_id=second.pk)
    queue.take()
    with at(5):
        waiting_wake()
    assert queue.take() == [(str(second.pk), 0)]


def test_the_end_of_a_call_has_the_queue_looked_at_at_once(
    settings, queue, django_capture_on_commit_callbacks
):
    settings.CALLS_AT_ONCE = 1
    first, second = requested(2)
    slot_take(call_id=first.pk)
    slot_take(call_id=second.pk)
    with django_capture_on_commit_callbacks(execute=True):
        end(first)
    assert queue.looks == 1


def test_nobody_looks_while_nothing_waits(queue, django_capture_on_commit_callbacks):
    (call,) = requested(1)
    slot_take(call_id=call.pk)
    with django_capture_on_commit_callbacks(execute=True):
        end(call)
    assert queue.looks == 0


@pytest.mark.parametrize("status", ["placing", "unknown", "dialling", "ringing", "in_progress"])
def test_every_call_that_may_be_on_the_phone_holds_a_line(settings, status):
    settings.CALLS_AT_ONCE = 1
    busy, call = requested(2)
    Call.objects.filter(pk=busy.pk).update(status=status)
    assert slot_take(call_id=call.pk) is Slot.WAITS
    assert waits(call) == "line"


def test_the_sweep_leaves_alone_what_waits_its_turn(settings, queue):
    settings.CALLS_AT_ONCE = 0
    waiting, lost = requested(2)
    with at(0):
        slot_take(call_id=waiting.pk)
        sweep()
    assert [call_id for call_id, _ in queue.take()] == [str(lost.pk)]


def test_the_owner_may_lower_both_and_waiting_calls_hear_of_it(queue, django_capture_on_commit_callbacks):
    assert (limits().per_second, limits().at_once) == (1, 4)
    with django_capture_on_commit_callbacks(execute=True):
        house_rules_change(
            source="staff", actor=None, reason="Slowly.", most_calls_at_once=2, most_calls_per_second="0.5"
        )
    assert (limits().per_second, limits().at_once) == (0.5, 2)
    assert limits().interval == timedelta(seconds=2)
    assert queue.looks == 1


def test_a_house_rule_from_before_never_allows_more_than_the_installation(settings):
    house_rules_change(
        source="staff", actor=None, reason="Slowly.", most_calls_at_once=3, most_calls_per_second="1"
    )
    settings.CALLS_AT_ONCE, settings.CALLS_PER_SECOND = 2, 0.25
    assert (limits().per_second, limits().at_once) == (0.25, 2)


def test_a_clock_that_was_put_back_stops_nobody():
    (call,) = requested(1)
    Pace.objects.create(last_placed_at=moment(3600))
    with at(0):
        assert slot_take(call_id=call.pk) is Slot.TAKEN


def test_a_waiting_call_can_be_taken_back_one_being_placed_can_not(settings, collector):
    settings.CALLS_AT_ONCE = 1
    placed, waiting = requested(2)
    slot_take(call_id=placed.pk)
    slot_take(call_id=waiting.pk)
    assert waiting_cancel(call_id=waiting.pk, actor=collector)
    assert not waiting_cancel(call_id=placed.pk, actor=collector)
    assert waits(waiting) == "" and waiting.status == "canceled"
    event = Event.objects.get(object_id=str(waiting.pk), kind="call_canceled")
    assert (event.actor, event.source) == (collector, "staff")


@pytest.fixture
def dozen(db):
    return requested(12)


@given(
    gaps=some.lists(some.integers(0, 900_000), min_size=1, max_size=25),
    per_second=some.sampled_from([0.5, 1, 3, 7, 11]),
)
@prove(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_second_sees_more_placings_than_the_limit(dozen, settings, gaps, per_second):
    """Whatever the moments, in microseconds apart, at which calls are asked for and asked about again."""
    settings.CALLS_PER_SECOND, settings.CALLS_AT_ONCE = per_second, 100
    Pace.objects.all().delete()
    Call.objects.all().update(status="requested", waiting_for="", placed_at=None)
    now = 0
    for index, gap in enumerate(gaps):
        now += gap
        with at(now / 1_000_000):
            slot_take(call_id=dozen[index % 12].pk)
    placed = placings()
    for start in placed:
        within = [each for each in placed if start <= each < start + timedelta(seconds=1)]
        assert len(within) <= max(1, per_second)
