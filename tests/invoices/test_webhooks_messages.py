"""What is told: each occurrence once, with what was committed, to those who asked for it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import transaction

from calls.services import call_conclude, call_transition
from calls.states import Status
from invoices.models import WebhookDelivery, WebhookMessage
from invoices.services.contact_rules import consent_record, hold_set, wish_record
from invoices.services.disputes import dispute_open
from invoices.services.judging import agreements_judge_due
from invoices.services.promises import promise_record
from tests.factories import CallFactory, CustomerFactory
from tests.invoices.hands import WHO, owing, paid
from tests.invoices.receiver import told

URL = "https://hooks.example.com/phantompay"


@pytest.fixture
def customer(db):
    return CustomerFactory()


@pytest.fixture
def endpoint(db):
    return told(URL)[0]


def messages():
    """(type, data) of all that was put down, oldest first."""
    rows = WebhookDelivery.objects.order_by("id").select_related("message")
    return [(row.message.type, row.message.payload["data"]) for row in rows]


def today():
    return datetime.now(tz=ZoneInfo("Europe/London")).date()


def test_a_promise_is_told_when_made_and_when_kept(endpoint, customer):
    invoice = owing(customer, total="100.00")
    promise_record(invoices=[invoice], amount="60.00", due_date=today(), **WHO)
    paid(customer, "100.00")

    told_of = dict(messages())
    assert list(told_of) == ["promise.made", "invoice.paid", "promise.kept"]
    assert told_of["promise.made"]["promise"]["amount"] == "60.00"
    assert told_of["promise.made"]["promise"]["due_date"] == today().isoformat()
    assert [each["balance"] for each in told_of["promise.made"]["invoices"]] == ["100.00"]
    assert told_of["promise.kept"]["promise"]["status"] == "kept"
    assert told_of["invoice.paid"]["invoice"] == {
        "id": invoice.pk,
        "number": invoice.number,
        "status": "paid",
        "currency": "GBP",
        "total": "100.00",
        "balance": "0.00",
        "due_date": invoice.due_date.isoformat(),
    }
    assert told_of["invoice.paid"]["customer"] == {"id": customer.pk, "number": customer.number}


@pytest.mark.parametrize(
    ("came", "type_name"), [(None, "promise.broken"), ("10.00", "promise.partially_kept")]
)
def test_a_promise_whose_day_has_passed_is_told(endpoint, customer, came, type_name):
    promise_record(invoices=[owing(customer)], amount="60.00", due_date=today(), **WHO)
    if came:
        paid(customer, came)
    with time_machine.travel(datetime.now(tz=UTC) + timedelta(days=3)):
        agreements_judge_due(source="worker")

    assert [name for name, _ in messages()] == ["promise.made", type_name]


def test_a_dispute_is_told_without_what_the_customer_said(endpoint, customer):
    invoice = owing(customer)
    dispute_open(invoice=invoice, reason="faulty", amount="40.00", description="It is haunted.", **WHO)

    [(name, data)] = messages()
    assert name == "dispute.opened"
    assert data["dispute"]["amount"] == "40.00"
    assert data["invoice"]["number"] == invoice.number
    assert "haunted" not in str(data)


def test_every_way_of_opting_out_is_told_and_nothing_else_of_the_kind(endpoint, customer):
    point = customer.phone
    said = {"customer": customer, "basis": "oral", "evidence": "Said so.", **WHO}
    consent_record(channel="voice", act="given", contact_point=point, **said)
    consent_record(channel="voice", act="revoked", contact_point=point, **said)
    hold_set(customer=customer, kind="manual", evidence="Looked into.", **WHO)
    hold_set(customer=customer, kind="cease_communication", evidence="A letter.", **WHO)
    wish_record(customer=customer, kind="not_at_place", place="work", said="Not at work.", **WHO)
    wish_record(customer=customer, kind="not_by", channel="sms", said="No texts.", **WHO)

    assert [(name, data["opt_out"]) for name, data in messages()] == [
        ("contact.opted_out", {"how": "consent_revoked", "channel": "voice", "contact_point": point.pk}),
        ("contact.opted_out", {"how": "cease_communication", "channel": None, "contact_point": None}),
        ("contact.opted_out", {"how": "channel_not_wanted", "channel": "sms", "contact_point": None}),
    ]


@pytest.mark.parametrize("concluded_first", [True, False])
def test_a_call_is_told_once_when_it_has_ended_and_its_outcome_is_known(endpoint, concluded_first):
    call = CallFactory.create(status=Status.IN_PROGRESS)

    def end():
        call_transition(call_id=call.pk, to=Status.COMPLETED, source="carrier")

    def conclude():
        call_conclude(call_id=call.pk, disposition="refused", source="agent")

    first, second = (conclude, end) if concluded_first else (end, conclude)
    first()
    assert messages() == []
    second()
    conclude()

    [(name, data)] = messages()
    assert name == "call.ended"
    assert (data["call"]["status"], data["call"]["disposition"]) == ("completed", "refused")
    assert data["call"]["id"] == str(call.pk)
    assert data["invoice"]["number"] == call.invoice.number
    assert data["customer"] == {"id": call.customer_id, "number": call.customer.number}


def test_who_says_stop_calling_is_told_as_an_opt_out(endpoint):
    call = CallFactory.create(status=Status.IN_PROGRESS)
    call_conclude(call_id=call.pk, disposition="stop_calling", source="agent")
    assert [name for name, _ in messages()] == ["contact.opted_out"]


def test_a_call_that_nobody_answered_is_told(endpoint):
    call = CallFactory.create(status=Status.RINGING)
    call_transition(call_id=call.pk, to=Status.NO_ANSWER, source="carrier")
    [(_, data)] = messages()
    assert data["call"]["disposition"] == "no_answer"


def test_what_is_rolled_back_is_not_told(endpoint, customer):
    with pytest.raises(RuntimeError), transaction.atomic():
        promise_record(invoices=[owing(customer)], amount="60.00", due_date=today(), **WHO)
        raise RuntimeError
    assert not WebhookMessage.objects.exists()


def test_an_endpoint_is_told_what_it_asked_for_and_one_that_is_off_nothing(customer):
    money, _ = told("https://money.example.com/", "invoice.paid")
    everything, _ = told("https://everything.example.com/")
    off, _ = told("https://off.example.com/")
    type(off).objects.filter(pk=off.pk).update(active=False, off_because="by_hand")

    promise_record(invoices=[owing(customer)], amount="60.00", due_date=today(), **WHO)
    paid(customer, "100.00")

    assert list(money.deliveries.values_list("message__type", flat=True)) == ["invoice.paid"]
    assert everything.deliveries.count() == 3
    assert off.deliveries.count() == 0
    # One message, however many it goes to.
    assert WebhookMessage.objects.filter(type="invoice.paid").count() == 1


def test_without_an_endpoint_nothing_is_kept(customer):
    owing(customer)
    paid(customer, "100.00")
    assert not WebhookMessage.objects.exists()


def test_messages_name_nobody(endpoint, customer):
    promise_record(invoices=[owing(customer)], amount="60.00", due_date=today(), **WHO)
    text = str(WebhookMessage.objects.get().payload)
    assert customer.name not in text
    assert customer.phone.value not in text
