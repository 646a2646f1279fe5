"""What is written down while a phone rings puts it down: through the admin's pages, at the carrier, in time."""

import re
import time
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
import requests

from tests.waiting import eventually

pytestmark = pytest.mark.stack
CALLS = 20
WITHIN_SECONDS = 2.0
DOWN = ("canceled", "completed")


class Staff:
    """Somebody at the admin."""

    def __init__(self, stack: Any) -> None:
        self._url = stack.base_url
        self._session = requests.Session()
        self._post("/login/", username="admin", password=stack.logins["admin"])

    def _post(self, path: str, **fields: Any) -> requests.Response:
        page = self._session.get(self._url + path, timeout=30)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert token is not None, f"{path}: {page.status_code}"
        data = {"csrfmiddlewaretoken": token[1], **fields}
        self.ready_at = time.monotonic()
        answer = self._session.post(
            self._url + path, data=data, headers={"Referer": self._url + path}, timeout=30
        )
        assert answer.ok and answer.history, f"{path} was refused: {answer.status_code}"
        return answer

    def pay(self, invoice: int, customer: int) -> None:
        self._post(
            f"/admin/invoices/invoice/{invoice}/act/payment/",
            amount=self.owed,
            received_on=datetime.now(tz=UTC).date().isoformat(),
            method="card",
            idempotency_key=str(uuid4()),
        )

    def dispute(self, invoice: int, customer: int) -> None:
        self._post(
            f"/admin/invoices/invoice/{invoice}/act/dispute/", reason="not_mine", idempotency_key=str(uuid4())
        )

    def hold(self, invoice: int, customer: int) -> None:
        self._post(f"/admin/invoices/customer/{customer}/act/hold/", kind="bankruptcy", evidence="A letter.")

    def revoke(self, invoice: int, customer: int) -> None:
        self._post(
            f"/admin/invoices/customer/{customer}/act/consent/",
            channel="voice",
            act="revoked",
            basis="oral",
            evidence="Said so at the counter.",
        )

    owed = ""


def is_down(world: Any, call_id: str) -> bool:
    """As the carrier sees it."""
    return world.dial(call_id)["status"] in DOWN


def test_twenty_of_twenty_ringing_phones_are_put_down_within_two_seconds(world, stack):
    staff = Staff(stack)
    acts = [staff.pay, staff.dispute, staff.hold, staff.revoke]
    took = []
    for index in range(CALLS):
        invoice = world.owing("no_answer")
        (customer, total) = world.rows(
            "SELECT customer_id, total FROM invoices_invoice WHERE id = %s", invoice
        )[0]
        staff.owed = str(total)
        call_id = world.ring(invoice)
        world.until(call_id, "ringing", within=40)
        acts[index % len(acts)](invoice, customer)
        began = staff.ready_at
        eventually(partial(is_down, world, call_id), within=10)
        took.append(time.monotonic() - began)
        call = world.settled(call_id)
        assert (call["status"], call["disposition"]) == ("canceled", "blocked_by_policy")
    took.sort()
    assert took[int(0.95 * CALLS) - 1] <= WITHIN_SECONDS, took
