"""Announced calls over the whole running system: keys pressed on real phones, judged by the rows and the carrier."""

from collections.abc import Iterator

import pytest
import requests

from stack.stack import Stack
from tests.system.keypad import Phone
from tests.waiting import eventually

pytestmark = pytest.mark.stack
INSTRUCTIONS = "Pay by bank transfer to account 12 34 56 78."


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A system whose every call is announced; its agent does not even run."""
    env = {"AGENT_MODE": "announce", "PAYMENT_INSTRUCTIONS": INSTRUCTIONS}
    with Stack.start(database="postgresql", env=env) as running:
        running.stop("agent")
        yield running


@pytest.fixture
def phone(world):
    return Phone(world)


def test_a_promise_made_by_keys_is_in_the_ledger(world, phone):
    phone.verified()
    for key in ("2", "3", "1"):
        phone.press(key)
    assert phone.came_to() == "promise_to_pay"
    promises = world.rows(
        "SELECT p.amount, p.due_date - (now() AT TIME ZONE c.time_zone)::date FROM invoices_promisetopay p "
        "JOIN invoices_customer c ON c.id = p.customer_id WHERE p.source_call_id = %s",
        phone.call_id,
    )
    assert promises == [(phone.total, 7)]
    kept = world.rows("SELECT text FROM calls_transcriptline WHERE call_id = %s ORDER BY seq", phone.call_id)
    texts = [text for (text,) in kept]
    before = texts[: texts.index("[entered digits, which are not kept]") + 1]
    assert not [text for text in before if phone.number in text or "invoice" in text.lower()]
    assert not [text for text in texts if phone.birthday in text]
    assert len(world.dials(phone.call_id)) == 1


def test_how_to_pay_reaches_the_phone_as_a_text_message(world, phone):
    phone.verified()
    phone.press("1")
    assert phone.came_to() == "link_sent"

    def delivered():
        rows = world.rows(
            "SELECT status, carrier_sid FROM calls_confirmation WHERE call_id = %s AND about = 'how_to_pay'",
            phone.call_id,
        )
        return rows if [status for status, _ in rows] == ["delivered"] else None

    ((_, sid),) = eventually(delivered, within=30)
    to = world.dial(phone.call_id)["to"]
    sent = requests.get(f"{world.control}/messages", params={"to": to}, timeout=10).json()["messages"]
    assert [INSTRUCTIONS in message["body"] for message in sent if message["sid"] == sid] == [True]


def test_stop_said_aloud_is_kept(world, phone):
    phone.say("Stop calling me.")
    assert phone.came_to() == "stop_calling"
    revoked = world.rows(
        "SELECT channel, contact_point_id FROM invoices_consent WHERE customer_id = %s AND act = 'revoked'",
        phone.customer,
    )
    assert revoked == [("voice", None)]
    again = world.api.post(f"{world.stack.base_url}/api/invoices/{phone.invoice}/calls/", json={}, timeout=10)
    assert again.status_code == 409
    assert "not_opted_out" in [reason["rule"] for reason in again.json()["decision"]["reasons"]]


def test_wrong_facts_tell_nothing(world, phone):
    phone.press("1")
    wrong = "0101" if phone.birthday != "0101" else "0202"
    phone.press(f"{wrong}#")
    phone.press(f"{wrong}#")
    assert phone.came_to() == "verification_failed"
    said = world.rows("SELECT text FROM calls_transcriptline WHERE call_id = %s", phone.call_id)
    assert not [text for (text,) in said if phone.number in text]


def test_a_human_is_connected(world, phone):
    colleague = "+442079460999"
    world.execute(
        "UPDATE calls_houserules SET transfer_number = %s, transfer_from = '00:00', transfer_until = '23:59'",
        colleague,
    )
    assert requests.put(f"{world.control}/people/{colleague}", json={"persona": "quiet"}, timeout=10).ok
    phone.verified()
    phone.press("0")
    assert eventually(lambda: world.call(phone.call_id)["disposition"], within=30) == "transferred"
    parent = world.dial(phone.call_id)
    calls = requests.get(f"{world.control}/calls", params={"to": colleague}, timeout=10).json()["calls"]
    (leg,) = [call for call in calls if call["parent_sid"] == parent["sid"]]
    assert leg["status"] == "in-progress"
    world.put_down(phone.call_id)
    assert phone.came_to() == "transferred"


def test_a_colleague_who_does_not_come_means_a_call_back(world, phone):
    colleague = "+442079460998"
    world.execute(
        "UPDATE calls_houserules SET transfer_number = %s, transfer_from = '00:00', transfer_until = '23:59'",
        colleague,
    )
    assert requests.put(f"{world.control}/people/{colleague}", json={"persona": "busy"}, timeout=10).ok
    phone.verified()
    phone.press("0")
    assert phone.came_to() == "callback"
