"""What a person says that forbids later calls: its scope, its certainty, and that it is kept once."""

import pytest
from django.utils import timezone

from calls.contact_facts import contact_snapshot
from calls.opt_outs import RESTRICTING, call_hours_restrict, call_opt_out, call_restrict
from calls.policy import decide
from calls.services import call_conclude, call_request
from invoices.models import Channel, Consent, Event, Hold
from invoices.services.contact_points import contact_point_add
from invoices.services.contact_rules import hold_lift

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


def revoked(customer):
    rows = customer.consents.filter(act=Consent.Act.REVOKED)
    return {(row.channel, row.contact_point and row.contact_point.value) for row in rows}


def allowed(invoice, call):
    invoice.refresh_from_db()
    return decide(contact_snapshot(invoice=invoice, now=timezone.now(), ignoring=call)).allowed


def opt_out(call, scope="phone", certainty="certain", wording="Stop calling."):
    return call_opt_out(call_id=call.pk, scope=scope, certainty=certainty, wording=wording)


@pytest.mark.parametrize(
    ("scope", "kept"),
    [
        ("number", {("voice", "+442079460107")}),
        ("phone", {("voice", None)}),
        ("all_contact", {("voice", None), ("sms", None), ("email", None)}),
    ],
)
def test_each_scope_ends_exactly_what_it_names(call, customer, invoice, scope, kept):
    contact_point_add(customer=customer, kind="phone", value="+442079460108", source="staff")
    assert opt_out(call, scope)
    assert revoked(customer) == kept
    assert not allowed(invoice, call)
    assert Event.objects.get(kind="opted_out").after == {"scope": scope, "certainty": "certain"}


def test_it_is_kept_once_however_often_it_is_said(call, customer):
    assert opt_out(call) and not opt_out(call)
    call_conclude(call_id=call.pk, disposition="stop_calling", source="agent")
    assert customer.consents.filter(act=Consent.Act.REVOKED).count() == 1


def test_an_end_without_a_word_kept_is_an_opt_out_by_itself(call, customer):
    call_conclude(call_id=call.pk, disposition="stop_calling", source="agent")
    assert revoked(customer) == {("voice", None)}


def test_a_doubtful_word_stops_calls_until_one_act_lifts_it(call, customer, invoice):
    assert opt_out(call, certainty="doubtful", wording="stop calling me Robert")
    call_conclude(call_id=call.pk, disposition="stop_calling", source="agent")
    assert not allowed(invoice, call) and revoked(customer) == set()
    hold_lift(hold=Hold.objects.get(), reason="It was about the name.", source="staff")
    assert allowed(invoice, call)


def test_a_certain_word_after_a_doubtful_one_counts(call, customer):
    opt_out(call, certainty="doubtful")
    assert opt_out(call) and revoked(customer) == {("voice", None)}


@pytest.mark.parametrize("kind", sorted(RESTRICTING))
@pytest.mark.parametrize("certainty", ["certain", "doubtful"])
def test_a_reason_given_on_the_phone_holds(call, invoice, kind, certainty):
    assert call_restrict(call_id=call.pk, kind=kind, certainty=certainty, wording="My lawyer says")
    assert not call_restrict(call_id=call.pk, kind=kind, certainty=certainty, wording="My lawyer says")
    hold = Hold.objects.get()
    assert hold.kind == (kind if certainty == "certain" else "manual")
    assert hold.source_call_id == call.pk and "My lawyer says" in hold.evidence
    assert not allowed(invoice, call)


def test_what_restricts_nothing_is_refused(call):
    with pytest.raises(ValueError, match="cousin"):
        call_restrict(call_id=call.pk, kind="cousin", certainty="certain", wording="")


def test_long_numbers_are_left_out_of_the_evidence(call, customer):
    opt_out(call, wording="stop, my card is 4111 1111 1111 1111 and I am 42")
    assert customer.consents.get(channel=Channel.VOICE, act="revoked").evidence.count("1") == 0


def test_a_test_call_changes_nothing(settings, invoice, customer):
    settings.TEST_PHONE_NUMBER = "+442079460155"
    call = call_request(invoice=invoice, requested_by=None)
    assert opt_out(call)
    assert call_restrict(call_id=call.pk, kind="deceased", certainty="certain", wording="")
    assert revoked(customer) == set() and not Hold.objects.exists()


def test_hours_that_are_no_time_to_call_are_for_a_person_to_write_down(call, customer, invoice):
    assert call_hours_restrict(call_id=call.pk, wording="never call me in the evening")
    assert not call_hours_restrict(call_id=call.pk, wording="never call me in the evening")
    (hold,) = customer.holds.all()
    assert (hold.kind, "never call me in the evening" in hold.evidence) == (Hold.Kind.MANUAL, True)
    assert not allowed(invoice, call)
    hold_lift(hold=hold, reason="Written down.", source="staff", actor=None)
    assert allowed(invoice, call)
