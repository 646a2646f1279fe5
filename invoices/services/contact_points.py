"""Numbers and addresses of customers: entered, made primary, verified, found wrong, allowed for channels."""

from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from invoices.addresses import email_at, phone_at
from invoices.events import event_record
from invoices.models import Channel, Consent, ContactPoint, Customer
from invoices.party_selectors import consent_for
from invoices.services.checks import changed_one, customer_locked, row_check

Kind = ContactPoint.Kind
Basis = Consent.Basis
WRONG = "It was marked as somebody else's and is never used again."


@transaction.atomic
def contact_point_add(
    *,
    customer: Customer,
    kind: str,
    value: str,
    basis: str = "",
    place: str = "",
    line_type: str = ContactPoint.LineType.UNKNOWN,
    primary: bool = False,
    source: str,
    actor: User | None = None,
) -> ContactPoint:
    """Enter a number or address that is new for this customer.

    With a `basis` (of Consent.Basis) a number may also be rung. Raises ValidationError keyed by field.
    """
    owner = customer_locked(customer.pk)
    stored = _value_at("value", kind, value)
    if owner.contact_points.filter(kind=kind, value=stored).exists():
        raise ValidationError({"value": "The customer has it already."})
    point = point_enter(
        customer=owner,
        kind=kind,
        value=stored,
        name="value",
        primary=primary,
        place=place,
        line_type=line_type,
    )
    if basis:
        number_consent(point=point, basis=basis, name="basis", source=source, actor=actor)
    after = {"value": stored, "kind": kind, "place": place, "primary": primary, "basis": basis}
    _record(point, "contact_point_added", source, actor, after=after)
    return point


def _value_at(name: str, kind: str, value: str) -> str:
    if kind == Kind.PHONE:
        return phone_at(name, value)
    if kind != Kind.EMAIL:
        raise ValidationError({"kind": "That is neither a telephone number nor an e-mail address."})
    address = email_at(name, value)
    if not address:
        raise ValidationError({name: "This field is required."})
    return address


def point_enter(
    *,
    customer: Customer,
    kind: str,
    value: str,
    name: str,
    primary: bool,
    place: str = "",
    line_type: str = ContactPoint.LineType.UNKNOWN,
) -> ContactPoint:
    """The customer's point with this cleaned value, made if it was not there; for services that hold the lock.

    Refusals are keyed by the field `name`. With `primary` the one that was primary stays, as another one.
    """
    point = customer.contact_points.filter(kind=kind, value=value).first()
    if point is not None and point.wrong_at is not None:
        raise ValidationError({name: WRONG})
    if point is None:
        point = ContactPoint(customer=customer, kind=kind, value=value, place=place, line_type=line_type)
        row_check(point, known=["customer"])
        point.save()
    if primary:
        _primary_set(point)
    return point


def _primary_set(point: ContactPoint) -> str:
    """Make it the primary one; answers the value of the one that was."""
    before = ContactPoint.objects.filter(customer=point.customer_id, kind=point.kind, is_primary=True)
    value = before.values_list("value", flat=True).first() or ""
    before.update(is_primary=False)
    usable = ContactPoint.objects.filter(pk=point.pk, wrong_at=None)
    changed_one(usable.update(is_primary=True), "contact_point", WRONG)
    point.is_primary = True
    return value


def primary_clear(*, customer: Customer, kind: str) -> None:
    """Leave the customer without a primary point of this kind; for services that hold the lock."""
    customer.contact_points.filter(kind=kind, is_primary=True).update(is_primary=False)


def number_consent(
    *, point: ContactPoint, basis: str, name: str, source: str, actor: User | None = None
) -> Consent:
    """Write down that the number may be rung. For services that hold the lock; refusals are keyed by `name`.

    A number that is merely entered takes back no "stop calling": that needs the customer's own word.
    """
    if basis not in Basis.values or point.kind != Kind.PHONE:
        raise ValidationError({name: "That is no ground on which it may be rung."})
    last = consent_for(point.customer, channel=Channel.VOICE, contact_point=point)
    if basis == Basis.NUMBER_GIVEN and last is not None and last.act == Consent.Act.REVOKED:
        raise ValidationError(
            {
                name: "The customer has asked not to be called. Enter it without consent, or say how they allowed it."
            }
        )
    return Consent.objects.create(
        customer=point.customer,
        contact_point=point,
        channel=Channel.VOICE,
        act=Consent.Act.GIVEN,
        basis=basis,
        captured_at=timezone.now(),
        evidence=f"{Basis(basis).label}; entered by {source}",
        recorded_by=actor,
    )


@transaction.atomic
def contact_point_make_primary(
    *, contact_point: ContactPoint, source: str, actor: User | None = None
) -> ContactPoint:
    """From now on the customer is rung or written to here. Raises ValidationError for one that is wrong."""
    point = _locked(contact_point)
    if not point.is_primary:
        before = _primary_set(point)
        _record(
            point,
            "contact_point_made_primary",
            source,
            actor,
            before={"primary": before},
            after={"primary": point.value},
        )
    return point


@transaction.atomic
def contact_point_mark_wrong(
    *, contact_point: ContactPoint, source: str, actor: User | None = None
) -> ContactPoint:
    """It is somebody else's and is never used again; the customer has no primary one until another is chosen.

    Raises ValidationError if it was marked already.
    """
    point = _locked(contact_point)
    right = ContactPoint.objects.filter(pk=point.pk, wrong_at=None)
    marked = right.update(wrong_at=timezone.now(), is_primary=False, verified_at=None)
    changed_one(marked, "contact_point", "It is marked as wrong already.")
    _record(
        point,
        "contact_point_marked_wrong",
        source,
        actor,
        before={"primary": point.is_primary},
        after={"value": point.value},
    )
    point.refresh_from_db()
    return point


@transaction.atomic
def contact_point_verify(
    *, contact_point: ContactPoint, source: str, actor: User | None = None
) -> ContactPoint:
    """Somebody has made sure that it is the customer's. Raises ValidationError for one that is wrong or verified."""
    point = _locked(contact_point)
    unsure = ContactPoint.objects.filter(pk=point.pk, wrong_at=None, verified_at=None)
    changed_one(
        unsure.update(verified_at=timezone.now()),
        "contact_point",
        "It is verified already, or marked as wrong.",
    )
    _record(point, "contact_point_verified", source, actor, after={"value": point.value})
    point.refresh_from_db()
    return point


@transaction.atomic
def contact_point_allow(
    *,
    contact_point: ContactPoint,
    allows_voice: bool | None = None,
    allows_messages: bool | None = None,
    source: str,
    actor: User | None = None,
) -> ContactPoint:
    """Say whether it may be rung and written to; None leaves that as it is. Consent is a matter of its own."""
    point = _locked(contact_point)
    asked = {"allows_voice": allows_voice, "allows_messages": allows_messages}
    after = {
        name: value for name, value in asked.items() if value is not None and value != getattr(point, name)
    }
    if after:
        before = {name: getattr(point, name) for name in after}
        as_read = ContactPoint.objects.filter(pk=point.pk, **before)
        changed_one(as_read.update(**after), "contact_point", "Somebody else has changed it just now.")
        _record(point, "contact_point_allowed", source, actor, before=before, after=after)
        point.refresh_from_db()
    return point


def _locked(contact_point: ContactPoint) -> ContactPoint:
    """The point as it is stored, its customer's row locked."""
    customer_locked(contact_point.customer_id)
    return ContactPoint.objects.select_related("customer").get(pk=contact_point.pk)


def _record(
    point: ContactPoint, kind: str, source: str, actor: User | None, **values: dict[str, Any]
) -> None:
    event_record(
        object_type="contact_point",
        object_id=point.pk,
        kind=kind,
        source=source,
        actor=actor,
        customer_id=point.customer_id,
        **values,
    )
