"""Customers: created and corrected, each with a number that may be rung only on a ground that is written down."""

from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from phonenumber_field.phonenumber import PhoneNumber

from invoices.addresses import email_at, phone_at
from invoices.events import event_record
from invoices.fields import text_at
from invoices.models import Consent, ContactPoint, Customer
from invoices.services.checks import customer_locked, row_check
from invoices.services.contact_points import number_consent, point_enter, primary_clear

Kind = ContactPoint.Kind
NUMBER_GIVEN = Consent.Basis.NUMBER_GIVEN
EDITABLE = frozenset(
    {
        "number",
        "name",
        "kind",
        "address",
        "city",
        "state",
        "postal_code",
        "country",
        "time_zone",
        "locale",
        "currency",
        "payment_terms_days",
        "exclude_from_dunning",
        "birth_month",
        "birth_day",
    }
)


@transaction.atomic
def customer_create(
    *,
    number: str,
    name: str,
    phone: PhoneNumber | str,
    email: str = "",
    phone_basis: str = NUMBER_GIVEN,
    source: str,
    actor: User | None = None,
    **fields: Any,
) -> Customer:
    """Create a customer with its primary number and address; `fields` are the EDITABLE ones.

    `phone_basis` is the ground of Consent on which the number may be rung, "" where there is none.
    Raises ValidationError keyed by field.
    """
    _only_editable(fields)
    phone, email = phone_at("phone", phone), email_at("email", email)
    customer = Customer(number=number, name=name, **fields)
    _customer_check(customer)
    customer.save()
    point = point_enter(customer=customer, kind=Kind.PHONE, value=phone, name="phone", primary=True)
    if email:
        point_enter(customer=customer, kind=Kind.EMAIL, value=email, name="email", primary=True)
    if phone_basis:
        number_consent(point=point, basis=phone_basis, name="phone_basis", source=source, actor=actor)
    event_record(
        object_type="customer",
        object_id=customer.pk,
        kind="created",
        source=source,
        actor=actor,
        customer_id=customer.pk,
        after={"number": customer.number, "phone": phone, "phone_basis": phone_basis, "email": email},
    )
    return customer


def _only_editable(names: dict[str, Any]) -> None:
    unknown = names.keys() - EDITABLE
    if unknown:
        raise TypeError(f"Not fields of a customer: {', '.join(sorted(unknown))}")


def _customer_check(customer: Customer) -> None:
    row_check(customer)
    if (customer.birth_month is None) != (customer.birth_day is None):
        raise ValidationError({"birth_day": "Give both month and day of birth, or neither."})


@transaction.atomic
def customer_edit(
    *,
    customer: Customer,
    phone: PhoneNumber | str | None = None,
    email: str | None = None,
    phone_basis: str = NUMBER_GIVEN,
    source: str,
    actor: User | None = None,
    reason: str = "",
    **changes: Any,
) -> Customer:
    """Correct a customer. `changes` are EDITABLE fields; what is not named, or None of phone and email, stays.

    A new number or address becomes the primary one beside the old, a new number on the ground `phone_basis` of its
    own; an empty `email` leaves no primary address. Nothing changed: nothing written. Raises ValidationError keyed by
    field.
    """
    _only_editable(changes)
    why = text_at("reason", reason, longest=300)
    stored = customer_locked(customer.pk)
    before, after = _fields_change(stored, changes)
    if phone is not None:
        new = phone_at("phone", phone)
        old = stored.phone.value if stored.phone else ""
        if new != old:
            before["phone"], after["phone"] = old, new
            after["phone_basis"] = phone_basis
            _phone_change(stored, new, phone_basis, source, actor)
    if email is not None:
        new, old = email_at("email", email), stored.email
        if new != old:
            before["email"], after["email"] = old, new
            _email_change(stored, new)
    if after:
        event_record(
            object_type="customer",
            object_id=stored.pk,
            kind="corrected",
            source=source,
            actor=actor,
            customer_id=stored.pk,
            before=before,
            after=after,
            reason=why,
        )
    return stored


def _fields_change(customer: Customer, changes: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Set the fields; answers what those that differ were before and are now."""
    before = {name: getattr(customer, name) for name in changes}
    for name, value in changes.items():
        setattr(customer, name, value)
    _customer_check(customer)
    before = {name: value for name, value in before.items() if value != getattr(customer, name)}
    after = {name: getattr(customer, name) for name in before}
    customer.save(update_fields=list(after))
    return before, after


def _phone_change(customer: Customer, value: str, basis: str, source: str, actor: User | None) -> None:
    point = point_enter(customer=customer, kind=Kind.PHONE, value=value, name="phone", primary=True)
    if basis:
        number_consent(point=point, basis=basis, name="phone_basis", source=source, actor=actor)


def _email_change(customer: Customer, value: str) -> None:
    if value:
        point_enter(customer=customer, kind=Kind.EMAIL, value=value, name="email", primary=True)
    else:
        primary_clear(customer=customer, kind=Kind.EMAIL)
