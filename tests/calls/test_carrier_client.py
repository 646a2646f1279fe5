"""The carrier's client against a carrier that misbehaves; what it did is read in the carrier's own ledger."""

import json
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest

from calls.telephony.client import CarrierError, call_create, call_fetch, call_hang_up, calls_since
from tests.calls.conftest import put
from tests.factories import CallFactory, DecisionFactory
from tests.waiting import eventually

NUMBER = "+442079460107"
pytestmark = pytest.mark.django_db


def ring():
    """Dial with a decision that allows it."""
    decision = DecisionFactory.create(moment="dial")
    return call_create(call_id=decision.call_id, to=NUMBER, decision_id=decision.pk)


def dials(carrier):
    with urllib.request.urlopen(f"{carrier}/rehearsal/calls", timeout=5) as answer:
        return json.load(answer)["calls"]


def fault(carrier, mode):
    put(f"{carrier}/rehearsal/faults", json.dumps({"create": {"mode": mode, "times": 1}}).encode())


def test_a_call_is_created_once_with_the_calls_id_in_every_url(carrier, twilio):
    placed = ring()
    (dial,) = dials(carrier)
    assert (dial["sid"], dial["to"], dial["from"]) == (placed.sid, NUMBER, "+15005550006")


@pytest.mark.parametrize(
    ("mode", "rejected", "retryable", "dialled"),
    [
        ("reject_400", True, False, 0),
        ("reject_429", False, True, 0),
        ("reject_500", False, False, 0),
        ("accept_then_500", False, False, 1),
        ("accept_then_timeout", False, False, 1),
    ],
)
def test_a_failure_says_whether_the_phone_may_ring(carrier, twilio, mode, rejected, retryable, dialled):
    twilio.TWILIO_TIMEOUT_SECONDS = 1.0
    fault(carrier, mode)
    with pytest.raises(CarrierError) as error:
        ring()
    assert (error.value.rejected, error.value.retryable) == (rejected, retryable)
    assert len(dials(carrier)) == dialled


@pytest.mark.parametrize(
    "changes",
    [
        {"allowed": False},
        {"moment": "request"},
        {"moment": "answer"},
        {"decided_at": datetime(2026, 11, 1, tzinfo=UTC)},
        {"call": None},
    ],
)
def test_without_a_fresh_decision_for_this_call_nobody_is_dialled(carrier, twilio, changes):
    call = CallFactory.create()
    fields = {"moment": "dial", "call": call, **changes}
    decision = DecisionFactory.create(**{**fields, "call": fields["call"] or CallFactory.create()})
    with pytest.raises(CarrierError) as error:
        call_create(call_id=call.pk, to=NUMBER, decision_id=decision.pk)
    assert error.value.rejected
    assert dials(carrier) == []


def test_a_carrier_that_is_away_is_an_unsure_answer(twilio):
    twilio.TWILIO_API_BASE_URL = "http://127.0.0.1:9"
    with pytest.raises(CarrierError) as error:
        ring()
    assert not error.value.rejected and not error.value.retryable


def test_a_wrong_token_is_loud_and_dials_nobody(carrier, twilio):
    token, twilio.TWILIO_AUTH_TOKEN = twilio.TWILIO_AUTH_TOKEN, "wrong"
    with pytest.raises(CarrierError) as error:
        ring()
    assert (error.value.rejected, error.value.code) == (True, 20003)
    twilio.TWILIO_AUTH_TOKEN = token
    assert dials(carrier) == []


def test_nobody_is_called_in_no_ones_name(carrier, twilio):
    twilio.BUSINESS_LEGAL_NAME = ""
    with pytest.raises(CarrierError, match="BUSINESS_LEGAL_NAME"):
        ring()
    assert dials(carrier) == []


def test_a_call_is_found_by_id_and_by_number_and_hung_up(carrier, twilio):
    before = datetime.now(UTC)
    placed = ring()
    assert call_fetch(sid=placed.sid).sid == placed.sid
    assert [seen.sid for seen in calls_since(to=NUMBER, since=before)] == [placed.sid]
    assert calls_since(to=NUMBER, since=before + timedelta(hours=1)) == []
    call_hang_up(sid=placed.sid, answered=False)
    eventually(lambda: call_fetch(sid=placed.sid).status == "canceled")
