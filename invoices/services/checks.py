"""What the services of parties check alike: whose turn it is, whose rows they are, what a column can hold."""

from collections.abc import Collection
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils import timezone

from invoices.models import ContactPoint, Customer, Invoice


def customer_locked(customer_id: int) -> Customer:
    """The customer's row under lock until the transaction ends: acts on one customer take turns."""
    return Customer.objects.select_for_update().get(pk=customer_id)


def own_at(name: str, row: ContactPoint | Invoice | None, *, customer: Customer) -> None:
    """Raise ValidationError keyed by `name` for a row of another customer."""
    if row is not None and row.customer_id != customer.pk:
        raise ValidationError({name: f"It does not belong to {customer.name}."})


def moment_at(
    name: str, at: datetime, *, earliest: datetime | None = None, latest: datetime | None = None
) -> datetime:
    """`at`, where it is aware, after `earliest` and not after `latest`."""
    if timezone.is_naive(at):
        raise ValidationError({name: "Say in which time zone that is."})
    if earliest is not None and at <= earliest:
        raise ValidationError({name: "That time has passed."})
    if latest is not None and at > latest:
        raise ValidationError({name: "That time has not come yet."})
    return at


def row_check(row: Model, *, known: Collection[str] = ()) -> None:
    """Raise ValidationError keyed by field for what the row's columns can't hold.

    References in `known` have been checked and are not looked up again.
    """
    texts = {field.name: getattr(row, field.attname) for field in row._meta.concrete_fields}
    spoilt = [name for name, text in texts.items() if isinstance(text, str) and "\0" in text]
    if spoilt:
        raise ValidationError(dict.fromkeys(spoilt, "Null characters are not allowed."))
    row.full_clean(exclude=set(known))


def changed_one(count: int, name: str, refusal: str) -> None:
    """Raise ValidationError keyed by `name` unless a conditional UPDATE has changed its one row."""
    if count != 1:
        raise ValidationError({name: refusal})
