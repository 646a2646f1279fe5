"""Bad input refused at its field, before anything is written."""

from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError

from invoices.money import amount_clean

# Days outside are slips of the keyboard, not business.
EARLIEST, LATEST = date(1990, 1, 1), date(2100, 1, 1)


def amount_at(name: str, amount: Decimal | str, *, currency: str, zero: bool = False) -> Decimal:
    """`amount_clean`, its refusal keyed by the field `name`, or by `currency` where that is wrong."""
    try:
        return amount_clean(amount, currency=currency, zero=zero)
    except ValidationError as error:
        raise ValidationError({"currency" if error.code == "currency" else name: error.messages}) from None


def date_at(name: str, day: date, *, earliest: date = EARLIEST, latest: date = LATEST) -> date:
    """`day`, where it lies from `earliest` to `latest`."""
    if day < earliest:
        raise ValidationError({name: f"The day can't be before {earliest:%d %B %Y}."})
    if day > latest:
        raise ValidationError({name: f"The day can't be after {latest:%d %B %Y}."})
    return day


def text_at(name: str, text: str, *, longest: int, required: bool = False) -> str:
    """`text` without white space around it, where the database can hold it."""
    stripped = text.strip()
    if "\0" in stripped:
        raise ValidationError({name: "Null characters are not allowed."})
    if len(stripped) > longest:
        raise ValidationError({name: f"At most {longest} characters."})
    if required and not stripped:
        raise ValidationError({name: "Say why." if name == "reason" else "This field is required."})
    return stripped
