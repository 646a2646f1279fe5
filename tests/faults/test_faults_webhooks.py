"""Callbacks that come twice, in the wrong order, too early, for another call, or not at all."""

import time

import pytest

from tests.faults.hands import go_on, until_stopped
from tests.waiting import eventually

pytestmark = pytest.mark.stack
QUICK_SECONDS = 2.0


def test_every_callback_comes_twice(hands):
    hands.faults(callbacks={"mode": "twice"})
    call_id = hands.ring(hands.owing("no_answer"))
    assert hands.ended(call_id)[0] == "no_answer"
    assert [hands.moves(call_id, kind) for kind in ("call_ringing", "call_no_answer")] == [1, 1]


def test_the_end_is_told_before_the_ringing(hands):
    call_id = hands.ring(hands.owing("no_answer"))
    eventually(lambda: hands.status(call_id) == "ringing")
    sid = hands.dial(call_id)["sid"]
    for status in ("completed", "ringing", "in-progress", "initiated"):
        assert hands.callback(call_id, sid, status).status_code == 204
        assert hands.status(call_id) == "completed"


def test_a_callback_comes_before_the_answer_to_the_post(hands):
    hands.hold("after_entry")
    call_id = hands.ring(hands.owing("busy"))
    hands.held()
    assert hands.ended(call_id)[0] == "busy"
    hands.release()
    assert (hands.posts(call_id), len(hands.dials(call_id))) == (1, 1)
    adopted = hands.rows("SELECT carrier_sid FROM calls_call WHERE id = %s", call_id)
    assert adopted == [(hands.dial(call_id)["sid"],)]


def test_no_callback_ever_comes(hands):
    hands.faults(callbacks={"mode": "never"})
    call_id = hands.ring(hands.owing("busy"))
    assert hands.ended(call_id)[:2] == ("busy", "busy")


def test_callbacks_of_an_old_dial_touch_no_new_call(hands):
    invoice = hands.owing("busy")
    old = hands.ring(invoice, key="first")
    hands.ended(old)
    old_sid = hands.dial(old)["sid"]
    hands.hold("before_entry")
    new = hands.ring(invoice, key="second")
    assert new != old
    hands.held()
    assert hands.callback(new, old_sid, "completed").status_code == 204
    assert hands.status(new) == "placing"
    hands.release()
    assert hands.ended(new)[0] == "busy"


def test_callbacks_are_answered_quickly_while_everything_behind_them_is_slow(hands, stack):
    call_id = hands.ring(hands.owing("no_answer"))
    eventually(lambda: hands.status(call_id) == "ringing")
    sid = hands.dial(call_id)["sid"]
    slow = [stack.pid("worker"), stack.pid("livekit")]
    for pid in slow:
        until_stopped(pid)
    try:
        for status in ("ringing", "no-answer", "no-answer"):
            begun = time.monotonic()
            assert hands.callback(call_id, sid, status).status_code == 204
            assert time.monotonic() - begun < QUICK_SECONDS
    finally:
        for pid in slow:
            go_on(pid)
    assert hands.ended(call_id)[0] == "no_answer"
