"""What each rule of the house may be. A cleaner gets the field's name and a value, and answers what the column holds.

Raises ValidationError keyed by that name. Nothing here can be looser than the law: the hours lie within those of the
strictest federal rule, and no count goes past the largest that a rule of law allows.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError

from calls.house_talk_fields import (
    callback_number_at,
    instructions_at,
    name_at,
    opening_lines_at,
    tts_voice_at,
)
from calls.models import HouseRules
from calls.policy.packs import atlas
from invoices.addresses import phone_at
from invoices.fields import text_at
from invoices.models.parties import time_zone_validate
from invoices.money import LARGEST, minor_units

# 12 CFR 1006.6(b)(1)(i); 47 CFR 64.1200(c)(1).
EARLIEST, LATEST = time(8), time(21)
MOST_HOLIDAYS = 400
CONFIRMATION_LONGEST = 100

Cleaner = Callable[[str, Any], Any]


@cache
def countries_open() -> dict[str, str]:
    """ISO code to name, of every country whose pack lets somebody be rung."""
    packs = [pack for pack in atlas().packs.values() if pack.blocks != "everybody"]
    return {region: pack.name for pack in packs for region in pack.regions}


@cache
def confirmations_known() -> dict[str, str]:
    """What places demand of the owner, by name: {"texas_permit": "the number of the permit for …"}."""
    return {name: what for pack in atlas().packs.values() for name, what in pack.confirm.items()}


def confirmations_at(given: Mapping[str, str], before: Mapping[str, str]) -> dict[str, str]:
    """`before` with what is given; empty text takes one back."""
    if unknown := set(given) - set(confirmations_known()):
        raise ValidationError(dict.fromkeys(unknown, "No place demands that."))
    longest = CONFIRMATION_LONGEST
    texts = {name: text_at(name, text, longest=longest) for name, text in given.items()}
    return {name: text for name, text in {**before, **texts}.items() if text}


def _hour(name: str, value: Any) -> time:
    try:
        hour = value if isinstance(value, time) else time.fromisoformat(str(value))
    except ValueError:
        raise ValidationError({name: "Enter an hour, such as 09:00."}) from None
    if hour.tzinfo is not None or hour.second or hour.microsecond:
        raise ValidationError({name: "Enter an hour and minutes, by the customer's clock."})
    if not EARLIEST <= hour <= LATEST:
        raise ValidationError(
            {name: f"The law lets us ring from {EARLIEST:%H:%M} to {LATEST:%H:%M}; choose an hour within."}
        )
    return hour


def _office_hour(name: str, value: Any) -> time:
    """An hour of the house's own clock: the law binds when we ring, not when we can be spoken to."""
    try:
        return (value if isinstance(value, time) else time.fromisoformat(str(value))).replace(tzinfo=None)
    except ValueError:
        raise ValidationError({name: "Enter an hour, such as 09:00."}) from None


def _zone(name: str, value: Any) -> str:
    try:
        time_zone_validate(str(value))
    except ValidationError as error:
        raise ValidationError({name: error.messages}) from None
    return str(value)


def _own_number(name: str, value: Any) -> str:
    """A number of the house, or none. 47 CFR 64.1200(b)(2): never the one that calls are placed from."""
    number = phone_at(name, value) if str(value).strip() else ""
    if number and number == settings.TWILIO_PHONE_NUMBER:
        raise ValidationError({name: "That is the number that calls are placed from; nobody answers it."})
    return number


def _between(least: int, most: int) -> Cleaner:
    def clean(name: str, value: Any) -> int:
        try:
            number = int(str(value))
        except ValueError:
            raise ValidationError({name: "Enter a whole number."}) from None
        if not least <= number <= most:
            raise ValidationError({name: f"It can be {least} to {most}."})
        return number

    return clean


def _switch(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValidationError({name: "Say yes or no."})
    return value


def _amount(name: str, value: Any) -> Decimal:
    """Zero or more, with four decimals at most."""
    try:
        amount = Decimal(str(value).strip())
    except InvalidOperation:
        raise ValidationError({name: "Enter a number."}) from None
    if not amount.is_finite() or amount < 0:
        raise ValidationError({name: "Enter zero or more."})
    if amount > LARGEST:
        raise ValidationError({name: "That amount is too large."})
    if amount != round(amount, 4):
        raise ValidationError({name: "Four decimals at most."})
    return amount


def _budget(name: str, value: Any) -> Decimal | None:
    return None if value is None or value == "" else _amount(name, value)


def _per_second(name: str, value: Any) -> Decimal | None:
    """More than zero, up to what the installation allows; None for just that."""
    if value is None or value == "":
        return None
    number = _amount(name, value)
    if number <= 0 or number != round(number, 2):
        raise ValidationError({name: "Enter a number above zero, with two decimals at most."})
    if number > Decimal(str(settings.CALLS_PER_SECOND)):
        raise ValidationError({name: f"The installation allows {settings.CALLS_PER_SECOND:g} at most."})
    return number


def _at_once(name: str, value: Any) -> int | None:
    """1 up to what the agents can hold; None for just that."""
    if value is None or value == "":
        return None
    return int(_between(1, max(1, settings.CALLS_AT_ONCE))(name, value))


def _currency(name: str, value: Any) -> str:
    try:
        minor_units(str(value))
    except ValidationError as error:
        raise ValidationError({name: error.messages}) from None
    return str(value)


def _mode(name: str, value: Any) -> str:
    if value not in HouseRules.Mode.values:
        raise ValidationError({name: "Choose one of the two."})
    return str(value)


def _legal_name(name: str, value: Any) -> str:
    return text_at(name, str(value), longest=200)


def _holidays(name: str, value: Iterable[Any]) -> list[str]:
    """Days, or their ISO texts; in order, each once."""
    days = {_day(name, each) for each in value}
    if len(days) > MOST_HOLIDAYS:
        raise ValidationError({name: f"At most {MOST_HOLIDAYS} days."})
    return [day.isoformat() for day in sorted(days)]


def _day(name: str, value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ValidationError({name: f"“{str(value)[:30]}” is no date such as 2026-12-25."}) from None


def _countries(name: str, value: Iterable[Any]) -> list[str]:
    """Codes that we know the law of, in the order of places.toml; none of them: nobody is rung."""
    chosen = {str(each) for each in value}
    if unknown := chosen - set(countries_open()):
        raise ValidationError({name: f"Not supported: {', '.join(sorted(each[:10] for each in unknown))}."})
    return [code for code in countries_open() if code in chosen]


CLEANERS: dict[str, Cleaner] = {
    "legal_name": _legal_name,
    "mode": _mode,
    "hours_from": _hour,
    "hours_until": _hour,
    "keeps_holidays": _switch,
    "holidays": _holidays,
    "calls_per_person": _between(1, 7),
    "days_between": _between(0, 31),
    "most_attempts": _between(1, 50),
    "retries": _between(0, 10),
    "retry_after_days": _between(1, 31),
    "tolerance": _amount,
    "countries": _countries,
    "daily_budget": _budget,
    "budget_currency": _currency,
    "cost_per_minute": _amount,
    "models_budget": _budget,
    "models_cost_per_minute": _amount,
    "most_calls_per_second": _per_second,
    "most_calls_at_once": _at_once,
    "agent_voice_name": name_at,
    "tts_voice": tts_voice_at,
    "opening_lines": opening_lines_at,
    "callback_number": callback_number_at,
    "payment_instructions": instructions_at,
    "promise_within_days": _between(1, 180),
    "plan_most_instalments": _between(2, 60),
    "plan_longest_days": _between(7, 1830),
    "plan_least_instalment": _amount,
    "transfer_number": _own_number,
    "transfer_from": _office_hour,
    "transfer_until": _office_hour,
    "transfer_zone": _zone,
    "announcement_fallback": _switch,
}
