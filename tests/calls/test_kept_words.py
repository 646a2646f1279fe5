"""What a call came to binds the next ones."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine

from calls.contact_facts import contact_snapshot
from calls.house import house_rules_change
from calls.interrupts import answer_allowed
from calls.models import MAY_HAVE_RUNG, Call
from calls.policy import decide
from calls.services import call_conclude
from invoices.services.contact_rules import hold_set
from tests.factories import CallFactory

pytestmark = pytest.mark.django_db


def rules_at(invoice, at):
    # The customer's rows are read anew, as in another request.
    fresh = type(invoice).objects.select_related("customer").get(pk=invoice.pk)
    return {reason.rule for reason in decide(contact_snapshot(invoice=fresh, now=at)).forbidding}


def ended(call, disposition):
    Call.objects.filter(pk=call.pk).update(status="completed", answered_at=call.requested_at)
    call_conclude(call_id=call.pk, disposition=disposition, source="agent")


def test_a_wrong_number_is_not_rung_again(noon, call, invoice):
    ended(call, "wrong_number")
    assert "number_theirs" in rules_at(invoice, noon + timedelta(days=60))


def test_who_said_stop_is_not_rung_again(noon, call, invoice):
    ended(call, "stop_calling")
    assert "not_opted_out" in rules_at(invoice, noon + timedelta(days=60))
    assert invoice.customer.consents.get(act="revoked").source_call_id == call.pk


def test_a_test_call_opts_nobody_out(noon, call, invoice):
    Call.objects.filter(pk=call.pk).update(is_test=True)
    ended(call, "stop_calling")
    assert not invoice.customer.consents.filter(act="revoked").exists()


def test_a_call_that_may_have_rung_counts(noon, invoice):
    for hour in (1, 2, 3):
        call = CallFactory.create(invoice=invoice, status="failed", end_reason=MAY_HAVE_RUNG)
        Call.objects.filter(pk=call.pk).update(requested_at=noon - timedelta(hours=hour))
    assert "person_calls" in rules_at(invoice, noon)


def test_the_next_slot_does_not_fall_into_a_hold_that_begins_later(noon, invoice):
    hold_set(
        customer=invoice.customer,
        kind="breathing_space",
        starts_at=datetime(2026, 11, 25, 0, tzinfo=UTC),
        ends_at=datetime(2026, 11, 27, 0, tzinfo=UTC),
        evidence="A notice.",
        source="staff",
    )
    night = noon.replace(hour=22)
    with time_machine.travel(night):
        decision = decide(contact_snapshot(invoice=invoice, now=night))
    assert decision.next_allowed_at == datetime(2026, 11, 27, 9, tzinfo=UTC)


def test_the_call_that_spends_the_budget_is_still_made(noon, call, invoice):
    house_rules_change(
        source="staff",
        actor=None,
        reason="A small budget.",
        daily_budget=Decimal("0.10"),
        cost_per_minute=Decimal("0.15"),
        budget_currency="USD",
    )
    Call.objects.filter(pk=call.pk).update(status="in_progress", answered_at=noon)
    call.refresh_from_db()
    assert answer_allowed(call)
