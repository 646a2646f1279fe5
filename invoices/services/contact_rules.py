"""What customers allow, forbid and wish for, and the contacts that no machine made: all that the contact gate asks."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from invoices.events import event_record
from invoices.fields import text_at
from invoices.models import (
    Channel,
    Consent,
    Contact,
    ContactPoint,
    Customer,
    Hold,
    Invoice,
    Note,
    Wish,
)
from invoices.services.checks import changed_one, customer_locked, moment_at, own_at, row_check

CHECKED = ("customer", "contact_point", "invoice", "recorded_by", "set_by", "made_by", "author")
KIND_OF_CHANNEL: dict[str, str] = {
    Channel.VOICE: ContactPoint.Kind.PHONE,
    Channel.SMS: ContactPoint.Kind.PHONE,
    Channel.EMAIL: ContactPoint.Kind.EMAIL,
}
# What each kind of wish names, and nothing else. Of times and days one is enough; of the others each is needed.
FIELDS_OF_WISH: dict[str, tuple[str, ...]] = {
    Wish.Kind.NOT_AT_PLACE: ("place",),
    Wish.Kind.NOT_THIS_NUMBER: ("contact_point",),
    Wish.Kind.ONLY_BETWEEN: ("time_from", "time_until", "weekdays"),
    Wish.Kind.NOT_BEFORE: ("not_before",),
    Wish.Kind.ONLY_BY: ("channel",),
    Wish.Kind.NOT_BY: ("channel",),
}


@transaction.atomic
def consent_record(
    *,
    customer: Customer,
    channel: str,
    act: str,
    basis: str,
    evidence: str,
    purpose: str = "collection",
    contact_point: ContactPoint | None = None,
    captured_at: datetime | None = None,
    source_call_id: UUID | None = None,
    source: str,
    actor: User | None = None,
) -> Consent:
    """Write down that a channel was allowed or taken back, for one number or, without `contact_point`, for all.

    Nothing is replaced: what was captured last counts. The purpose "callback" is to be rung once, at a time that the
    customer named. Raises ValidationError keyed by field.
    """
    owner = customer_locked(customer.pk)
    own_at("contact_point", contact_point, customer=owner)
    if contact_point is not None and KIND_OF_CHANNEL.get(channel) != contact_point.kind:
        raise ValidationError({"contact_point": "It can't be used by this channel."})
    now = timezone.now()
    consent = Consent(
        customer=owner,
        contact_point=contact_point,
        channel=channel,
        purpose=purpose,
        act=act,
        basis=basis,
        evidence=text_at("evidence", evidence, longest=500, required=True),
        captured_at=moment_at("captured_at", captured_at or now, latest=now),
        source_call_id=source_call_id,
        recorded_by=actor,
    )
    _save(consent)
    after = {
        "channel": channel,
        "purpose": purpose,
        "basis": basis,
        "contact_point": consent.contact_point_id,
    }
    _record(consent, owner, f"consent_{act}", source, actor, after=after)
    return consent


@transaction.atomic
def hold_set(
    *,
    customer: Customer,
    kind: str,
    evidence: str,
    invoice: Invoice | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    source_call_id: UUID | None = None,
    source: str,
    actor: User | None = None,
) -> Hold:
    """Forbid contact about one invoice or all, from `starts_at` (now) to `ends_at` or until it is lifted.

    Raises ValidationError keyed by field.
    """
    owner = customer_locked(customer.pk)
    own_at("invoice", invoice, customer=owner)
    starts = moment_at("starts_at", starts_at or timezone.now())
    hold = Hold(
        customer=owner,
        invoice=invoice,
        kind=kind,
        starts_at=starts,
        ends_at=ends_at and moment_at("ends_at", ends_at, earliest=max(starts, timezone.now())),
        evidence=text_at("evidence", evidence, longest=500, required=True),
        source_call_id=source_call_id,
        set_by=actor,
    )
    _save(hold)
    after = {
        "kind": kind,
        "invoice": hold.invoice_id,
        "starts_at": starts.isoformat(),
        "ends_at": hold.ends_at and hold.ends_at.isoformat(),
    }
    _record(hold, owner, "hold_set", source, actor, after=after, reason=hold.evidence)
    return hold


@transaction.atomic
def hold_lift(*, hold: Hold, reason: str, source: str, actor: User | None = None) -> Hold:
    """End a hold now. Raises ValidationError without a reason, or if it was lifted already."""
    why = text_at("reason", reason, longest=300, required=True)
    owner = customer_locked(hold.customer_id)
    standing = Hold.objects.filter(pk=hold.pk, lifted_at=None)
    changed_one(standing.update(lifted_at=timezone.now()), "hold", "This hold was lifted already.")
    after = {"kind": hold.kind, "invoice": hold.invoice_id}
    _record(hold, owner, "hold_lifted", source, actor, after=after, reason=why)
    hold.refresh_from_db()
    return hold


@transaction.atomic
def wish_record(
    *,
    customer: Customer,
    kind: str,
    said: str,
    place: str = "",
    contact_point: ContactPoint | None = None,
    channel: str = "",
    time_from: time | None = None,
    time_until: time | None = None,
    weekdays: Sequence[int] = (),
    not_before: datetime | None = None,
    source_call_id: UUID | None = None,
    source: str,
    actor: User | None = None,
) -> Wish:
    """Write down what a customer asked for, in their own words and in the fields of its kind (FIELDS_OF_WISH).

    `weekdays` are 0 (Monday) to 6. Raises ValidationError keyed by field.
    """
    owner = customer_locked(customer.pk)
    own_at("contact_point", contact_point, customer=owner)
    given: dict[str, Any] = {
        "place": place,
        "contact_point": contact_point,
        "channel": channel,
        "time_from": time_from,
        "time_until": time_until,
        "weekdays": list(weekdays),
        "not_before": not_before,
    }
    _wish_check(kind, given)
    wish = Wish(
        customer=owner,
        kind=kind,
        said=text_at("said", said, longest=300, required=True),
        source_call_id=source_call_id,
        **given,
    )
    _save(wish)
    after = {name: _plain(value) for name, value in given.items() if value not in (None, "", [])}
    _record(wish, owner, "wish_recorded", source, actor, after={"kind": kind, **after}, reason=wish.said)
    return wish


def _wish_check(kind: str, given: dict[str, Any]) -> None:
    fields = FIELDS_OF_WISH.get(kind)
    if fields is None:
        raise ValidationError({"kind": "That is no kind of wish."})
    said = {name for name, value in given.items() if value not in (None, "", [])}
    if strange := said - set(fields):
        raise ValidationError(dict.fromkeys(strange, "A wish of this kind does not say that."))
    if not said:
        raise ValidationError({fields[0]: "This field is required."})
    begins, ends = given["time_from"], given["time_until"]
    if begins and ends and ends <= begins:
        raise ValidationError({"time_until": "It ends before it begins."})
    days = given["weekdays"]
    if any(type(day) is not int or not 0 <= day <= 6 for day in days) or len(set(days)) != len(days):
        raise ValidationError({"weekdays": "Days are 0 (Monday) to 6 (Sunday), each once."})
    if given["not_before"]:
        moment_at("not_before", given["not_before"], earliest=timezone.now())
    point = given["contact_point"]
    if point is not None and point.kind != ContactPoint.Kind.PHONE:
        raise ValidationError({"contact_point": "That is not a telephone number."})


def _plain(value: Any) -> Any:
    """As JSON holds it."""
    if isinstance(value, Model):
        return value.pk
    return value.isoformat() if isinstance(value, (datetime, time)) else value


@transaction.atomic
def wish_withdraw(*, wish: Wish, reason: str, source: str, actor: User | None = None) -> Wish:
    """The customer no longer asks for it. Raises ValidationError without a reason, or if it was withdrawn already."""
    why = text_at("reason", reason, longest=300, required=True)
    owner = customer_locked(wish.customer_id)
    standing = Wish.objects.filter(pk=wish.pk, withdrawn_at=None)
    changed_one(standing.update(withdrawn_at=timezone.now()), "wish", "This wish was withdrawn already.")
    _record(wish, owner, "wish_withdrawn", source, actor, after={"kind": wish.kind}, reason=why)
    wish.refresh_from_db()
    return wish


@transaction.atomic
def contact_record(
    *,
    customer: Customer,
    direction: str,
    outcome: str,
    channel: str = Channel.VOICE,
    at: datetime | None = None,
    contact_point: ContactPoint | None = None,
    invoices: Sequence[Invoice] = (),
    note: str = "",
    source: str,
    actor: User | None = None,
) -> Contact:
    """Write down a contact made by hand or begun by the customer; without `invoices` about all that is owed.

    Raises ValidationError keyed by field.
    """
    owner = customer_locked(customer.pk)
    own_at("contact_point", contact_point, customer=owner)
    for invoice in invoices:
        own_at("invoices", invoice, customer=owner)
    now = timezone.now()
    contact = Contact(
        customer=owner,
        contact_point=contact_point,
        channel=channel,
        direction=direction,
        outcome=outcome,
        at=moment_at("at", at or now, latest=now),
        note=text_at("note", note, longest=500),
        made_by=actor,
    )
    _save(contact)
    contact.invoices.set(invoices)
    after = {"direction": direction, "outcome": outcome, "invoices": [invoice.pk for invoice in invoices]}
    _record(contact, owner, "contact_recorded", source, actor, after=after)
    return contact


@transaction.atomic
def note_add(
    *, customer: Customer, text: str, invoice: Invoice | None = None, source: str, actor: User | None = None
) -> Note:
    """Write something down about a customer or one of the invoices. Raises ValidationError keyed by field."""
    owner = customer_locked(customer.pk)
    own_at("invoice", invoice, customer=owner)
    note = Note(
        customer=owner,
        invoice=invoice,
        text=text_at("text", text, longest=2000, required=True),
        author=actor,
    )
    _save(note)
    _record(note, owner, "note_added", source, actor, after={"invoice": note.invoice_id})
    return note


def _save(row: Model) -> None:
    row_check(row, known=CHECKED)
    row.save()


def _record(
    row: Model,
    customer: Customer,
    kind: str,
    source: str,
    actor: User | None,
    *,
    after: dict[str, Any],
    reason: str = "",
) -> None:
    event_record(
        object_type=row._meta.model_name or "",
        object_id=row.pk,
        kind=kind,
        source=source,
        actor=actor,
        customer_id=customer.pk,
        after=after,
        reason=reason,
    )
