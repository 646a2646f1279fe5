"""Customers and how they may be reached: each act does what it says, leaves one event, and is refused at the field."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from invoices.addresses import email_at, phone_at
from invoices.models import Consent, ContactPoint, Customer, Event
from invoices.services.contact_points import (
    contact_point_add,
    contact_point_allow,
    contact_point_make_primary,
    contact_point_mark_wrong,
    contact_point_verify,
)
from invoices.services.contact_rules import consent_record
from invoices.services.parties import customer_create, customer_edit
from tests.factories import CustomerFactory
from tests.invoices.people import events_of, fields_of, last_event, last_word

pytestmark = pytest.mark.django_db

PHONE, OTHER_PHONE = "+442079460107", "+442079460999"
NEW = {
    "number": "C-1",
    "name": "Alice Walker",
    "phone": PHONE,
    "country": "GB",
    "time_zone": "Europe/London",
    "source": "staff",
}


@pytest.fixture
def customer():
    return CustomerFactory.create()


def make(**changes):
    return customer_create(**NEW | changes)


# customers


def test_a_new_customer_has_a_primary_number_an_address_and_consent_with_its_ground(admin_user):
    made = make(phone="+44 20 7946 0107", email="Alice@Example.com", actor=admin_user)
    assert (made.phone.value, made.email) == (PHONE, "alice@example.com")
    consent = made.consents.get()
    assert (consent.channel, consent.act, consent.basis) == ("voice", "given", "number_given")
    assert consent.contact_point == made.phone and consent.recorded_by == admin_user
    assert consent.evidence == "Number given for this account; entered by staff"
    event = made.events.get()
    assert (event.object_type, event.object_id, event.kind) == ("customer", str(made.pk), "created")
    assert (event.source, event.actor) == ("staff", admin_user)
    assert event.after == {
        "number": "C-1",
        "phone": PHONE,
        "phone_basis": "number_given",
        "email": "alice@example.com",
    }


def test_without_a_ground_there_is_no_consent():
    assert not make(phone_basis="").consents.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("number", ""),
        ("number", "a\0b"),
        ("number", "n" * 33),
        ("name", "\0"),
        ("name", "n" * 201),
        ("phone", ""),
        ("phone", "0207 946 0107"),
        ("phone", "+1999"),
        ("phone", "a\0b"),
        ("phone", "+4420794601" + "0" * 500),
        ("phone_basis", "guessed"),
        ("email", "nobody"),
        ("email", "a\0@example.com"),
        ("email", "a" * 250 + "@example.com"),
        ("kind", "ghost"),
        ("country", "gb"),
        ("time_zone", "Mars/Olympus"),
        ("currency", "XXQ"),
        ("state", "s" * 51),
        ("payment_terms_days", -1),
        ("payment_terms_days", "soon"),
        ("birth_month", 13),
        ("birth_day", 3),
    ],
)
def test_a_bad_customer_is_refused_at_the_field_and_nothing_is_written(field, value):
    with pytest.raises(ValidationError) as error:
        make(**{field: value})
    assert fields_of(error) == [field]
    for model in (Customer, ContactPoint, Consent, Event):
        assert not model.objects.exists()


def test_a_taken_number_is_refused_at_the_field(customer):
    with pytest.raises(ValidationError) as error:
        make(number=customer.number)
    assert fields_of(error) == ["number"]


def test_what_is_no_field_of_a_customer_is_a_programmers_error(customer):
    with pytest.raises(TypeError):
        customer_edit(customer=customer, created_at=timezone.now(), source="staff")


def test_a_correction_keeps_before_and_after(customer):
    customer_edit(
        customer=customer,
        city="Leeds",
        payment_terms_days=14,
        name=customer.name,
        source="staff",
        reason="Moved.",
    )
    event = last_event(customer)
    assert (event.kind, event.reason) == ("corrected", "Moved.")
    assert event.before == {"city": "London", "payment_terms_days": 30}
    assert event.after == {"city": "Leeds", "payment_terms_days": 14}
    customer.refresh_from_db()
    assert (customer.city, customer.payment_terms_days) == ("Leeds", 14)


def test_a_correction_that_changes_nothing_leaves_no_event(customer):
    before = events_of(customer)
    customer_edit(customer=customer, city="London", phone=PHONE, email="ALICE@example.com", source="staff")
    assert events_of(customer) == before and customer.consents.count() == 1


def test_a_new_number_is_primary_beside_the_old_with_a_ground_of_its_own(customer):
    old = customer.phone
    customer_edit(customer=customer, phone=OTHER_PHONE, phone_basis="oral", source="staff")
    assert customer.phone.value == OTHER_PHONE
    old.refresh_from_db()
    assert not old.is_primary and old.wrong_at is None
    consent = last_word(customer, customer.phone)
    assert (consent.act, consent.basis, consent.evidence) == ("given", "oral", "Said so; entered by staff")
    assert last_event(customer).before == {"phone": PHONE}
    assert last_event(customer).after == {"phone": OTHER_PHONE, "phone_basis": "oral"}


def test_a_new_address_is_primary_beside_the_old_and_an_empty_one_leaves_none(customer):
    assert (
        customer_edit(customer=customer, email="new@example.com", source="staff").email == "new@example.com"
    )
    assert customer_edit(customer=customer, email="", source="staff").email == ""
    assert customer.contact_points.filter(kind="email").count() == 2


def test_a_number_that_was_wrong_does_not_come_back(customer):
    contact_point_mark_wrong(contact_point=customer.phone, source="staff")
    with pytest.raises(ValidationError) as error:
        customer_edit(customer=customer, phone=PHONE, source="staff")
    assert fields_of(error) == ["phone"]


def test_entering_a_number_takes_back_no_stop_calling(customer):
    consent_record(
        customer=customer,
        channel="voice",
        act="revoked",
        basis="oral",
        evidence="Stop calling.",
        source="agent",
    )
    with pytest.raises(ValidationError) as error:
        customer_edit(customer=customer, phone=OTHER_PHONE, source="staff")
    assert fields_of(error) == ["phone_basis"]
    customer_edit(customer=customer, phone=OTHER_PHONE, phone_basis="", source="staff")
    customer_edit(customer=customer, phone=PHONE, phone_basis="oral", source="staff")
    assert last_word(customer, customer.phone).act == "given"


@pytest.mark.parametrize(
    "change",
    [{"birth_day": None}, {"name": "a\0"}, {"email": "x"}, {"phone": "1"}, {"phone": ""}, {"reason": "\0"}],
)
def test_a_bad_correction_is_refused_at_the_field_and_nothing_changes(customer, change):
    before = events_of(customer)
    with pytest.raises(ValidationError) as error:
        customer_edit(customer=customer, city="Leeds", source="staff", **change)
    assert fields_of(error) == list(change)
    customer.refresh_from_db()
    assert (customer.city, events_of(customer)) == ("London", before)


@given(st.text(max_size=40) | st.from_regex(r"\+?[0-9 ()/-]{3,20}"), st.text(max_size=40) | st.emails())
def test_any_number_and_address_is_stored_in_one_form_or_refused_at_its_field(phone, email):
    for name, value, stored_at in (("phone", phone, phone_at), ("email", email, email_at)):
        try:
            stored = stored_at(name, value)
        except ValidationError as error:
            assert list(error.message_dict) == [name]
        else:
            assert stored_at(name, stored) == stored == stored.lower().strip()
            assert len(stored) <= 254 and "\0" not in stored


@pytest.mark.django_db(transaction=True)
def test_of_many_new_numbers_at_once_one_is_primary():
    customer = CustomerFactory.create()
    numbers = [f"+44207946{ending:04d}" for ending in range(200, 208)]

    def enter(number):
        try:
            customer_edit(customer=customer, phone=number, source="staff")
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as staff:
        list(staff.map(enter, numbers))
    primary = customer.contact_points.get(kind="phone", is_primary=True)
    assert primary.value in numbers
    assert customer.contact_points.filter(kind="phone").count() == 9
    assert customer.events.filter(kind="corrected").count() == 8


# numbers and addresses


def test_another_number_is_added_with_place_and_consent(customer):
    point = contact_point_add(
        customer=customer,
        kind="phone",
        value="+44 20 7946 0999",
        place="work",
        line_type="landline",
        basis="written",
        source="staff",
    )
    assert (point.value, point.place, point.line_type, point.is_primary) == (
        OTHER_PHONE,
        "work",
        "landline",
        False,
    )
    assert customer.phone.value == PHONE
    assert last_word(customer, point).basis == "written"
    assert last_event(customer).kind == "contact_point_added"
    assert (last_event(customer).object_type, last_event(customer).object_id) == (
        "contact_point",
        str(point.pk),
    )


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("value", {"value": PHONE}),
        ("value", {"value": "12"}),
        ("value", {"kind": "email", "value": ""}),
        ("value", {"kind": "email", "value": "a\0b@example.com"}),
        ("kind", {"kind": "pigeon"}),
        ("place", {"place": "moon"}),
        ("line_type", {"line_type": "string"}),
        ("basis", {"basis": "guessed"}),
        ("basis", {"kind": "email", "value": "b@example.com", "basis": "oral"}),
    ],
)
def test_a_bad_number_is_refused_at_the_field(customer, field, change):
    before = events_of(customer), customer.contact_points.count(), customer.consents.count()
    with pytest.raises(ValidationError) as error:
        contact_point_add(
            **{"customer": customer, "kind": "phone", "value": OTHER_PHONE, "source": "staff"} | change
        )
    assert fields_of(error) == [field]
    assert (events_of(customer), customer.contact_points.count(), customer.consents.count()) == before


def test_one_number_is_primary(customer):
    second = contact_point_add(customer=customer, kind="phone", value=OTHER_PHONE, source="staff")
    contact_point_make_primary(contact_point=second, source="staff")
    assert [point.value for point in customer.contact_points.filter(kind="phone", is_primary=True)] == [
        OTHER_PHONE
    ]
    event = last_event(customer)
    assert (event.before, event.after) == ({"primary": PHONE}, {"primary": OTHER_PHONE})
    before = events_of(customer)
    contact_point_make_primary(contact_point=second, source="staff")
    assert events_of(customer) == before
    assert customer.email == "alice@example.com"


def test_a_wrong_number_is_never_rung_again(customer):
    point = contact_point_mark_wrong(contact_point=customer.phone, source="agent")
    assert point.wrong_at is not None and not point.is_primary
    assert customer.phone is None
    assert last_event(customer).kind == "contact_point_marked_wrong"
    for act in (contact_point_mark_wrong, contact_point_make_primary, contact_point_verify):
        with pytest.raises(ValidationError) as error:
            act(contact_point=point, source="staff")
        assert fields_of(error) == ["contact_point"]
    with pytest.raises(ValidationError):
        contact_point_add(customer=customer, kind="phone", value=PHONE, source="staff")


def test_a_number_is_verified_once(customer):
    assert contact_point_verify(contact_point=customer.phone, source="staff").verified_at is not None
    assert last_event(customer).kind == "contact_point_verified"
    with pytest.raises(ValidationError) as error:
        contact_point_verify(contact_point=customer.phone, source="staff")
    assert fields_of(error) == ["contact_point"]


def test_what_a_number_is_used_for_is_changed_with_before_and_after(customer):
    point = contact_point_allow(
        contact_point=customer.phone, allows_voice=False, allows_messages=True, source="staff"
    )
    assert (point.allows_voice, point.allows_messages) == (False, True)
    event = last_event(customer)
    assert (event.before, event.after) == ({"allows_voice": True}, {"allows_voice": False})
    before = events_of(customer)
    contact_point_allow(contact_point=point, allows_voice=False, source="staff")
    assert events_of(customer) == before
