"""From what was said to an amount and a day; and back to words that a voice can say."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeVar

from babel.numbers import get_currency_name, get_currency_symbol
from django.core.exceptions import ValidationError

from calls.conversation.common import Refused
from invoices.money import amount_clean

R = TypeVar("R", bound=Refused)

NUMBER = re.compile(r"-?\d+(?:\.\d+)?|-?\.\d+|-?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
# What stands before or after the number: a code, a symbol, a word.
UNIT = r"[^\d\s.,-]*(?:\s+[^\d\s.,-]+)*"
WITH_UNIT = re.compile(rf"(?P<before>{UNIT})\s*(?P<number>-?[\d.,]+)\s*(?P<after>{UNIT})", re.DOTALL)
# Longer texts are no amounts, and cost time to take apart.
LONGEST = 40


def amount_said(amount: str, currency: str, refusal: type[R]) -> Decimal:
    """`amount` ("120.50", "1,234.50", "$120.50", "120.50 USD") exact to the minor unit, or raise `refusal`.

    Another currency is refused; nothing is converted.
    """
    text = amount.strip()[: LONGEST + 1]
    found = WITH_UNIT.fullmatch(text) if len(text) <= LONGEST else None
    number = found["number"] if found else text
    if found:
        units = (found["before"].strip(), found["after"].strip())
        if not all(unit == "" or _is(unit, currency) for unit in units):
            name = _name(currency)
            raise refusal(f"This invoice is in {name}. Please say an amount in {name}.")
        if not NUMBER.fullmatch(number):
            raise refusal("I did not understand that amount. Please say another amount.")
    try:
        return amount_clean(number.replace(",", ""), currency=currency)
    except ValidationError as error:
        raise refusal(f"{error.messages[0]} Please say another amount.") from None


def _is(unit: str, currency: str) -> bool:
    known = {currency, get_currency_symbol(currency, locale="en_US"), *NARROW.get(currency, ())}
    names = {get_currency_name(currency, count=count, locale="en") for count in (1, 2)}
    plain = unit.casefold().strip(".")
    short = {name.split()[-1].casefold() for name in names}
    return plain in {each.casefold() for each in known | names} | short


# The sign that people at home write, where it is another one than in American English.
NARROW = {"AUD": ("$",), "NZD": ("$",), "CAD": ("$",)}


def _name(currency: str) -> str:
    return get_currency_name(currency, count=2, locale="en")


def day_said(day: str, refusal: type[R]) -> date:
    """An ISO 8601 day, or raise `refusal`."""
    try:
        return date.fromisoformat(day.strip())
    except ValueError:
        raise refusal("I did not understand that date. Please say another date.") from None


def day_ahead(day: str, *, today: date, within_days: int, refusal: type[R]) -> date:
    """A day from `today` until `within_days` later, or raise `refusal`."""
    said = day_said(day, refusal)
    if said < today:
        raise refusal("That date is in the past. Please choose another date.")
    if said > today + timedelta(days=within_days):
        raise refusal("That date is too far away. Please choose an earlier date.")
    return said


def day_words(day: date) -> str:
    """“Friday, December 4”."""
    return f"{day:%A}, {day:%B} {day.day}"
