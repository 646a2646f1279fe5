"""Allowed when it was asked for, forbidden by now: what happens to the call."""

import json
import urllib.request
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client

from calls.contact_facts import contact_snapshot
from calls.house import house_rules_change
from calls.interrupts import call_recheck, look_again
from calls.models import Call, ContactDecision
from calls.placing import call_place
from calls.policy import decide
from calls.services import call_transition, decision_store
from calls.states import Status
from calls.telephony.client import call_create
from invoices.events import event_draft
from invoices.models import Event
from invoices.services.contact_rules import consent_record, hold_set
from invoices.services.disputes import dispute_open
from invoices.services.documents import invoice_void
from invoices.services.payments import payment_record
from tests.calls.conftest import twilio_signature
from tests.factories import CallFactory

pytestmark = pytest.mark.django_db
WHO: dict[str, Any] = {"source": "staff"}


def paid(invoice):
    payment_record(
        customer=invoice.customer,
        currency="GBP",
        amount="120.50",
        received_on=datetime(2026, 11, 24, tzinfo=UTC).date(),
        **WHO,
    )


CHANGES: dict[str, Any] = {
    "paid": paid,
    "voided": lambda invoice: invoice_void(invoice=invoice, reason="Issued twice.", **WHO),
    "disputed": lambda invoice: dispute_open(invoice=invoice, reason="not_mine", **WHO),
    "on hold": lambda invoice: hold_set(
        customer=invoice.customer, kind="bankruptcy", evidence="A letter of the court.", **WHO
    ),
    "stop calling": lambda invoice: consent_record(
        customer=invoice.customer, channel="voice", act="revoked", basis="oral", evidence="Said so.", **WHO
    ),
}


@pytest.fixture
def ringing(call, carrier):
    """A call that rings at the carrier."""
    call_transition(call_id=call.pk, to=Status.PLACING, source="worker")
    decision = decide(contact_snapshot(invoice=call.invoice, now=datetime.now(tz=UTC), ignoring=call))
    stored = decision_store(call=call, moment=ContactDecision.Moment.DIAL, decision=decision)
    # Nobody answers this number for a while.
    placed = call_create(call_id=call.pk, to=call.to_number, decision_id=stored.pk)
    Call.objects.filter(pk=call.pk).update(carrier_sid=placed.sid)
    call_transition(call_id=call.pk, to=Status.DIALLING, source="worker")
    call.refresh_from_db()
    return call


def at_carrier(carrier, sid):
    with urllib.request.urlopen(f"{carrier}/rehearsal/calls/{sid}", timeout=5) as answer:
        return json.load(answer)["status"]


@pytest.mark.parametrize("change", sorted(CHANGES))
def test_what_forbids_the_call_puts_down_the_ringing_phone(ringing, carrier, change):
    CHANGES[change](ringing.invoice)
    assert call_recheck(call_id=ringing.pk)
    ringing.refresh_from_db()
    assert (ringing.status, ringing.disposition) == ("canceled", "blocked_by_policy")
    assert ringing.end_reason
    assert at_carrier(carrier, ringing.carrier_sid) in ("canceled", "completed")
    assert not ringing.decisions.get(moment="ringing").allowed


def test_a_call_that_is_still_allowed_goes_on_ringing(ringing, carrier):
    assert not call_recheck(call_id=ringing.pk)
    ringing.refresh_from_db()
    assert ringing.status == "dialling"
    assert not ringing.decisions.filter(moment="ringing").exists()


@pytest.mark.parametrize("change", sorted(CHANGES))
def test_each_such_change_is_news_for_the_ringing_call(ringing, change, monkeypatch):
    asked: list[Any] = []
    monkeypatch.setattr("calls.interrupts.recheck_enqueue", asked.append)
    last = Event.objects.latest("id").pk
    CHANGES[change](ringing.invoice)
    for event in Event.objects.filter(pk__gt=last):
        look_again(event)
    assert ringing.pk in asked


def test_news_of_another_customer_disturbs_nobody(ringing, monkeypatch):
    asked: list[Any] = []
    monkeypatch.setattr("calls.interrupts.recheck_enqueue", asked.append)
    look_again(event_draft(object_type="hold", object_id=1, kind="hold_set", source="staff", customer_id=0))
    assert asked == []


def test_a_budget_that_another_call_has_spent_puts_down_the_ringing_phone(ringing, carrier):
    house_rules_change(
        actor=None,
        reason="A small budget.",
        daily_budget=Decimal("0.10"),
        cost_per_minute=Decimal("0.15"),
        budget_currency="USD",
        **WHO,
    )
    assert not call_recheck(call_id=ringing.pk)
    CallFactory.create(status="in_progress", answered_at=datetime.now(tz=UTC))
    assert call_recheck(call_id=ringing.pk)
    assert at_carrier(carrier, ringing.carrier_sid) in ("canceled", "completed")


def test_an_answered_call_is_news_for_every_ringing_one(ringing, monkeypatch):
    asked: list[Any] = []
    monkeypatch.setattr("calls.interrupts.recheck_enqueue", asked.append)
    look_again(event_draft(object_type="call", object_id="x", kind="call_in_progress", source="carrier"))
    assert asked == [ringing.pk]


def test_the_kill_switch_is_news_for_every_ringing_call(ringing, monkeypatch):
    asked: list[Any] = []
    monkeypatch.setattr("calls.interrupts.recheck_enqueue", asked.append)
    look_again(event_draft(object_type="house_rules", object_id=1, kind="kill_switch_on", source="staff"))
    assert asked == [ringing.pk]


@pytest.mark.parametrize("change", sorted(CHANGES))
def test_what_was_forbidden_while_it_was_queued_is_not_dialled(call, change):
    CHANGES[change](call.invoice)
    call_place(call_id=call.pk)
    call.refresh_from_db()
    assert (call.status, call.disposition, call.carrier_sid) == ("blocked", "blocked_by_policy", None)


def test_a_phone_answered_in_a_forbidden_hour_hears_an_apology(call, twilio):
    call_transition(call_id=call.pk, to=Status.PLACING, source="worker")
    path = f"/twilio/voice/{call.pk}/"
    params = {"AccountSid": twilio.TWILIO_ACCOUNT_SID, "CallSid": "CA" + "1" * 32}
    signature = twilio_signature(f"https://pay.example.com{path}", params, twilio.TWILIO_AUTH_TOKEN)
    with time_machine.travel(datetime(2026, 11, 24, 22, 0, tzinfo=UTC)):
        answer = Client().post(path, params, headers={"X-Twilio-Signature": signature})
    body = answer.content.decode()
    assert "sorry" in body and "<Hangup" in body and "<Connect" not in body
    call.refresh_from_db()
    assert call.disposition == "blocked_by_policy"
    assert not call.decisions.get(moment="answer").allowed
