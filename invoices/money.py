"""Amounts: Decimal with an ISO 4217 currency, exact to that currency's minor unit."""

from decimal import Decimal, InvalidOperation

from babel.core import UnknownLocaleError
from babel.numbers import format_currency, get_currency_precision, is_currency
from django.core.exceptions import ValidationError

LARGEST = Decimal("99999999999.9999")


def currency_validate(value: str) -> None:
    """Raise ValidationError unless `value` is an ISO 4217 code in capitals."""
    if len(value) != 3 or not value.isascii() or not value.isupper() or not is_currency(value):
        raise ValidationError(f"“{value}” is not an ISO 4217 currency code such as USD.", code="currency")


def amount_clean(amount: Decimal | str, *, currency: str) -> Decimal:
    """Return `amount` as a positive Decimal with exactly the currency's decimals.

    Raises ValidationError for what is no finite number, not positive, too large, or finer than the minor unit
    (JPY 1.5, BHD 1.0001).
    """
    currency_validate(currency)
    try:
        value = Decimal(amount)
    except (InvalidOperation, TypeError, ValueError):
        raise ValidationError("Enter a number.", code="invalid") from None
    if not value.is_finite() or value <= 0:
        raise ValidationError("Enter an amount above zero.", code="positive")
    if value > LARGEST:
        raise ValidationError("That amount is too large.", code="too_large")
    decimals = get_currency_precision(currency)
    exact = value.quantize(Decimal(1).scaleb(-decimals))
    if exact != value:
        raise ValidationError(f"{currency} amounts have {decimals} decimals at most.", code="precision")
    return exact


def amount_text(amount: Decimal, currency: str, locale: str = "en_US") -> str:
    """The amount as people of `locale` write it: “$1,234.50”."""
    try:
        return format_currency(amount, currency, locale=locale)
    except (UnknownLocaleError, ValueError):
        return format_currency(amount, currency, locale="en_US")


def amount_exact(amount: Decimal, currency: str) -> Decimal:
    """A stored amount with its currency's own number of decimals."""
    return amount.quantize(Decimal(1).scaleb(-get_currency_precision(currency)))
