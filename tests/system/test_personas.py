"""A whole spoken call for each persona: real processes, real audio, some calls at a time; what is in the rows after."""

import json
import os
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
import requests

from bench.sound import AUDIBLE
from phantompay.rehearsing.run import EXPECTED, as_expected
from tests.system.books import books
from tests.waiting import eventually
from tests.world import World

pytestmark = pytest.mark.stack
AT_ONCE = "3"
# Rung in every run of the suite; ALL_PERSONAS=1 rings everybody.
SAMPLE = (
    "promises",
    "hangs_up",
    "busy",
    "voicemail",
    "wrong_number",
    "asks_robot",
    "reads_card",
    "changes_mind",
    "pays_in_parts",
    "already_paid",
    "disputes",
    "stops_calling",
    "refuses_recording",
    "television",
)
RUNG = sorted(EXPECTED if os.environ.get("ALL_PERSONAS") else SAMPLE)
# Nobody in the room is waited for longer.
TELEVISION_SECONDS = 35.0
INVOICE = (
    "SELECT i.customer_id, i.total FROM invoices_invoice i JOIN calls_call c ON c.invoice_id = i.id "
    "WHERE c.id = %s"
)


class Held:
    """One finished call, and the customer's books after it."""

    def __init__(self, world: World, call_id: str) -> None:
        self.world = world
        self.call_id = call_id
        ((customer, self.total),) = world.rows(INVOICE, call_id)
        self.books = books(world, customer)
        self.dial = world.dial(call_id)

    @property
    def meant(self) -> tuple[Decimal, date]:
        return Decimal(self.dial["intended"]["amount"]), date.fromisoformat(self.dial["intended"]["date"])

    def transcript(self, speaker: str) -> list[str]:
        query = "SELECT text FROM calls_transcriptline WHERE call_id = %s AND speaker = %s ORDER BY seq"
        return [text for (text,) in self.world.rows(query, self.call_id, speaker)]

    def story(self) -> str:
        """What each side said and understood, in order, for whoever looks into a call that went wrong."""
        opened = next(
            (event["at_ms"] for event in self.dial["events"] if event["kind"] == "stream_opened"), 0
        )
        theirs = [
            (line["start_ms"] - opened, what, line["text"])
            for what in ("said", "heard")
            for line in self.dial[what]
        ]
        query = "SELECT start_ms, speaker, text FROM calls_transcriptline WHERE call_id = %s"
        return "\n".join(str(line) for line in sorted([*theirs, *self.world.rows(query, self.call_id)]))

    def noted(self) -> list[str]:
        """What the call's own history says was done."""
        query = "SELECT kind FROM invoices_event WHERE object_type = 'call' AND object_id = %s"
        return [kind for (kind,) in self.world.rows(query, self.call_id)]


@pytest.fixture(scope="module")
def results(rehearse) -> dict[str, dict[str, Any]]:
    """Each persona that is rung, by name."""
    code, output = rehearse("--at-once", AT_ONCE, "--persona", *RUNG)
    found, _ = json.JSONDecoder().raw_decode(output[output.index("{") :])
    assert code == (1 if found["failed"] else 0)
    return {result["persona"]: result for result in found["calls"]}


@pytest.mark.parametrize("persona", RUNG)
def test_a_call_ends_as_its_persona_leads_to(results, world, persona):
    result = results[persona]
    status, disposition = world.rows(
        "SELECT status, disposition FROM calls_call WHERE id = %s", result["call_id"]
    )[0]
    held = Held(world, result["call_id"])
    assert as_expected(persona, status, disposition), f"{status}, {disposition}\n{held.story()}"
    assert result["as_expected"], f"{result['problem']}\n{held.story()}"
    EFFECTS.get(persona, nothing)(held)
    if status in ("busy", "no_answer"):
        assert world.call(result["call_id"])["transcript"] == []


@pytest.fixture
def colleague(world):
    """Somebody who answers the number for transfers; there is none again afterwards."""
    number = "+442079460997"
    world.execute(
        "UPDATE calls_houserules SET transfer_number = %s, transfer_from = '00:00', transfer_until = '23:59'",
        number,
    )
    assert requests.put(f"{world.control}/people/{number}", json={"persona": "quiet"}, timeout=10).ok
    yield number
    world.execute("UPDATE calls_houserules SET transfer_number = ''")


def test_who_asks_for_a_human_is_connected_to_one(world, colleague):
    call_id = world.ring(world.owing("asks_human"))
    assert eventually(lambda: world.call(call_id)["disposition"], within=120) == "transferred"
    calls = requests.get(f"{world.control}/calls", params={"to": colleague}, timeout=10).json()["calls"]
    (leg,) = [call for call in calls if call["parent_sid"] == world.dial(call_id)["sid"]]
    assert leg["status"] == "in-progress"
    world.put_down(call_id)
    world.settled(call_id)
    nothing(Held(world, call_id))


def nothing(held: Held) -> None:
    assert held.books == {}


def not_their_number(held: Held) -> None:
    assert held.books == {"wrong": [(held.dial["to"],)]}


def promised(held: Held) -> None:
    amount, day = held.meant
    assert held.books == {"promises": [("open", amount, day)]}


def read_a_card(held: Held) -> None:
    """The number is neither in the transcript nor in the recording's sound."""
    promised(held)
    kept = "".join(" ".join(held.transcript("caller")).split())
    assert "1111" not in kept and "oneone" not in kept.lower()
    (said,) = [line for line in held.dial["said"] if "card" in line["text"]]
    (opened,) = [event["at_ms"] for event in held.dial["events"] if event["kind"] == "stream_opened"]
    caller, _ = held.world.recording(held.call_id)
    span = caller[(said["start_ms"] - opened + 100) * 8 : (said["end_ms"] - opened - 100) * 8]
    assert np.sqrt((span**2).mean()) < AUDIBLE / 10


def changed_their_mind(held: Held) -> None:
    amount, day = held.meant
    assert [status for status, _, _ in held.books["promises"]] == ["cancelled", "open"]
    assert held.books["promises"][-1] == ("open", amount, day)
    assert list(held.books) == ["promises"]


def planned(held: Held) -> None:
    assert held.books == {"plans": [("active", held.total)]}
    parts = held.world.rows(
        "SELECT s.amount, s.due_date FROM invoices_instalment s JOIN invoices_paymentplan p ON p.id = s.plan_id "
        "WHERE p.source_call_id = %s ORDER BY position",
        held.call_id,
    )
    days = [day for _, day in parts]
    assert sum(amount for amount, _ in parts) == held.total
    assert days == [days[0] + timedelta(weeks=week) for week in range(3)]


def disputed(held: Held) -> None:
    assert held.books == {"disputes": [("open", held.total)]}


def in_hardship(held: Held) -> None:
    assert held.books == {"holds": [("hardship",)]}


def represented(held: Held) -> None:
    assert held.books == {"holds": [("attorney_represented",)]}


def opted_out(held: Held) -> None:
    assert held.books == {"revoked": [("voice",)]}


def not_recorded(held: Held) -> None:
    """The objection ends the transcript too: what was pressed and said after it is not in it."""
    opted_out(held)
    assert not [text for text in held.transcript("caller") if "press" in text.lower()]
    caller, _ = held.world.recording(held.call_id)
    (opened,) = [event["at_ms"] for event in held.dial["events"] if event["kind"] == "stream_opened"]
    (refused,) = [line for line in held.dial["said"] if "recorded" in line["text"]]
    assert len(caller) / 8 < refused["end_ms"] - opened + 2000


def to_be_rung_later(held: Held) -> None:
    ((kind, when),) = held.books["wishes"]
    assert kind == "not_before" and when is not None
    assert list(held.books) == ["wishes"]


def claimed_paid(held: Held) -> None:
    nothing(held)
    assert "payment_claimed" in held.noted()


def asked_for_a_copy(held: Held) -> None:
    nothing(held)
    assert "copy_requested" in held.noted()


def nobody_there(held: Held) -> None:
    """A television is no consent to go on: a kind end, soon."""
    nothing(held)
    at = {event["kind"]: event["at_ms"] for event in held.dial["events"]}
    assert at["stream_closed"] - at["stream_opened"] < TELEVISION_SECONDS * 1000
    assert held.transcript("agent")[-1].endswith("Goodbye.")


EFFECTS: dict[str, Callable[[Held], None]] = {
    "promises": promised,
    "wrong_number": not_their_number,
    "asks_robot": promised,
    "reads_card": read_a_card,
    "changes_mind": changed_their_mind,
    "pays_in_parts": planned,
    "already_paid": claimed_paid,
    "disputes": disputed,
    "hardship": in_hardship,
    "has_lawyer": represented,
    "stops_calling": opted_out,
    "refuses_recording": not_recorded,
    "callback": to_be_rung_later,
    "wants_copy": asked_for_a_copy,
    "television": nobody_there,
}
