"""Amounts of money in plain English, written ("$120.50") or spoken ("one hundred twenty dollars and fifty
cents")."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from .brain_words import SMALL, Words, cardinal_at, contains_any, negated, ordinal_at, split, word_at
from .spoken import MONTHS

UNITS = {
    "dollar",
    "dollars",
    "buck",
    "bucks",
    "pound",
    "pounds",
    "quid",
    "euro",
    "euros",
    "usd",
    "gbp",
    "eur",
    "aud",
}
CENTS = {"cent", "cents", "pence", "penny", "pennies", "p"}
SIGNS = {"$", "£", "€"}
PAYING = {"pay", "paying", "afford", "manage", "send", "do", "transfer"}
ALL_OF_IT = (
    "in full",
    "full amount",
    "full balance",
    "whole amount",
    "whole thing",
    "whole lot",
    "whole balance",
    "entire amount",
    "entire balance",
    "entire thing",
    "all of it",
    "it all",
    "pay all",
    "everything",
    "the balance",
    "the total",
)
# A bare number behind "pay" is no amount when one of these follows: "pay 4 december", "pay two weeks from
# now".
_NOT_MONEY = {
    "day",
    "days",
    "week",
    "weeks",
    "month",
    "months",
    "payments",
    "parts",
    "instalments",
    "installments",
}


def amounts(text: str) -> list[Decimal]:
    """Every amount named, in order, in units with two decimals."""
    return [amount for amount, _, _ in _found(split(text))]


def amount_said(text: str) -> Decimal | None:
    """The amount a speaker settles on: the last one not behind a "not"."""
    words = split(text)
    standing, since = None, 0
    for amount, at, after in _found(words):
        if not negated(words, at, since):
            standing = amount
        since = after
    return standing


def says_in_full(text: str) -> bool:
    return contains_any(split(text), ALL_OF_IT)


def _found(words: Words) -> Iterator[tuple[Decimal, int, int]]:
    """Every amount with the place of its first word and the place after it."""
    at = 0
    while at < len(words):
        found = _amount_at(words, at)
        if found is None:
            at += 1
            continue
        amount, after = found
        yield amount.quantize(Decimal("0.01"), ROUND_HALF_UP), at, after
        at = after


def _amount_at(words: Words, at: int) -> tuple[Decimal, int] | None:
    if word_at(words, at) in SIGNS:
        number = _decimal_at(words, at + 1)
        return None if number is None else _with_cents(words, number[0], _behind_unit(words, number[1]))
    number = _decimal_at(words, at)
    if number is None:
        return None
    value, after = number
    if word_at(words, after) in UNITS:
        return _with_cents(words, value, after + 1)
    if word_at(words, after) in CENTS:
        return value / 100, after + 1
    if value != value.to_integral_value() or _is_paid(words, at, after):
        return value, after
    return None


def _behind_unit(words: Words, at: int) -> int:
    return at + 1 if word_at(words, at) in UNITS else at


def _is_paid(words: Words, at: int, after: int) -> bool:
    """A bare number is an amount where one is paid, or when it is all that is said: "I can pay fifty on Friday"."""
    if after - at == len(words):
        return ordinal_at(words, at) is None
    if word_at(words, at - 1) not in PAYING or ordinal_at(words, at) is not None:
        return False
    following = word_at(words, after)
    return following not in _NOT_MONEY and following not in MONTHS and following != "of"


def _with_cents(words: Words, value: Decimal, at: int) -> tuple[Decimal, int]:
    """Adds "and fifty cents", "and fifty" or "fifty" behind whole units; a number that begins a date is
    left alone."""
    if value != value.to_integral_value():
        return value, at
    joined = word_at(words, at) == "and"
    number = cardinal_at(words, at + joined)
    if number is None or number[0] > 99 or ordinal_at(words, at + joined) is not None:
        return value, at
    cents, after = number
    following = word_at(words, after)
    if following in CENTS:
        return value + Decimal(cents) / 100, after + 1
    if following in UNITS or following in _NOT_MONEY or following in MONTHS or following == "of":
        return value, at
    return value + Decimal(cents) / 100, after


def _decimal_at(words: Words, at: int) -> tuple[Decimal, int] | None:
    """A number with or without decimals: "1,204.50", "twelve hundred", "one hundred twenty point five"."""
    word = word_at(words, at)
    if "." in word:
        try:
            return Decimal(word.replace(",", "")), at + 1
        except InvalidOperation:
            return None
    whole = cardinal_at(words, at)
    if whole is None:
        return None
    value, after = whole
    if word_at(words, after) != "point":
        return Decimal(value), after
    decimals = ""
    while word_at(words, after + 1 + len(decimals)) in SMALL and len(decimals) < 2:
        decimals += str(SMALL[words[after + 1 + len(decimals)]])
    return (
        (Decimal(f"{value}.{decimals}"), after + 1 + len(decimals)) if decimals else (Decimal(value), after)
    )
