"""Asking for a call: one press, one call."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
import time_machine
from django.db import connection

from calls.models import Call
from calls.placing import call_place
from calls.services import call_request, call_transition
from calls.states import Status
from invoices.models import Event
from invoices.services.contact_points import contact_point_mark_wrong
from invoices.services.parties import customer_edit
from invoices.services.payments import payment_record

pytestmark = pytest.mark.django_db


def test_a_request_is_stored_with_its_decision_and_its_event(call):
    assert (call.status, call.to_number) == ("requested", "+442079460107")
    decision = call.decisions.get()
    assert (decision.moment, decision.allowed, decision.reasons) == ("request", True, [])
    assert decision.facts["zones"] == ["Europe/London"]
    assert Event.objects.get(object_type="call", object_id=str(call.pk)).kind == "call_requested"


def test_a_second_press_returns_the_call_under_way(call, invoice):
    assert call_request(invoice=invoice, requested_by=None) == call


def test_a_repeated_key_returns_the_same_call_even_after_its_end(invoice, noon):
    first = call_request(invoice=invoice, requested_by=None, idempotency_key="k")
    call_transition(call_id=first.pk, to=Status.CANCELED, source="staff")
    assert call_request(invoice=invoice, requested_by=None, idempotency_key="k") == first
    assert call_request(invoice=invoice, requested_by=None, idempotency_key="l") != first


def test_a_paid_invoice_is_blocked_with_the_reason(invoice, noon):
    payment_record(
        customer=invoice.customer,
        currency="GBP",
        amount="120.50",
        received_on=noon.date(),
        reference="P-1",
        source="staff",
    )
    call = call_request(invoice=invoice, requested_by=None)
    assert (call.status, call.disposition) == ("blocked", "blocked_by_policy")
    assert [reason["rule"] for reason in call.decisions.get().reasons] == ["invoice_open"]
    call.refresh_from_db()
    assert call.ended_at is not None


def test_without_a_number_the_request_is_blocked_with_the_reason(invoice, noon):
    contact_point_mark_wrong(contact_point=invoice.customer.phone, source="staff")
    call = call_request(invoice=invoice, requested_by=None)
    assert (call.status, call.to_number) == ("blocked", "")
    assert "number_theirs" in [reason["rule"] for reason in call.decisions.get().reasons]


@pytest.mark.parametrize("act", ["marked wrong", "replaced"])
def test_a_number_that_is_no_longer_the_customers_is_not_dialled(call, act):
    if act == "replaced":
        customer_edit(customer=call.customer, phone="+442079460999", source="staff")
    else:
        contact_point_mark_wrong(contact_point=call.customer.phone, source="staff")
    call_place(call_id=call.pk)
    call.refresh_from_db()
    assert (call.status, call.disposition) == ("blocked", "blocked_by_policy")
    assert "number_theirs" in [reason["rule"] for reason in call.decisions.get(moment="dial").reasons]


def test_a_request_at_night_is_blocked_and_says_when_it_may_be_made(invoice):
    with time_machine.travel(datetime(2026, 11, 24, 22, 30, tzinfo=UTC)):
        call = call_request(invoice=invoice, requested_by=None)
    assert call.status == "blocked"
    assert call.decisions.get().next_allowed_at == datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


def test_one_customer_is_not_rung_about_two_invoices_at_once(call, make_invoice):
    second = call_request(invoice=make_invoice("INV-2"), requested_by=None)
    assert second.status == "blocked"
    assert [reason["rule"] for reason in second.decisions.get().reasons] == ["no_other_live_call"]


def test_a_test_number_gets_every_call_and_marks_it(invoice, noon, settings):
    settings.TEST_PHONE_NUMBER = "+15005550009"
    call = call_request(invoice=invoice, requested_by=None)
    assert (call.to_number, call.is_test) == ("+15005550009", True)


@pytest.mark.django_db(transaction=True)
def test_twenty_presses_at_once_make_one_call(invoice, noon):
    def press(number):
        try:
            return call_request(invoice=invoice, requested_by=None, idempotency_key=f"press {number % 3}").pk
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as presses:
        answers = set(presses.map(press, range(20)))
    assert answers == {Call.objects.get().pk}


def test_a_terminal_state_is_never_left(call):
    call_transition(call_id=call.pk, to=Status.CANCELED, source="staff")
    for status in Status:
        assert not call_transition(call_id=call.pk, to=status, source="carrier")
    call.refresh_from_db()
    assert (call.status, call.disposition) == ("canceled", "cancelled")
