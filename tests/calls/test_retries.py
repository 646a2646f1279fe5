"""One more call after one that nobody answered: planned, made once, or withdrawn with the reason."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection

from calls.house import house_rules_change, kill_switch_set
from calls.models import Call, Retry
from calls.retries import retries_due, retry_plan, retry_withdraw
from calls.services import call_conclude, call_request, call_transition
from calls.states import Status
from invoices.models import Event
from invoices.services.contact_rules import consent_record, contact_record, hold_set
from invoices.services.payments import payment_record
from invoices.services.promises import promise_record
from tests.calls.conftest import NOON
from tests.factories import CallFactory, InvoiceFactory

pytestmark = pytest.mark.django_db
WHO: dict[str, Any] = {"source": "staff"}


def house(**rules):
    house_rules_change(source="staff", actor=None, reason="For a test.", **rules)


@pytest.fixture
def unanswered(noon):
    """A call of noon that nobody answered, in a house that rings two times more."""
    house(retries=2)
    call = call_request(invoice=InvoiceFactory.create(), requested_by=None)
    return not_answered(call)


def not_answered(call, status=Status.NO_ANSWER):
    call_transition(call_id=call.pk, to=Status.PLACING, source="worker", placed_at=datetime.now(tz=UTC))
    call_transition(call_id=call.pk, to=Status.DIALLING, source="worker")
    call_transition(call_id=call.pk, to=status, source="carrier")
    call.refresh_from_db()
    return call


def planned(call):
    retry = retry_plan(call_id=call.pk)
    assert retry is not None and retry.status == "waiting", retry and retry.reason
    return retry


def at(moment):
    return time_machine.travel(moment, tick=True)


def told(call, kind):
    return Event.objects.filter(object_type="call", object_id=str(call.pk), kind=kind).count()


def test_an_unanswered_call_is_rung_again_on_another_day_at_another_hour(unanswered):
    retry = planned(unanswered)
    assert retry.due_at.date() == datetime(2026, 11, 25, tzinfo=UTC).date()
    assert abs(retry.due_at.hour - 12) >= 1
    retries_due()
    assert Call.objects.count() == 1, "not before it is due"
    with at(retry.due_at):
        retries_due()
    retry.refresh_from_db()
    new = retry.new_call
    assert (retry.status, new.status, new.invoice, new.requested_by) == (
        "used",
        "requested",
        unanswered.invoice,
        None,
    )
    assert new.decisions.get().allowed
    assert (told(unanswered, "retry_planned"), told(unanswered, "retry_made")) == (1, 1)


def test_what_was_not_planned_when_the_call_ended_is_planned_later(unanswered):
    for _ in range(2):
        retries_due()
    assert Retry.objects.get().call == unanswered


@pytest.mark.parametrize("status", [Status.BUSY, Status.NO_ANSWER])
def test_nobody_is_rung_again_unless_the_house_says_so(noon, invoice, status):
    call = not_answered(call_request(invoice=invoice, requested_by=None), status)
    retries_due()
    assert retry_plan(call_id=call.pk) is None
    assert not Retry.objects.exists()


@pytest.mark.parametrize(
    "disposition", ["wrong_number", "promise_to_pay", "hung_up", "stop_calling", "no_response"]
)
def test_who_answered_is_not_rung_again(noon, disposition):
    house(retries=2)
    call = CallFactory.create(status="in_progress", answered_at=noon)
    call_conclude(call_id=call.pk, disposition=disposition, source="agent")
    call_transition(call_id=call.pk, to=Status.COMPLETED, source="carrier")
    assert retry_plan(call_id=call.pk) is None


def test_a_voicemail_is_rung_again(noon):
    house(retries=1)
    call = CallFactory.create(status="in_progress", answered_at=noon)
    call_conclude(call_id=call.pk, disposition="voicemail_not_left", source="agent")
    call_transition(call_id=call.pk, to=Status.COMPLETED, source="carrier")
    planned(call)


def test_a_test_call_is_not_rung_again_and_rings_nobody_again(unanswered, settings):
    retry = planned(unanswered)
    settings.TEST_PHONE_NUMBER = "+15005550009"
    test = not_answered(call_request(invoice=InvoiceFactory.create(), requested_by=None))
    assert test.is_test and retry_plan(call_id=test.pk) is None
    with at(retry.due_at):
        retries_due()
    retry.refresh_from_db()
    assert retry.status == "waiting"


def test_as_often_as_the_house_says_and_no_more(unanswered):
    call = unanswered
    for attempt in (1, 2):
        retry = planned(call)
        assert retry.attempt == attempt
        with at(retry.due_at):
            retries_due()
            retry.refresh_from_db()
            call = not_answered(retry.new_call)
    assert retry_plan(call_id=call.pk) is None
    assert Call.objects.count() == 3


def test_the_most_attempts_of_the_house_end_it(unanswered):
    house(most_attempts=1)
    retry = retry_plan(call_id=unanswered.pk)
    assert retry is not None
    assert (retry.status, "takes over" in retry.reason) == ("withdrawn", True)


@pytest.mark.django_db(transaction=True)
def test_two_beats_make_one_call(unanswered):
    retry = planned(unanswered)
    with at(retry.due_at + timedelta(minutes=1)):

        def beat(_):
            try:
                retries_due()
            finally:
                connection.close()

        with ThreadPoolExecutor(4) as beats:
            list(beats.map(beat, range(4)))
    assert Call.objects.count() == 2
    assert told(unanswered, "retry_made") == 1


def paid(invoice):
    payment_record(customer=invoice.customer, currency="GBP", amount="120.50", received_on=NOON.date(), **WHO)


MOOT: dict[str, Any] = {
    "paid": paid,
    "on hold": lambda invoice: hold_set(
        customer=invoice.customer, kind="bankruptcy", evidence="A letter of the court.", **WHO
    ),
    "agreed": lambda invoice: promise_record(
        invoices=[invoice], amount="20.00", due_date=NOON.date() + timedelta(days=9), **WHO
    ),
    "rung by hand": lambda invoice: call_request(invoice=invoice, requested_by=None),
    "spoken": lambda invoice: contact_record(
        customer=invoice.customer, direction="inbound", outcome="conversation", channel="voice", **WHO
    ),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", sorted(MOOT))
def test_a_retry_that_nobody_wants_any_more_is_withdrawn_at_once(unanswered, change):
    retry = planned(unanswered)
    with at(NOON + timedelta(hours=1)):
        MOOT[change](unanswered.invoice)
    retry.refresh_from_db()
    assert (retry.status, bool(retry.reason)) == ("withdrawn", True)
    assert told(unanswered, "retry_withdrawn") == 1


@pytest.mark.parametrize("change", sorted(MOOT))
def test_and_is_not_made_when_that_news_was_lost(unanswered, change):
    """Within a test's transaction nothing is committed, so nobody is told."""
    retry = planned(unanswered)
    with at(NOON + timedelta(hours=1)):
        MOOT[change](unanswered.invoice)
    before = Call.objects.count()
    with at(retry.due_at):
        retries_due()
    retry.refresh_from_db()
    assert (retry.status, retry.new_call, Call.objects.count()) == ("withdrawn", None, before)


def test_who_opted_out_meanwhile_is_not_rung_and_the_retry_says_why(unanswered):
    retry = planned(unanswered)
    consent_record(
        customer=unanswered.customer, channel="voice", act="revoked", basis="oral", evidence="Said so.", **WHO
    )
    with at(retry.due_at):
        retries_due()
    retry.refresh_from_db()
    assert (retry.status, bool(retry.reason), Call.objects.count()) == ("withdrawn", True, 1)


def test_a_retry_waits_for_the_next_hour_that_is_allowed(unanswered):
    retry = planned(unanswered)
    house(holidays=[retry.due_at.date().isoformat()])
    with at(retry.due_at):
        retries_due()
    retry.refresh_from_db()
    assert (retry.status, retry.due_at) == ("waiting", datetime(2026, 11, 26, 9, tzinfo=UTC))
    assert "closed" in retry.reason
    assert Call.objects.count() == 1, "a call that is not made is not in the list either"
    with at(retry.due_at):
        retries_due()
    assert Call.objects.count() == 2


def test_a_retry_outlasts_a_stop_of_all_calls(unanswered):
    retry = planned(unanswered)
    kill_switch_set(on=True, reason="Too many complaints.", source="staff", actor=None)
    with at(retry.due_at):
        retries_due()
    due_at = retry.due_at
    retry.refresh_from_db()
    assert (retry.status, retry.due_at > due_at) == ("waiting", True)
    kill_switch_set(on=False, reason="Solved.", source="staff", actor=None)
    with at(retry.due_at):
        retries_due()
    assert Call.objects.count() == 2


def test_staff_withdraw_a_retry_once_and_say_why(unanswered, admin_user):
    retry = planned(unanswered)
    with pytest.raises(ValidationError):
        retry_withdraw(retry=retry, reason=" ", source="staff", actor=admin_user)
    assert retry_withdraw(retry=retry, reason="They have moved.", source="staff", actor=admin_user)
    assert not retry_withdraw(retry=retry, reason="They have moved.", source="staff", actor=admin_user)
    event = Event.objects.get(object_id=str(unanswered.pk), kind="retry_withdrawn")
    assert (event.actor, event.reason) == (admin_user, "They have moved.")
    with at(retry.due_at):
        retries_due()
    assert Call.objects.count() == 1


def test_retries_that_were_switched_off_are_not_made(unanswered):
    retry = planned(unanswered)
    house(retries=0)
    with at(retry.due_at):
        retries_due()
    retry.refresh_from_db()
    assert retry.status == "withdrawn"
