"""A human, please: the colleague's phone, within hours, and what the call comes to."""

from datetime import UTC, datetime, time

import pytest

from calls.aftermath.review import call_review
from calls.conversation import caller_hung_up, conversation_end
from calls.house import house_rules_change
from calls.models import Call
from calls.reconcile import call_settle
from calls.services import call_transition
from calls.states import Status
from calls.transfers import call_transfer, transfer_open
from invoices.models import Event
from tests.calls.announced import BASE, Phone

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
COLLEAGUE = "+442079460166"


@pytest.fixture
def office(twilio):
    twilio.AGENT_MODE = "announce"
    house_rules_change(source="staff", actor=None, reason="x", transfer_number=COLLEAGUE)
    return twilio


@pytest.fixture
def phone(office, call):
    call_transition(call_id=call.pk, to=Status.PLACING, source="worker")
    phone = Phone(office, call.pk)
    for keys in (None, "1", "0228"):
        phone.answer() if keys is None else phone.press(keys)
    return phone


def came_to(call):
    call.refresh_from_db()
    return call.disposition


def after(phone, status):
    return phone._read(phone.post(f"/twilio/transferred/{phone.call_id}/", DialCallStatus=status))


def test_key_zero_rings_a_colleague(phone, call):
    assert "connecting you" in phone.press("0")
    dial = phone.document.find("Dial")
    assert (dial.findtext("Number"), dial.get("callerId")) == (COLLEAGUE, "+15005550006")
    assert dial.get("action") == f"{BASE}/twilio/transferred/{call.pk}/"
    assert came_to(call) == ""


def test_a_colleague_who_picks_up_is_what_the_call_came_to(phone, call):
    phone.press("0")
    status = phone.post(
        f"/twilio/colleague/{call.pk}/",
        CallSid="CAleg",
        ParentCallSid=f"CA{call.pk.hex}",
        CallStatus="in-progress",
    )
    assert status.status_code == 204 and came_to(call) == "transferred"
    after(phone, "completed")
    assert phone.ended and came_to(call) == "transferred"


def test_another_calls_leg_changes_nothing(phone, call):
    phone.press("0")
    phone.post(f"/twilio/colleague/{call.pk}/", ParentCallSid="CAother", CallStatus="in-progress")
    assert came_to(call) == ""


@pytest.mark.parametrize("status", ["no-answer", "busy", "failed", "canceled"])
def test_a_colleague_who_does_not_come_is_apologised_for(phone, call, status):
    phone.press("0")
    said = after(phone, status)
    assert "sorry" in said and "call you back" in said and phone.ended
    assert came_to(call) == "callback" and call.next_action == "A colleague is to ring back."
    assert Event.objects.filter(kind="callback_wanted").count() == 1


def test_that_a_colleague_rings_back_outlasts_the_review(phone, call):
    Call.objects.filter(pk=call.pk).update(stream_opened_at=call.requested_at)
    phone.press("0")
    after(phone, "busy")
    phone.hang_up()
    assert call_review(call_id=call.pk)
    assert came_to(call) == "callback" and call.next_action == "A colleague is to ring back."
    assert call.summary == "The customer asked for a human."


def test_who_hangs_up_while_it_rings_is_rung_back(phone, call):
    phone.press("0")
    phone.hang_up()
    call_settle(call_id=call.pk)
    assert came_to(call) == "callback"


@pytest.mark.parametrize(
    ("at", "zone", "open_"),
    [
        ("08:59", "UTC", False),
        ("09:00", "UTC", True),
        ("16:59", "UTC", True),
        ("17:00", "UTC", False),
        ("12:00", "America/Los_Angeles", False),
        ("18:00", "America/Los_Angeles", True),
    ],
)
def test_colleagues_have_hours_of_their_own_clock(office, at, zone, open_):
    house_rules_change(source="staff", actor=None, reason="x", transfer_zone=zone)
    hour = time.fromisoformat(at)
    assert transfer_open(datetime(2026, 11, 24, hour.hour, hour.minute, tzinfo=UTC)) is open_


class TestFromTheAgent:
    @pytest.fixture
    def talking(self, office, call):
        call_transition(call_id=call.pk, to=Status.PLACING, source="worker", carrier_sid="CA" + "5" * 32)
        call_transition(call_id=call.pk, to=Status.IN_PROGRESS, source="carrier")
        return call

    def test_a_carrier_that_is_away_means_a_call_back(self, talking, office):
        office.TWILIO_API_BASE_URL = "http://127.0.0.1:9"
        assert call_transfer(call_id=talking.pk) is False
        assert Event.objects.filter(kind="callback_wanted").count() == 1
        assert conversation_end(call_id=talking.pk, disposition="callback")

    def test_outside_hours_nobody_is_rung(self, talking):
        house_rules_change(source="staff", actor=None, reason="x", transfer_from="13:00")
        assert call_transfer(call_id=talking.pk) is False
        talking.refresh_from_db()
        assert talking.transfer_started_at is None

    def test_the_agent_that_loses_the_phone_to_a_colleague_concludes_nothing(self, talking):
        from calls.transfers import transfer_begin

        assert transfer_begin(call_id=talking.pk) and not transfer_begin(call_id=talking.pk)
        assert not caller_hung_up(call_id=talking.pk)
        assert not conversation_end(call_id=talking.pk, disposition="unresolved")
        assert came_to(talking) == ""
