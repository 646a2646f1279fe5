"""What the carrier tells us, and who may tell it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client

from calls.models import HouseRules
from calls.services import call_conclude, call_transition
from calls.states import Status
from invoices.models import Event
from tests.calls.conftest import twilio_signature

pytestmark = pytest.mark.django_db
SID = "CA" + "1" * 32


@pytest.fixture
def placed(call, twilio):
    call_transition(call_id=call.pk, to=Status.PLACING, source="worker")
    return call


@pytest.fixture
def post(twilio):
    def send(call_id, kind="status", *, token=None, signed_url=None, tampered=None, headers=None, **params):
        path = f"/twilio/{kind}/{call_id}/"
        params = {"AccountSid": twilio.TWILIO_ACCOUNT_SID, "CallSid": SID, **params}
        signature = twilio_signature(
            signed_url or f"https://pay.example.com{path}", params, token or twilio.TWILIO_AUTH_TOKEN
        )
        headers = {"X-Twilio-Signature": signature, **(headers or {})}
        return Client().post(path, {**params, **(tampered or {})}, headers=headers)

    return send


def status_of(call):
    call.refresh_from_db()
    return call.status


def test_statuses_move_the_call_to_its_end(placed, post):
    for carrier_status, status in [
        ("initiated", "dialling"),
        ("ringing", "ringing"),
        ("in-progress", "in_progress"),
        ("completed", "completed"),
    ]:
        assert post(placed.pk, CallStatus=carrier_status).status_code == 204
        assert status_of(placed) == status
    assert placed.answered_at <= placed.ended_at


@pytest.mark.parametrize(
    ("carrier_status", "disposition"),
    [("busy", "busy"), ("no-answer", "no_answer"), ("failed", "failed"), ("canceled", "cancelled")],
)
def test_a_phone_that_nobody_took_says_what_the_call_came_to(placed, post, carrier_status, disposition):
    post(placed.pk, CallStatus=carrier_status)
    placed.refresh_from_db()
    assert placed.disposition == disposition


def test_the_reason_of_the_network_is_kept(placed, post):
    post(placed.pk, CallStatus="failed", SipResponseCode="404")
    placed.refresh_from_db()
    assert "404" in placed.end_reason


def test_a_late_ringing_does_not_reopen_a_completed_call(placed, post):
    post(placed.pk, CallStatus="completed")
    assert post(placed.pk, CallStatus="ringing").status_code == 204
    assert status_of(placed) == "completed"


@pytest.mark.django_db(transaction=True)
def test_ten_copies_of_one_callback_are_one_transition(placed, post):
    def send(_):
        try:
            return post(placed.pk, CallStatus="completed").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as copies:
        assert set(copies.map(send, range(10))) == {204}
    assert Event.objects.filter(object_id=str(placed.pk), kind="call_completed").count() == 1


def test_a_callback_before_the_answer_to_create_adopts_the_carriers_id(placed, post):
    post(placed.pk, CallStatus="ringing")
    placed.refresh_from_db()
    assert (placed.carrier_sid, placed.status) == (SID, "ringing")


def test_a_callback_with_another_calls_id_changes_nothing(placed, post):
    post(placed.pk, CallStatus="ringing")
    assert post(placed.pk, CallStatus="completed", CallSid="CA" + "2" * 32).status_code == 204
    assert status_of(placed) == "ringing"


@pytest.mark.parametrize("carrier_status", ["", "exploded", "COMPLETED", "\x00"])
def test_an_unknown_status_is_answered_and_changes_nothing(placed, post, carrier_status):
    assert post(placed.pk, CallStatus=carrier_status).status_code == 204
    assert status_of(placed) == "placing"


def test_an_unknown_call_is_answered(post, db):
    assert post("6f9619ff-8b86-d011-b42d-00c04fc964ff", CallStatus="ringing").status_code == 204


@pytest.mark.parametrize(
    "forgery",
    [
        {"token": "another account's token"},
        {"signed_url": "https://evil.example.com/twilio/status/"},
        {"tampered": {"CallStatus": "completed"}},
        {"headers": {"X-Twilio-Signature": ""}},
        {"headers": {"X-Twilio-Signature": "Ã¼"}},
        {"AccountSid": "AC" + "9" * 32},
        {"headers": {"X-Forwarded-Host": "evil.example.com"}, "signed_url": "https://evil.example.com/x"},
    ],
)
def test_a_forged_callback_is_refused_and_changes_nothing(placed, post, forgery):
    assert post(placed.pk, **{"CallStatus": "ringing", **forgery}).status_code == 403
    assert status_of(placed) == "placing"


def test_a_callback_without_any_signature_is_refused(placed, twilio):
    assert Client().post(f"/twilio/status/{placed.pk}/", {"CallStatus": "completed"}).status_code == 403


def test_only_post_is_answered(placed, twilio):
    assert Client().get(f"/twilio/status/{placed.pk}/").status_code == 405


def test_a_forwarded_host_does_not_matter_to_a_genuine_callback(placed, post):
    assert (
        post(placed.pk, CallStatus="ringing", headers={"X-Forwarded-Host": "evil.example.com"}).status_code
        == 204
    )


def test_an_answered_call_without_an_agent_is_apologised_to(placed, post, twilio):
    twilio.LIVEKIT_URL = "ws://127.0.0.1:9"
    HouseRules.objects.update(announcement_fallback=False)
    body = post(placed.pk, "voice", CallStatus="in-progress").content.decode()
    assert "Moonlight Supplies Limited" in body
    assert "<Hangup" in body and "<Stream" not in body


def test_an_answer_after_the_end_is_hung_up(placed, post):
    post(placed.pk, CallStatus="canceled")
    body = post(placed.pk, "voice", CallStatus="in-progress").content.decode()
    assert "<Hangup" in body and "<Say" not in body


def test_after_a_finished_conversation_the_phone_is_put_down(placed, post):
    post(placed.pk, CallStatus="in-progress")
    call_conclude(call_id=placed.pk, disposition="refused", source="agent")
    assert "<Say" not in post(placed.pk, "after", CallStatus="in-progress").content.decode()


@pytest.mark.parametrize("reason", ["The audio connection was lost.", "The voice agent was lost"])
def test_a_loss_that_the_agent_wrote_down_first_is_apologised_for_too(placed, post, reason):
    post(placed.pk, CallStatus="in-progress")
    call_conclude(call_id=placed.pk, disposition="unresolved", source="agent", reason=reason)
    assert "sorry" in post(placed.pk, "after", CallStatus="in-progress").content.decode()


def test_after_a_broken_conversation_we_apologise(placed, post):
    post(placed.pk, CallStatus="in-progress")
    assert "sorry" in post(placed.pk, "after", CallStatus="in-progress").content.decode()
