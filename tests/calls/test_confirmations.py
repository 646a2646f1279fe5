"""Agreements in writing: to whom, what they say, sent once over the pretended carrier, followed to their end."""

import json
import urllib.request
from datetime import date, timedelta

import pytest
from django.core import mail

from calls.confirmations import SendLater, confirmation_send, confirmations_sweep, how_to_pay_send
from calls.conversation import conversation_end, identity_check, promise_agree
from calls.house import house_rules_change
from calls.models import Confirmation
from calls.services import call_request
from invoices.models import Channel, Consent, ContactPoint, Event
from invoices.services.contact_points import contact_point_add
from invoices.services.contact_rules import consent_record, wish_record
from tests.calls.announced import BASE
from tests.calls.conftest import put, twilio_signature

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
NUMBER = "+442079460107"


def consent(customer, channel=Channel.SMS, act=Consent.Act.GIVEN, **more):
    consent_record(
        customer=customer,
        channel=channel,
        act=act,
        basis=Consent.Basis.WRITTEN,
        evidence="form",
        source="staff",
        **more,
    )


@pytest.fixture
def agree(twilio):
    """Alice promises the whole of it by 1 December in this call."""

    def agreed(call):
        identity_check(call_id=call.pk, birth_month=2, birth_day=28, customer_number=None)
        promise_agree(call_id=call.pk, amount=call.invoice.total, due_date=date(2026, 12, 1))
        conversation_end(call_id=call.pk)
        return list(call.confirmations.all())

    return agreed


@pytest.fixture
def wanted(customer, noon):
    consent(customer)


@pytest.mark.usefixtures("wanted")
def test_a_promise_is_confirmed_by_a_text_message_that_says_no_more_than_needed(call, agree):
    house_rules_change(source="staff", actor=None, reason="x", callback_number="+442079460199")
    (message,) = agree(call)
    assert message.channel == "sms" and message.contact_point.value == NUMBER
    assert message.body == (
        "Moonlight Supplies Limited: you promised to pay £120.50 by 1 December 2026. Thank you. "
        "Questions? Call +44 20 7946 0199. Reply STOP to get no more messages."
    )


@pytest.mark.usefixtures("wanted")
def test_one_agreement_is_confirmed_once(call, agree):
    agree(call)
    assert len(agree(call)) == 1


def unwelcome_none(customer):
    """No word about messages at all."""


def unwelcome_revoked(customer):
    consent(customer)
    consent(customer, act=Consent.Act.REVOKED)


def unwelcome_landline(customer):
    consent(customer)
    ContactPoint.objects.update(line_type="landline")


def unwelcome_number(customer):
    consent(customer)
    ContactPoint.objects.update(allows_messages=False)


def unwelcome_wish(customer):
    consent(customer)
    wish_record(customer=customer, kind="not_by", channel="sms", said="No texts.", source="staff")


def unwelcome_only(customer):
    consent(customer)
    wish_record(customer=customer, kind="only_by", channel="letter", said="Write to me.", source="staff")


@pytest.mark.parametrize(
    "unwelcome",
    [unwelcome_none, unwelcome_revoked, unwelcome_landline, unwelcome_number, unwelcome_wish, unwelcome_only],
)
def test_no_message_goes_where_it_is_not_welcome(call, agree, customer, unwelcome):
    unwelcome(customer)
    assert agree(call) == []


@pytest.mark.usefixtures("wanted")
def test_a_test_call_is_confirmed_to_nobody(settings, invoice, agree):
    settings.TEST_PHONE_NUMBER = "+442079460155"
    call = call_request(invoice=invoice, requested_by=None)
    assert agree(call) == []
    call.refresh_from_db()
    assert how_to_pay_send(call=call) == []


@pytest.mark.usefixtures("wanted")
def test_nothing_is_written_to_somebody_who_is_not_known(call):
    assert how_to_pay_send(call=call) == []


def test_an_e_mail_is_sent_once_where_there_is_an_address(call, agree, customer, settings):
    settings.EMAIL_FROM = "office@moonlight.example"
    contact_point_add(customer=customer, kind="email", value="alice@example.com", source="staff")
    (message,) = agree(call)
    for _ in range(2):
        confirmation_send(confirmation_id=message.pk)
    (sent,) = mail.outbox
    assert (sent.to, sent.from_email) == (["alice@example.com"], "office@moonlight.example")
    assert "£120.50" in sent.body and "£" not in sent.subject
    message.refresh_from_db()
    assert message.status == "sent"


def test_without_a_sender_no_e_mail_is_promised(call, agree, customer):
    contact_point_add(customer=customer, kind="email", value="alice@example.com", source="staff")
    assert agree(call) == []


def test_a_mail_server_that_is_away_is_asked_again(call, agree, customer, settings):
    settings.EMAIL_FROM = "office@moonlight.example"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    contact_point_add(customer=customer, kind="email", value="alice@example.com", source="staff")
    (message,) = agree(call)
    with pytest.raises(SendLater):
        confirmation_send(confirmation_id=message.pk)
    message.refresh_from_db()
    assert message.status == "pending"


def sent_by(carrier):
    with urllib.request.urlopen(f"{carrier}/rehearsal/messages", timeout=5) as answer:
        return json.load(answer)["messages"]


@pytest.mark.usefixtures("wanted")
class TestOverTheCarrier:
    def test_it_is_sent_once(self, call, agree, carrier):
        (message,) = agree(call)
        for _ in range(2):
            confirmation_send(confirmation_id=message.pk)
        message.refresh_from_db()
        (sent,) = sent_by(carrier)
        assert (sent["to"], sent["body"], sent["sid"]) == (NUMBER, message.body, message.carrier_sid)
        assert message.status == "queued"

    def test_an_unsubscribed_number_is_not_written_to_again(self, call, agree, carrier, customer):
        put(f"{carrier}/rehearsal/people/{NUMBER}", b'{"messages": "unsubscribed"}')
        (message,) = agree(call)
        confirmation_send(confirmation_id=message.pk)
        message.refresh_from_db()
        assert (message.status, message.error_code) == ("failed", 21610)
        assert customer.consents.filter(channel="sms").last().act == Consent.Act.REVOKED

    def test_a_landline_is_refused(self, call, agree, carrier):
        put(f"{carrier}/rehearsal/people/{NUMBER}", b'{"messages": "landline"}')
        (message,) = agree(call)
        confirmation_send(confirmation_id=message.pk)
        message.refresh_from_db()
        assert (message.status, message.error_code) == ("failed", 21614)


@pytest.mark.usefixtures("wanted")
def test_an_answer_that_never_comes_is_no_second_message(call, agree, twilio):
    twilio.TWILIO_API_BASE_URL = "http://127.0.0.1:9"
    (message,) = agree(call)
    for _ in range(2):
        confirmation_send(confirmation_id=message.pk)
    message.refresh_from_db()
    assert message.status == "unknown"


@pytest.fixture
def report(twilio, client):
    def send(message, status, sid="SM1", **more):
        path = f"/twilio/message/{message.pk}/"
        params = {"AccountSid": twilio.TWILIO_ACCOUNT_SID, "MessageSid": sid, "MessageStatus": status, **more}
        signature = twilio_signature(BASE + path, params, twilio.TWILIO_AUTH_TOKEN)
        assert client.post(path, params, headers={"X-Twilio-Signature": signature}).status_code == 204
        message.refresh_from_db()
        return message.status

    return send


@pytest.mark.usefixtures("wanted")
class TestTheCarriersReports:
    @pytest.fixture
    def message(self, call, agree):
        (message,) = agree(call)
        Confirmation.objects.update(status="sending")
        return message

    def test_they_lead_to_delivery(self, message, report):
        assert [report(message, status) for status in ("queued", "sent", "delivered")] == [
            "queued",
            "sent",
            "delivered",
        ]
        assert message.carrier_sid == "SM1"
        assert (
            Event.objects.filter(object_id=str(message.call_id), kind="confirmation_delivered").count() == 1
        )

    def test_they_may_come_late_and_twice(self, message, report):
        assert report(message, "delivered") == "delivered"
        assert report(message, "sent") == "delivered" and report(message, "delivered") == "delivered"

    def test_they_say_why_not(self, message, report):
        assert report(message, "undelivered", ErrorCode="30003") == "undelivered"
        assert message.error_code == 30003

    def test_another_messages_report_changes_nothing(self, message, report):
        report(message, "sent")
        assert report(message, "delivered", sid="SM2") == "sent"

    @pytest.mark.parametrize("status", ["", "read", "DELIVERED", "pending"])
    def test_a_word_that_there_is_not_changes_nothing(self, message, report, status):
        assert report(message, status) == "sending"


@pytest.mark.usefixtures("wanted")
def test_the_sweep_does_not_send_again_what_may_have_been_sent(call, agree):
    (message,) = agree(call)
    Confirmation.objects.update(status="sending")
    confirmations_sweep()
    message.refresh_from_db()
    assert message.status == "sending"
    Confirmation.objects.update(changed_at=message.changed_at - timedelta(minutes=3))
    confirmations_sweep()
    message.refresh_from_db()
    assert message.status == "unknown"
