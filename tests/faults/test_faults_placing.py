"""A worker, a carrier or a queue that fails while a call is placed: one dial at most, and a true end."""

import os
import signal

import pytest

from tests.faults.hands import go_on, until_stopped
from tests.waiting import eventually

pytestmark = pytest.mark.stack


@pytest.mark.parametrize("callbacks", [None, {"mode": "never"}], ids=["callbacks", "no callbacks"])
def test_worker_killed_after_the_post_before_its_commit(hands, stack, callbacks):
    hands.hold("after_entry", callbacks=callbacks)
    call_id = hands.ring(hands.owing("no_answer"))
    hands.held()
    hands.kill_with_children("worker")
    stack.start_process("worker")
    adopted = "SELECT 1 FROM calls_call WHERE id = %s AND carrier_sid IS NOT NULL"
    eventually(lambda: hands.rows(adopted, call_id), within=60)
    hands.release()
    assert hands.ended(call_id)[0] == "no_answer"
    assert (hands.posts(call_id), len(hands.dials(call_id))) == (1, 1)


def test_worker_killed_behind_the_headers_of_the_answer(hands, stack):
    hands.hold("after_headers")
    call_id = hands.ring(hands.owing("busy"))
    hands.held()
    hands.kill_with_children("worker")
    stack.start_process("worker")
    hands.release()
    assert hands.ended(call_id)[0] == "busy"
    assert (hands.posts(call_id), len(hands.dials(call_id))) == (1, 1)


def test_worker_killed_before_the_carrier_took_the_post(hands, stack):
    hands.hold("before_entry")
    call_id = hands.ring(hands.owing("busy"))
    hands.held()
    hands.kill_with_children("worker")
    hands.release()
    stack.start_process("worker")
    status, disposition, reason = hands.ended(call_id)
    assert (status, disposition) == ("failed", "failed")
    assert "not dialled" in reason
    assert (hands.posts(call_id), hands.dials(call_id)) == (1, [])


def test_the_one_process_that_dials_killed(hands):
    hands.hold("after_entry", callbacks={"mode": "never"})
    call_id = hands.ring(hands.owing("busy"))
    hands.held()
    os.kill(hands.dialling_child().pid, signal.SIGKILL)
    hands.release()
    assert hands.ended(call_id)[0] == "busy"
    assert (hands.posts(call_id), len(hands.dials(call_id))) == (1, 1)


def test_worker_killed_before_the_post(hands, stack):
    """It had not asked the carrier, which is written down: so the call is dialled by the next worker."""
    stack.stop("agent")
    call_id = hands.ring(hands.owing("busy"))
    eventually(lambda: hands.status(call_id) == "placing")
    hands.kill_with_children("worker")
    stack.start_process("agent")
    stack.start_process("worker")
    assert hands.ended(call_id)[0] == "busy"
    assert (hands.posts(call_id), len(hands.dials(call_id))) == (1, 1)
    assert hands.moves(call_id, "sweep_placing_undialled") == 1


@pytest.mark.parametrize("when", ["while another dials", "after the call has ended"])
def test_a_worker_stands_still_and_goes_on_when_its_call_is_no_longer_its_own(hands, stack, when):
    stack.stop("agent")
    call_id = hands.ring(hands.owing("busy"))
    eventually(lambda: hands.status(call_id) == "placing")
    asleep = stack.pid("worker")
    until_stopped(asleep)
    if when == "while another dials":
        hands.hold("after_entry")
    try:
        stack.start_beside("second worker", "worker")
        stack.start_process("agent")
        if when == "while another dials":
            hands.held()
        else:
            assert hands.ended(call_id)[0] == "busy"
    finally:
        go_on(asleep)
    eventually(
        lambda: stack_log_count(hands, f"call {call_id}: not dialled, it is no longer") == 1, within=30
    )
    hands.release()
    assert hands.ended(call_id)[0] == "busy"
    stack.stop("second worker")
    assert (hands.posts(call_id), len(hands.dials(call_id))) == (1, 1)


@pytest.mark.parametrize("mode", ["accept_then_timeout", "accept_then_500"])
def test_no_sure_answer_after_acceptance(hands, mode):
    hands.faults(create={"mode": mode, "times": 1}, callbacks={"mode": "never"})
    call_id = hands.ring(hands.owing("busy"))
    eventually(lambda: hands.moves(call_id, "call_unknown"), within=20)
    assert hands.ended(call_id)[0] == "busy"
    assert (hands.posts(call_id), len(hands.dials(call_id))) == (1, 1)


def test_no_sure_answer_without_acceptance(hands):
    hands.faults(create={"mode": "reject_500", "times": 1})
    call_id = hands.ring(hands.owing("busy"))
    status, _, reason = hands.ended(call_id)
    assert status == "failed"
    assert "not dialled" in reason
    assert (hands.posts(call_id), hands.dials(call_id)) == (1, [])


def test_the_carrier_takes_no_call_just_now(hands):
    hands.faults(create={"mode": "reject_429", "times": 2})
    call_id = hands.ring(hands.owing("busy"))
    assert hands.ended(call_id)[0] == "busy"
    assert (hands.posts(call_id), len(hands.dials(call_id))) == (3, 1)


def test_the_task_is_delivered_again(hands):
    hands.hold("after_entry")
    call_id = hands.ring(hands.owing("busy"))
    hands.held()
    hands.queue_again(call_id, times=5)
    eventually(lambda: stack_log_count(hands, f"call {call_id}: already claimed") >= 5, within=20)
    hands.release()
    assert hands.ended(call_id)[0] == "busy"
    hands.queue_again(call_id)
    eventually(lambda: stack_log_count(hands, f"call {call_id}: already claimed") >= 6, within=20)
    assert (hands.posts(call_id), len(hands.dials(call_id))) == (1, 1)


def stack_log_count(hands, text):
    return hands.stack.log("worker").count(text)


def test_two_workers_race(hands, stack):
    stack.stop("worker")
    call_ids = [hands.ring(hands.owing("busy")) for _ in range(4)]
    for call_id in call_ids:
        hands.queue_again(call_id, times=5)
    stack.start_beside("second worker", "worker")
    try:
        stack.start_process("worker")
        for call_id in call_ids:
            assert hands.ended(call_id)[0] == "busy"
            assert (hands.posts(call_id), len(hands.dials(call_id))) == (1, 1)
    finally:
        stack.stop("second worker")


def test_a_request_that_is_rolled_back(hands, stack):
    invoice = hands.owing("busy")
    stack.stop("worker")
    hands.redis().delete("celery")
    hands.execute(
        "CREATE FUNCTION refuse() RETURNS trigger AS $$ BEGIN RAISE 'no'; END $$ LANGUAGE plpgsql;"
        "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON calls_call DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION refuse()"
    )
    try:
        answer = hands.api.post(f"{stack.base_url}/api/invoices/{invoice}/calls/", json={}, timeout=10)
    finally:
        hands.execute("DROP TRIGGER refuse ON calls_call; DROP FUNCTION refuse")
    assert answer.status_code == 500
    assert hands.rows("SELECT 1 FROM calls_call WHERE invoice_id = %s", invoice) == []
    assert not any(b"place_call" in message for message in hands.redis().lrange("celery", 0, -1))


def test_the_queue_is_away_when_a_request_is_committed(hands, stack):
    stack.stop("redis")
    call_id = hands.ring(hands.owing("busy"))
    assert hands.status(call_id) == "requested"
    stack.start_process("redis")
    assert hands.ended(call_id)[0] == "busy"
    assert (hands.posts(call_id), len(hands.dials(call_id))) == (1, 1)


def test_a_call_waits_at_the_carrier_into_a_forbidden_hour(hands):
    """The hour is moved under it, by SQL, so that nothing is told of the change."""
    hands.faults(queue={"seconds": 60})
    call_id = hands.ring(hands.owing("busy"))
    eventually(lambda: hands.status(call_id) == "dialling")
    with hands.house_closed():
        status, disposition, reason = hands.ended(call_id)
        assert (status, disposition) == ("canceled", "blocked_by_policy")
        assert "house rings" in reason
        (dial,) = hands.dials(call_id)
        assert dial["status"] == "canceled"


def test_a_phone_is_answered_in_a_forbidden_hour(hands, stack):
    """Nobody sweeps and nobody dials any more: the answer itself is refused."""
    hands.faults(queue={"seconds": 4})
    call_id = hands.ring(hands.owing("promises"))
    eventually(lambda: hands.status(call_id) == "dialling")
    hands.kill_with_children("worker")
    with hands.house_closed():
        hands.ended(call_id)
        dial = eventually(
            lambda: next((each for each in hands.dials(call_id) if each["status"] == "completed"), None)
        )
    verbs = [event["verb"] for event in dial["events"] if event["kind"] == "twiml"]
    assert verbs == ["Say", "Hangup"]
