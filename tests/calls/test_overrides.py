"""House rules set aside for one call: by whom, with what, and for how long."""

from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from calls import placing
from calls.interrupts import answer_allowed
from calls.models import Call
from calls.policy import OVERRIDABLE
from calls.services import call_request
from calls.telephony import client
from invoices.models import Event
from invoices.services.contact_rules import consent_record, hold_set
from phantompay.roles import MAY_COLLECT, MAY_VIEW
from tests.conftest import _user
from tests.factories import CallFactory

pytestmark = pytest.mark.django_db
WHY = "The customer rang us and asked for this call."
ASIDE = frozenset({"person_calls"})


@pytest.fixture
def often(invoice, noon):
    """An invoice of a customer whom the house has rung as often as it may."""
    for number in range(3):
        CallFactory.create(
            invoice=invoice,
            status="no_answer",
            disposition="no_answer",
            placed_at=noon,
            carrier_sid=f"CA{number:032d}",
        )
    return invoice


@pytest.fixture
def dials(monkeypatch):
    """What the carrier was asked to dial; the agent is always there."""
    dialled = []

    def call_create(**asked):
        dialled.append(asked["call_id"])
        return SimpleNamespace(sid="CA" + "f" * 32)

    monkeypatch.setattr(placing, "_agent_ready", lambda call: True)
    monkeypatch.setattr(client, "call_create", call_create)
    return dialled


def ask(invoice, user, override=ASIDE, reason=WHY):
    return call_request(invoice=invoice, requested_by=user, override=override, override_reason=reason)


def test_without_an_override_the_house_rule_forbids(often, admin_user):
    call = call_request(invoice=often, requested_by=admin_user, override_reason="a reason alone")
    stored = call.decisions.get()
    assert (call.status, [each["rule"] for each in stored.reasons]) == ("blocked", ["person_calls"])
    assert (stored.overridden, call.override_reason) == ([], "")
    assert stored.reasons[0]["lifts_at"].endswith("Z")


def test_an_override_is_kept_with_its_reason_and_in_the_event(often, admin_user):
    call = ask(often, admin_user)
    stored = call.decisions.get()
    assert (call.status, stored.allowed, stored.reasons) == ("requested", True, [])
    assert [each["rule"] for each in stored.overridden] == ["person_calls"]
    assert all(stored.overridden[0][key] for key in ("citation", "text", "lifts_at"))
    assert (call.override_reason, call.overrides) == (WHY, ASIDE)
    event = Event.objects.get(object_type="call", object_id=str(call.pk))
    assert (event.actor, event.reason) == (admin_user, WHY)
    assert (event.after["overridden"], event.after["override_reason"]) == (["person_calls"], WHY)


def test_a_rule_that_did_not_forbid_is_not_said_to_be_set_aside(invoice, admin_user, noon):
    call = ask(invoice, admin_user)
    assert (call.status, call.overrides, call.override_reason) == ("requested", frozenset(), "")


@pytest.mark.parametrize("role", [None, MAY_COLLECT, MAY_VIEW])
def test_an_override_needs_the_permission(often, role):
    user = None if role is None else _user("somebody", role)
    with pytest.raises(PermissionDenied):
        ask(often, user)
    assert Call.objects.count() == 3


@pytest.mark.parametrize("reason", ["", "  \n ", "x" * 201])
def test_an_override_needs_a_reason_of_bounded_length(often, admin_user, reason):
    with pytest.raises(ValidationError) as refused:
        ask(often, admin_user, reason=reason)
    assert list(refused.value.message_dict) == ["override_reason"]


@pytest.mark.parametrize(
    "rule", ["consent_given", "number_allowed", "lawful_hour", "hold_bankruptcy", "made_up", "invoice_open"]
)
def test_what_the_law_or_the_customer_forbids_is_never_set_aside(often, admin_user, rule):
    assert rule not in OVERRIDABLE
    with pytest.raises(ValidationError) as refused:
        ask(often, admin_user, override=ASIDE | {rule})
    assert refused.value.message_dict == {"override": [f"Not to be set aside: {rule}."]}
    assert Call.objects.count() == 3


def revoke(invoice):
    consent_record(
        customer=invoice.customer,
        channel="voice",
        act="revoked",
        basis="oral",
        evidence="Said so.",
        source="staff",
    )


def hold(invoice):
    hold_set(customer=invoice.customer, kind="bankruptcy", evidence="A letter.", source="staff")


@pytest.mark.parametrize("forbid", [revoke, hold])
def test_an_override_leaves_consent_and_holds_standing(often, admin_user, forbid):
    forbid(often)
    call = ask(often, admin_user)
    assert call.status == "blocked"
    assert "person_calls" not in {each["rule"] for each in call.decisions.get().reasons}


def test_an_override_leaves_legal_hours_standing(invoice, admin_user, midnight):
    call = ask(invoice, admin_user, override=OVERRIDABLE)
    assert call.status == "blocked"
    assert "lawful_hour" in {each["rule"] for each in call.decisions.get().reasons}


def test_the_later_questions_keep_the_override(often, admin_user, dials):
    call = ask(often, admin_user)
    placing.call_place(call_id=call.pk)
    call.refresh_from_db()
    assert (dials, call.status) == ([call.pk], "dialling")
    assert answer_allowed(call)
    for stored in call.decisions.all():
        assert (stored.allowed, [each["rule"] for each in stored.overridden]) == (True, ["person_calls"])
    assert {stored.moment for stored in call.decisions.all()} == {"request", "dial", "answer"}


@pytest.mark.parametrize("forbid", [revoke, hold])
def test_what_comes_after_the_override_still_stops_the_call(often, admin_user, dials, forbid):
    call = ask(often, admin_user)
    forbid(often)
    placing.call_place(call_id=call.pk)
    call.refresh_from_db()
    assert (dials, call.status) == ([], "blocked")


def test_an_override_is_for_one_call(often, admin_user):
    Call.objects.filter(pk=ask(often, admin_user).pk).update(status="canceled")
    assert call_request(invoice=often, requested_by=admin_user).status == "blocked"
