"""Amounts: Decimal with an ISO 4217 currency, exact to that currency's minor unit."""

import re
from copy import copy
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from babel.core import Locale, UnknownLocaleError
from django.core.exceptions import ValidationError
from iso4217 import Currency

LARGEST = Decimal("99999999999.9999")


def minor_units(currency: str) -> int:
    """Decimals of the currency in ISO 4217: 2 for USD, 0 for JPY, 3 for BHD. Raises ValidationError."""
    try:
        decimals = Currency(currency).exponent
    except ValueError:
        decimals = None
    if decimals is None or not currency.isupper():
        raise ValidationError(f"“{currency}” is not an ISO 4217 currency code such as USD.", code="currency")
    return decimals


def currency_validate(value: str) -> None:
    """Raise ValidationError unless `value` is an ISO 4217 code in capitals."""
    minor_units(value)


def amount_clean(amount: Decimal | str, *, currency: str, zero: bool = False) -> Decimal:
    """Return `amount` as a positive Decimal (or zero, where `zero`) with exactly the currency's decimals.

    Raises ValidationError for what is no finite number, not positive, too large, or finer than the minor unit
    (JPY 1.5, BHD 1.0001).
    """
    decimals = minor_units(currency)
    try:
        value = Decimal(amount)
    except (InvalidOperation, TypeError, ValueError):
        raise ValidationError("Enter a number.", code="invalid") from None
    if not value.is_finite() or value < 0 or (value == 0 and not zero):
        raise ValidationError("Enter an amount above zero.", code="positive")
    if value > LARGEST:
        raise ValidationError("That amount is too large.", code="too_large")
    exact = value.quantize(Decimal(1).scaleb(-decimals))
    if exact != value:
        raise ValidationError(f"{currency} amounts have {decimals} decimals at most.", code="precision")
    return exact


def amount_round(amount: Decimal, currency: str) -> Decimal:
    """A computed amount, such as a tax, rounded half up to the minor unit."""
    return amount.quantize(Decimal(1).scaleb(-minor_units(currency)), ROUND_HALF_UP)


def amount_text(amount: Decimal, currency: str, locale: str = "en_US") -> str:
    """The amount as people of `locale` write it: “$1,234.50”."""
    try:
        known = Locale.parse(locale)
    except (UnknownLocaleError, ValueError):
        known = Locale("en", "US")
    # CLDR rounds some currencies to what is paid in cash; books keep the minor unit of ISO 4217.
    pattern = copy(known.currency_formats["standard"])
    pattern.frac_prec = (minor_units(currency),) * 2
    text = str(pattern.apply(amount, known, currency=currency, currency_digits=False))
    # CLDR's currencySpacing: a symbol of letters stands apart from the digits.
    return re.sub(r"(?<=[A-Za-z])(?=\d)", "\u00a0", text)


def amount_exact(amount: Decimal, currency: str) -> Decimal:
    """A stored amount with its currency's own number of decimals."""
    return amount.quantize(Decimal(1).scaleb(-minor_units(currency)))
