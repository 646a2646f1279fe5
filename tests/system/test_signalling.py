"""From the press to a terminal state, with a carrier that misbehaves."""

import pytest

from tests.rooms import rooms
from tests.waiting import eventually

pytestmark = pytest.mark.stack


def test_two_presses_are_one_dial(world):
    invoice = world.owing("busy")
    first, second = world.ring(invoice), world.ring(invoice)
    assert first == second
    assert world.settled(first)["status"] == "busy"
    assert len(world.dials(first)) == 1


def test_the_same_key_returns_the_same_call_after_its_end(world):
    invoice = world.owing("busy")
    first = world.ring(invoice, key="once")
    world.settled(first)
    assert world.ring(invoice, key="once") == first
    assert len(world.dials(first)) == 1


@pytest.mark.parametrize("mode", ["accept_then_500", "accept_then_timeout"])
def test_an_answer_that_never_comes_is_settled_without_a_second_dial(world, mode):
    world.faults(create={"mode": mode, "times": 1})
    call = world.settled(world.ring(world.owing("busy")))
    assert call["status"] == "busy"
    assert len(world.dials(call["id"])) == 1


def test_a_carrier_that_says_not_now_is_asked_again(world):
    world.faults(create={"mode": "reject_429", "times": 1})
    call = world.settled(world.ring(world.owing("busy")))
    assert call["status"] == "busy"
    assert len(world.dials(call["id"])) == 1


def test_a_carrier_that_refuses_is_believed(world):
    world.faults(create={"mode": "reject_400", "times": 1})
    call = world.settled(world.ring(world.owing("busy")))
    assert (call["status"], call["disposition"]) == ("failed", "invalid_number")
    assert "refused" in call["end_reason"]
    assert world.dials(call["id"]) == []


@pytest.mark.parametrize("mode", ["late", "twice", "out_of_order"])
def test_callbacks_may_come_late_twice_or_out_of_order(world, mode):
    world.faults(callbacks={"mode": mode, "seconds": 2})
    call = world.settled(world.ring(world.owing("busy")))
    assert call["status"] == "busy"
    ends = "SELECT count(*) FROM invoices_event WHERE object_id = %s AND kind = 'call_busy'"
    assert world.rows(ends, call["id"]) == [(1,)]


def test_without_any_callback_the_carrier_is_asked_how_it_ended(world):
    world.faults(callbacks={"mode": "never"})
    call = world.settled(world.ring(world.owing("busy")), within=180)
    assert (call["status"], call["disposition"]) == ("busy", "busy")


def test_without_agent_and_announcement_nobody_is_rung(world, stack):
    stack.stop("agent")
    world.execute("UPDATE calls_houserules SET announcement_fallback = false")
    try:
        call = world.settled(world.ring(world.owing("promises")))
        assert (call["status"], call["disposition"]) == ("failed", "failed")
        assert "no agent" in call["end_reason"]
        assert world.dials(call["id"]) == []
    finally:
        world.execute("UPDATE calls_houserules SET announcement_fallback = true")
        stack.start_process("agent")


def test_without_an_agent_the_announcement_speaks(world, stack):
    stack.stop("agent")
    try:
        call = world.settled(world.ring(world.owing("quiet")))
        assert (call["status"], call["disposition"]) == ("completed", "no_response")
        assert "automated call from" in call["transcript"][0]["text"]
    finally:
        stack.start_process("agent")


def test_a_request_made_while_the_worker_is_away_is_dialled_when_it_is_back(world, stack):
    stack.stop("worker")
    try:
        call_id = world.ring(world.owing("busy"))
        assert world.call(call_id)["status"] == "requested"
    finally:
        stack.start_process("worker")
    assert world.settled(call_id)["status"] == "busy"
    assert len(world.dials(call_id)) == 1


def test_the_rooms_of_ended_calls_are_closed(world):
    call = world.settled(world.ring(world.owing("busy")))
    eventually(lambda: f"debt-collection-{call['id']}" not in rooms(world.stack.env), within=30)
