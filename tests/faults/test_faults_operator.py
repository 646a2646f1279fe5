"""What people at the pages do while calls are on their way."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from tests.faults.hands import HOUSE
from tests.waiting import eventually

pytestmark = pytest.mark.stack


def test_a_double_click(hands):
    invoice = hands.owing("busy")
    staff = hands.browser("collector")
    page = staff.get(f"/invoices/{invoice}/").text
    token = page.split('name="csrfmiddlewaretoken" value="', 1)[1].split('"', 1)[0]
    key = str(uuid4())

    def press(_: int) -> None:
        path = f"/invoices/{invoice}/calls/"
        staff.send(path, token, f"/invoices/{invoice}/", idempotency_key=key)

    with ThreadPoolExecutor(2) as fingers:
        list(fingers.map(press, range(2)))
    ((call_id,),) = hands.rows("SELECT id FROM calls_call WHERE invoice_id = %s", invoice)
    assert hands.ended(str(call_id))[0] == "busy"
    assert (hands.posts(str(call_id)), len(hands.dials(str(call_id)))) == (1, 1)


@pytest.mark.parametrize("act", ["paid", "do not call"])
def test_what_is_forbidden_while_it_waits_is_not_dialled(hands, stack, act):
    invoice = hands.owing("busy")
    staff = hands.browser("admin")
    stack.stop("worker")
    call_id = hands.ring(invoice)
    query = "SELECT customer_id, total FROM invoices_invoice WHERE id = %s"
    ((customer, total),) = hands.rows(query, invoice)
    if act == "paid":
        staff.post(
            f"/admin/invoices/invoice/{invoice}/act/payment/",
            amount=str(total),
            received_on=datetime.now(tz=UTC).date().isoformat(),
            method="card",
            idempotency_key=str(uuid4()),
        )
    else:
        staff.post(
            f"/admin/invoices/customer/{customer}/act/consent/",
            channel="voice",
            act="revoked",
            basis="oral",
            evidence="Said so at the counter.",
        )
    stack.start_process("worker")
    status, disposition, reason = hands.ended(call_id)
    assert (status, disposition) == ("blocked", "blocked_by_policy")
    assert reason
    assert hands.posts(call_id) == 0


def test_the_switch_that_stops_all_calls(hands, stack):
    staff = hands.browser("admin")
    stack.stop("worker")
    call_ids = [hands.ring(hands.owing("busy")) for _ in range(3)]
    hands.execute(HOUSE)
    staff.post("/admin/calls/houserules/1/act/stop/", reason="A test of the switch.")
    try:
        stack.start_process("worker")
        for call_id in call_ids:
            assert hands.ended(call_id)[0] == "blocked"
            assert hands.posts(call_id) == 0
    finally:
        staff.post("/admin/calls/houserules/1/act/allow/", reason="The test is over.")


def test_a_wrong_token_of_the_carrier(hands, stack):
    stack.stop("worker")
    stack.start_beside("stranger", "worker", env={"TWILIO_AUTH_TOKEN": "0" * 32})
    try:
        call_id = hands.ring(hands.owing("busy"))
        status, _, reason = hands.ended(call_id)
    finally:
        stack.stop("stranger")
    assert status == "failed"
    assert "401" in reason and "20003" in reason
    assert hands.dials(call_id) == []
    eventually(lambda: f"call {call_id}: carrier error HTTP 401" in stack.log("stranger"))
