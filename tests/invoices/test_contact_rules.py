"""Consent, holds, wishes, contacts by hand and notes: what they say, their events, and what is refused at the field."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from invoices.models import Channel, Contact, Hold, Note, Wish
from invoices.party_selectors import consent_for, consents_in_force, holds_standing, wishes_standing
from invoices.services.contact_points import contact_point_add
from invoices.services.contact_rules import (
    consent_record,
    contact_record,
    hold_lift,
    hold_set,
    note_add,
    wish_record,
    wish_withdraw,
)
from tests.factories import CustomerFactory, InvoiceFactory
from tests.invoices.people import events_of, fields_of, last_event, last_word

pytestmark = pytest.mark.django_db

OTHER_PHONE = "+442079460999"


@pytest.fixture
def customer():
    return CustomerFactory.create()


@pytest.fixture
def stranger():
    return CustomerFactory.create(phone=OTHER_PHONE)


# consent


def test_the_last_word_on_a_number_counts_whether_said_of_it_or_of_all(customer):
    second = contact_point_add(
        customer=customer, kind="phone", value=OTHER_PHONE, basis="oral", source="staff"
    )
    said = {
        "customer": customer,
        "channel": "voice",
        "basis": "oral",
        "evidence": "On the phone.",
        "source": "agent",
    }
    consent_record(act="revoked", **said)
    assert last_word(customer, second).act == "revoked"
    consent_record(act="given", contact_point=second, **said)
    assert last_word(customer, second).act == "given"
    assert last_word(customer, customer.phone).act == "revoked"
    assert consent_for(customer, channel="sms", contact_point=second) is None
    assert {(each.contact_point_id, each.act) for each in consents_in_force(customer)} == {
        (customer.phone.pk, "given"),
        (None, "revoked"),
        (second.pk, "given"),
    }
    assert last_event(customer).kind == "consent_given"


def test_what_was_captured_earlier_is_no_later_word(customer):
    consent_record(
        customer=customer, channel="voice", act="revoked", basis="oral", evidence="Stop.", source="agent"
    )
    consent_record(
        customer=customer,
        channel="voice",
        act="given",
        basis="written",
        evidence="Letter of last year.",
        captured_at=timezone.now() - timedelta(days=300),
        source="staff",
    )
    assert last_word(customer, customer.phone).act == "revoked"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("channel", "pigeon"),
        ("act", "perhaps"),
        ("basis", ""),
        ("evidence", " "),
        ("evidence", "a\0b"),
        ("evidence", "e" * 501),
        ("captured_at", datetime(2100, 1, 1, tzinfo=UTC)),
        ("captured_at", datetime(2026, 1, 1)),
    ],
)
def test_a_bad_consent_is_refused_at_the_field(customer, field, value):
    good = {"channel": "voice", "act": "given", "basis": "oral", "evidence": "Said so."}
    before = events_of(customer)
    with pytest.raises(ValidationError) as error:
        consent_record(customer=customer, source="staff", **good | {field: value})
    assert fields_of(error) == [field]
    assert (events_of(customer), customer.consents.count()) == (before, 1)


def test_consent_is_given_for_a_number_that_the_channel_can_use(customer, stranger):
    address = customer.contact_points.get(kind="email")
    for channel, point in (
        ("voice", address),
        ("email", customer.phone),
        ("letter", address),
        ("sms", stranger.phone),
    ):
        with pytest.raises(ValidationError) as error:
            consent_record(
                customer=customer,
                channel=channel,
                act="given",
                basis="oral",
                evidence="Said so.",
                contact_point=point,
                source="staff",
            )
        assert fields_of(error) == ["contact_point"]


# holds


def test_a_hold_stands_until_it_is_lifted_with_a_reason(customer, admin_user):
    hold = hold_set(
        customer=customer, kind="attorney_represented", evidence="Letter.", source="staff", actor=admin_user
    )
    assert list(holds_standing(customer)) == [hold] and hold.set_by == admin_user
    event = last_event(customer)
    assert (event.kind, event.object_type, event.reason) == ("hold_set", "hold", "Letter.")
    assert event.after["kind"] == "attorney_represented"
    with pytest.raises(ValidationError) as error:
        hold_lift(hold=hold, reason=" ", source="staff")
    assert fields_of(error) == ["reason"]
    hold_lift(hold=hold, reason="No longer represented.", source="staff")
    assert not holds_standing(customer).exists()
    assert (last_event(customer).kind, last_event(customer).reason) == (
        "hold_lifted",
        "No longer represented.",
    )
    with pytest.raises(ValidationError) as error:
        hold_lift(hold=hold, reason="Again.", source="staff")
    assert fields_of(error) == ["hold"]


@pytest.mark.django_db(transaction=True)
def test_of_many_who_lift_a_hold_at_once_one_does():
    hold = hold_set(customer=CustomerFactory.create(), kind="manual", evidence="E.", source="staff")

    def lift(number):
        try:
            hold_lift(hold=hold, reason=f"Reason {number}.", source="staff")
        except ValidationError:
            return 0
        finally:
            connection.close()
        return 1

    with ThreadPoolExecutor(8) as staff:
        assert sum(staff.map(lift, range(8))) == 1
    assert hold.customer.events.filter(kind="hold_lifted").count() == 1


def test_a_hold_has_its_time(customer):
    now = timezone.now()
    hold = hold_set(
        customer=customer,
        kind="breathing_space",
        evidence="Notice.",
        starts_at=now + timedelta(days=1),
        ends_at=now + timedelta(days=60),
        source="staff",
    )
    assert not holds_standing(customer).exists()
    assert list(holds_standing(customer, now + timedelta(days=2))) == [hold]
    assert not holds_standing(customer, now + timedelta(days=60)).exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "bad_mood"),
        ("evidence", ""),
        ("evidence", "\0"),
        ("ends_at", datetime(2020, 1, 1, tzinfo=UTC)),
        ("ends_at", datetime(2100, 1, 1)),
        ("starts_at", datetime(2026, 1, 1)),
    ],
)
def test_a_bad_hold_is_refused_at_the_field(customer, field, value):
    with pytest.raises(ValidationError) as error:
        hold_set(
            **{"customer": customer, "kind": "manual", "evidence": "E.", "source": "staff"} | {field: value}
        )
    assert fields_of(error) == [field]
    assert not Hold.objects.exists()


def test_a_hold_is_on_an_invoice_of_the_customer(customer, stranger):
    own, foreign = InvoiceFactory.create(customer=customer), InvoiceFactory.create(customer=stranger)
    assert (
        hold_set(customer=customer, kind="dispute", evidence="E.", invoice=own, source="staff").invoice == own
    )
    with pytest.raises(ValidationError) as error:
        hold_set(customer=customer, kind="dispute", evidence="E.", invoice=foreign, source="staff")
    assert fields_of(error) == ["invoice"]


# wishes


def wish(customer, **fields):
    return wish_record(**{"customer": customer, "said": "Please.", "source": "agent"} | fields)


def test_each_kind_of_wish_says_what_it_is_about(customer):
    later = timezone.now() + timedelta(days=3)
    made = [
        wish(customer, kind="not_at_place", place="work"),
        wish(customer, kind="not_this_number", contact_point=customer.phone),
        wish(customer, kind="only_between", time_from=time(17)),
        wish(customer, kind="only_between", time_from=time(9), time_until=time(12), weekdays=[0, 2]),
        wish(customer, kind="only_between", weekdays=[5, 6]),
        wish(customer, kind="not_before", not_before=later),
        wish(customer, kind="only_by", channel="email"),
        wish(customer, kind="not_by", channel="voice"),
    ]
    assert set(wishes_standing(customer)) == set(made)
    assert made[5] not in wishes_standing(customer, later)
    events = list(customer.events.filter(kind="wish_recorded"))
    assert len(events) == len(made)
    assert events[3].after == {
        "kind": "only_between",
        "time_from": "09:00:00",
        "time_until": "12:00:00",
        "weekdays": [0, 2],
    }
    assert events[5].after["not_before"] == later.isoformat()


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"kind": "silence"}, "kind"),
        ({"kind": "not_at_place"}, "place"),
        ({"kind": "not_at_place", "place": "moon"}, "place"),
        ({"kind": "not_at_place", "place": "work", "channel": "sms"}, "channel"),
        ({"kind": "not_this_number"}, "contact_point"),
        ({"kind": "only_between"}, "time_from"),
        ({"kind": "only_between", "time_from": time(17), "time_until": time(9)}, "time_until"),
        ({"kind": "only_between", "time_from": time(17), "time_until": time(17)}, "time_until"),
        ({"kind": "only_between", "weekdays": [7]}, "weekdays"),
        ({"kind": "only_between", "weekdays": [-1]}, "weekdays"),
        ({"kind": "only_between", "weekdays": [1, 1]}, "weekdays"),
        ({"kind": "only_between", "weekdays": [True]}, "weekdays"),
        ({"kind": "only_between", "weekdays": ["Monday"]}, "weekdays"),
        ({"kind": "only_between", "time_from": time(9), "place": "home"}, "place"),
        ({"kind": "not_before"}, "not_before"),
        ({"kind": "not_before", "not_before": datetime(2020, 1, 1, tzinfo=UTC)}, "not_before"),
        ({"kind": "not_before", "not_before": datetime(2100, 1, 1)}, "not_before"),
        ({"kind": "only_by"}, "channel"),
        ({"kind": "only_by", "channel": "pigeon"}, "channel"),
        ({"kind": "not_by", "channel": "sms", "weekdays": [1]}, "weekdays"),
        ({"kind": "not_by", "channel": "sms", "said": ""}, "said"),
        ({"kind": "not_by", "channel": "sms", "said": "\0"}, "said"),
        ({"kind": "not_by", "channel": "sms", "said": "s" * 301}, "said"),
    ],
)
def test_a_wish_that_says_too_little_or_too_much_is_refused_at_the_field(customer, fields, wrong):
    before = events_of(customer)
    with pytest.raises(ValidationError) as error:
        wish(customer, **fields)
    assert fields_of(error) == [wrong]
    assert not Wish.objects.exists() and events_of(customer) == before


def test_a_wish_is_about_a_number_of_the_customers_own(customer, stranger):
    for point in (stranger.phone, customer.contact_points.get(kind="email")):
        with pytest.raises(ValidationError) as error:
            wish(customer, kind="not_this_number", contact_point=point)
        assert fields_of(error) == ["contact_point"]


def test_a_wish_is_withdrawn_once_with_a_reason(customer):
    asked = wish(customer, kind="only_by", channel="email")
    with pytest.raises(ValidationError) as error:
        wish_withdraw(wish=asked, reason="", source="staff")
    assert fields_of(error) == ["reason"]
    wish_withdraw(wish=asked, reason="They rang and said so.", source="staff")
    assert not wishes_standing(customer).exists()
    assert last_event(customer).kind == "wish_withdrawn"
    with pytest.raises(ValidationError) as error:
        wish_withdraw(wish=asked, reason="Again.", source="staff")
    assert fields_of(error) == ["wish"]


# contacts by hand, notes


def test_a_contact_by_hand_names_who_when_and_what_about(customer, admin_user):
    owed = InvoiceFactory.create(customer=customer)
    at = timezone.now() - timedelta(hours=1)
    contact = contact_record(
        customer=customer,
        direction="inbound",
        outcome="conversation",
        at=at,
        contact_point=customer.phone,
        invoices=[owed],
        note="Asked for a copy.",
        source="staff",
        actor=admin_user,
    )
    assert (contact.at, contact.made_by, contact.channel) == (at, admin_user, Channel.VOICE)
    assert list(contact.invoices.all()) == [owed]
    assert last_event(customer).kind == "contact_recorded"
    assert last_event(customer).after["invoices"] == [owed.pk]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("direction", "sideways"),
        ("outcome", "fine"),
        ("channel", "pigeon"),
        ("at", datetime(2100, 1, 1, tzinfo=UTC)),
        ("at", datetime(2026, 1, 1)),
        ("note", "a\0"),
        ("note", "n" * 501),
    ],
)
def test_a_bad_contact_is_refused_at_the_field(customer, field, value):
    good = {"customer": customer, "direction": "inbound", "outcome": "conversation", "source": "staff"}
    with pytest.raises(ValidationError) as error:
        contact_record(**good | {field: value})
    assert fields_of(error) == [field]
    assert not Contact.objects.exists()


def test_a_contact_is_about_the_customers_own_invoices_and_number(customer, stranger):
    good = {"customer": customer, "direction": "outbound", "outcome": "no_answer", "source": "staff"}
    foreign = {
        "invoices": [InvoiceFactory.create(customer=customer), InvoiceFactory.create(customer=stranger)],
        "contact_point": stranger.phone,
    }
    for field, value in foreign.items():
        with pytest.raises(ValidationError) as error:
            contact_record(**good, **{field: value})
        assert fields_of(error) == [field]
    assert not Contact.objects.exists()


def test_a_note_is_kept_with_its_author(customer, admin_user):
    owed = InvoiceFactory.create(customer=customer)
    note = note_add(customer=customer, invoice=owed, text=" Wants a copy. ", source="staff", actor=admin_user)
    assert (note.text, note.author, note.invoice) == ("Wants a copy.", admin_user, owed)
    assert (last_event(customer).kind, last_event(customer).object_type) == ("note_added", "note")


@pytest.mark.parametrize("text", ["", "  ", "a\0b", "n" * 2001])
def test_a_bad_note_is_refused_at_the_field(customer, text):
    with pytest.raises(ValidationError) as error:
        note_add(customer=customer, text=text, source="staff")
    assert fields_of(error) == ["text"]
    assert not Note.objects.exists()


def test_a_note_is_about_the_customers_own_invoice(customer):
    with pytest.raises(ValidationError) as error:
        note_add(customer=customer, text="Mine?", invoice=InvoiceFactory.create(), source="staff")
    assert fields_of(error) == ["invoice"]
