"""Calls that fail one after the other pause placing; then one is tried."""

import json
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from calls.breaker import Breaker, breaker_close, breaker_state, carrier_error_record
from calls.models import Call, Pace
from calls.pace import Slot, slot_take, waiting_wake
from calls.placing import TryLater, call_place
from calls.services import call_transition
from calls.states import Status
from invoices.models import Event
from tests.calls.conftest import put
from tests.calls.pace_hands import at, queue, requested, waits

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("queue")]
__all__ = ["queue"]


@pytest.fixture(autouse=True)
def _pace(settings):
    settings.CALLS_PER_SECOND, settings.CALLS_AT_ONCE = 1, 100
    settings.BREAKER_CALLS, settings.BREAKER_SECONDS = 5, 120


def state():
    return breaker_state(Pace.objects.get(), timezone.now())


def dialled(calls, ends, *, start=0):
    """Each is placed a second after the one before, and ends as `ends` says."""
    for index, (call, end) in enumerate(zip(calls, ends, strict=True)):
        with at(start + index):
            assert slot_take(call_id=call.pk) is Slot.TAKEN
            if end == "error":
                carrier_error_record(call_id=call.pk, label="http_500", source="worker")
                call_transition(call_id=call.pk, to=Status.UNKNOWN, source="worker")
            elif end is not None:
                call_transition(call_id=call.pk, to=end, source="carrier")


F, B, N = Status.FAILED, Status.BUSY, Status.NO_ANSWER


@pytest.mark.parametrize(
    ("ends", "opens"),
    [
        ([F, F, F, F, F], True),
        ([F, B, F, B, F], True),
        (["error", B, F, N, "error"], True),
        ([F, B, B, N, F], False),
        ([F, F, F, F], False),
        ([N, N, B, B, N, B], False),
        ([N, N, N, F, F, F], True),
        ([None, F, F, None, None], False),
    ],
)
def test_it_opens_when_half_of_at_least_five_failed(ends, opens):
    *calls, following = requested(len(ends) + 1)
    dialled(calls, ends)
    with at(30):
        claim = slot_take(call_id=following.pk)
        assert (claim is Slot.WAITS, state() == Breaker.OPEN) == (opens, opens)
    assert waits(following) == ("breaker" if opens else "")


def test_failures_of_long_ago_do_not_count():
    *calls, following = requested(6)
    dialled(calls, [F] * 5)
    with at(125):
        assert slot_take(call_id=following.pk) is Slot.TAKEN


def test_blocked_calls_say_nothing_about_the_carrier():
    *calls, following = requested(7)
    dialled(calls, [F, F, *[Status.BLOCKED] * 4])
    with at(30):
        assert slot_take(call_id=following.pk) is Slot.TAKEN


@pytest.fixture
def opened():
    """It has opened at 5 s; two calls wait."""
    *calls, first, second = requested(7)
    dialled(calls, [F] * 5)
    with at(5):
        slot_take(call_id=first.pk)
        slot_take(call_id=second.pk)
        assert state() == Breaker.OPEN
    return first, second


def test_while_it_is_open_nothing_is_placed(opened):
    with at(124):
        assert [slot_take(call_id=call.pk) for call in opened] == [Slot.WAITS, Slot.WAITS]
    assert [waits(call) for call in opened] == ["breaker", "breaker"]
    event = Event.objects.get(kind="breaker_opened")
    assert event.reason == "5 of 5 calls failed within 120 seconds."


def test_then_one_call_is_tried_and_the_others_wait_for_what_becomes_of_it(opened, queue):
    first, second = opened
    with at(126):
        waiting_wake()
        assert queue.take() == [(str(first.pk), 0)]
        assert slot_take(call_id=first.pk) is Slot.TAKEN
    with at(130):
        assert slot_take(call_id=second.pk) is Slot.WAITS
        assert (waits(second), state()) == ("breaker", Breaker.HALF_OPEN)


@pytest.mark.parametrize("status", [Status.RINGING, Status.BUSY, Status.NO_ANSWER, Status.IN_PROGRESS])
def test_a_trial_that_goes_through_closes_it(opened, status):
    first, second = opened
    with at(126):
        slot_take(call_id=first.pk)
    with at(130):
        call_transition(call_id=first.pk, to=status, source="carrier")
        assert slot_take(call_id=second.pk) is Slot.TAKEN
        assert state() == Breaker.CLOSED
    assert Event.objects.get(kind="breaker_closed").source == "worker"


@pytest.mark.parametrize("how", ["failed", "error"])
def test_a_trial_that_fails_opens_it_for_as_long_again(opened, how):
    first, second = opened
    with at(126):
        slot_take(call_id=first.pk)
    with at(130):
        if how == "failed":
            call_transition(call_id=first.pk, to=Status.FAILED, source="carrier")
        else:
            carrier_error_record(call_id=first.pk, label="20429", source="worker")
            call_transition(call_id=first.pk, to=Status.REQUESTED, source="worker", waiting_for="carrier")
        assert slot_take(call_id=second.pk) is Slot.WAITS
        assert Pace.objects.get().breaker_until == timezone.now() + timedelta(seconds=120)
    with at(249):
        assert slot_take(call_id=second.pk) is Slot.WAITS
    with at(251):
        assert slot_take(call_id=second.pk) is Slot.TAKEN


@pytest.mark.parametrize("end", [Status.BLOCKED, Status.CANCELED])
def test_a_trial_that_was_not_dialled_leaves_the_turn_to_the_next(opened, end):
    first, second = opened
    with at(126):
        slot_take(call_id=first.pk)
        call_transition(call_id=first.pk, to=end, source="worker")
    with at(130):
        assert slot_take(call_id=second.pk) is Slot.TAKEN
        assert state() == Breaker.HALF_OPEN


def test_staff_may_close_it_and_what_failed_before_is_forgotten(opened, admin_user):
    first, second = opened
    with at(20):
        assert breaker_close(actor=admin_user, reason="The carrier says that it is mended.")
        assert not breaker_close(actor=admin_user, reason="Again.")
        assert slot_take(call_id=first.pk) is Slot.TAKEN
    with at(21):
        call_transition(call_id=first.pk, to=Status.FAILED, source="carrier")
        assert slot_take(call_id=second.pk) is Slot.TAKEN
    event = Event.objects.get(kind="breaker_closed")
    assert (event.actor, event.reason) == (admin_user, "The carrier says that it is mended.")


def test_closing_it_needs_a_reason(opened, admin_user):
    with pytest.raises(ValidationError) as refused:
        breaker_close(actor=admin_user, reason=" ")
    assert set(refused.value.message_dict) == {"reason"}


def test_closing_it_has_the_queue_looked_at(opened, queue, admin_user, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        breaker_close(actor=admin_user, reason="Mended.")
    assert queue.looks == 1


def test_a_failure_has_it_looked_at_while_nothing_waits(queue, django_capture_on_commit_callbacks):
    calls = requested(5)
    dialled(calls, [F, F, F, F, None])
    queue.looks = 0
    with at(5), django_capture_on_commit_callbacks(execute=True):
        call_transition(call_id=calls[-1].pk, to=Status.FAILED, source="carrier")
        waiting_wake()
    assert queue.looks >= 1
    with at(6):
        assert state() == Breaker.OPEN


@pytest.mark.parametrize(
    ("mode", "code", "status", "waiting"),
    [
        ("reject_400", "21211", "failed", ""),
        ("reject_429", "20429", "requested", "carrier"),
        ("reject_500", "20500", "unknown", ""),
    ],
)
def test_what_the_carrier_answers_is_kept_with_its_code(
    call, carrier, monkeypatch, mode, code, status, waiting
):
    put(f"{carrier}/rehearsal/faults", json.dumps({"create": {"mode": mode, "times": 1}}).encode())
    Call.objects.filter(pk=call.pk).update(agent_ready_at=timezone.now())
    monkeypatch.setattr("calls.rooms.agent_in_room", lambda call: True)
    if waiting:
        with pytest.raises(TryLater):
            call_place(call_id=call.pk)
    else:
        call_place(call_id=call.pk)
    call.refresh_from_db()
    assert (call.status, call.waiting_for, call.carrier_error) == (status, waiting, code)
    event = Event.objects.get(object_id=str(call.pk), kind="carrier_error")
    assert event.after == {"code": code}
