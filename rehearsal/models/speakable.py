"""Written text as words a voice can speak: money, dates, numbers and codes spelt out the way `spoken` says them.

Everything else, punctuation included, is left to the synthesiser.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from . import spoken
from .spoken import MONTHS

CODES = {"$": "USD", "US$": "USD", "A$": "AUD", "AU$": "AUD", "£": "GBP", "€": "EUR"}
LIMIT = 1_000_000
"""Above this no number is spelt out as one; it is read digit by digit."""

_FIGURE = r"(\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d+(?:\.\d{1,2})?)(?![\d.,]*\d)"
_MONTH = r"(" + "|".join(f"{name}|{name[:3]}\\.?" for name in map(str.capitalize, MONTHS)) + r")\b"
_DAY = r"(\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?:,? ((?:19|20)\d\d))?\b"

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]


def speakable(text: str) -> str:
    """*text* with nothing in figures any more: "$120.50" becomes "one hundred and twenty dollars and fifty cents"."""
    for pattern, replace in RULES:
        text = pattern.sub(replace, text)
    return text


def _money(figure: str, code: str) -> str:
    value = Decimal(figure.replace(",", ""))
    return spoken.amount(value, code) if value < LIMIT else f"{spoken.digits(figure)} {spoken.MONEY[code][1]}"


def _date(month: int, day: int, year: str | None) -> str:
    if not 1 <= month <= 12 or not 1 <= day <= 31:
        return " ".join(filter(None, (spoken.digits(f"{month}{day}"), year and spoken.digits(year))))
    words = spoken.month_day(month, day).capitalize()
    return f"{words} {spoken.year(int(year))}" if year else words


def _month(name: str) -> int:
    return next(
        number for number, month in enumerate(MONTHS, 1) if month.startswith(name.lower().rstrip("."))
    )


def _code(match: re.Match[str]) -> str:
    parts = re.findall(r"[A-Za-z]+|\d+", match[0])
    spelt = (spoken.digits(part) if part.isdigit() else " ".join(part.upper()) for part in parts)
    return " ".join(spelt)


def _integer(match: re.Match[str]) -> str:
    figures = match[0].replace(",", "")
    by_digit = len(figures) > 4 and "," not in match[0]
    if by_digit or int(figures) >= LIMIT or (len(figures) > 1 and figures.startswith("0")):
        return spoken.digits(figures)
    return spoken.cardinal(int(figures))


def _rule(pattern: str, replace: Callable[[re.Match[str]], str]) -> Rule:
    return re.compile(pattern), replace


RULES: tuple[Rule, ...] = (
    _rule(r"((?:US|AU|A)?\$|£|€) ?" + _FIGURE, lambda m: _money(m[2], CODES[m[1].upper()])),
    _rule(_FIGURE + r" ?(USD|AUD|GBP|EUR)\b", lambda m: _money(m[1], m[2].upper())),
    _rule(r"\b(USD|AUD|GBP|EUR) ?" + _FIGURE, lambda m: _money(m[2], m[1].upper())),
    _rule(_FIGURE + r" ([Dd]ollars?|[Pp]ounds?|[Ee]uros?)\b",
          lambda m: _money(m[1], {"d": "USD", "p": "GBP", "e": "EUR"}[m[2][0].lower()])),
    _rule(r"\b((?:19|20)\d\d)-(\d\d)-(\d\d)\b", lambda m: _date(int(m[2]), int(m[3]), m[1])),
    _rule(r"\b" + _MONTH + " (?:the )?" + _DAY + _YEAR, lambda m: _date(_month(m[1]), int(m[2]), m[3])),
    _rule(r"\b(?:the )?" + _DAY + " (?:of )?" + _MONTH + _YEAR, lambda m: _date(_month(m[2]), int(m[1]), m[3])),
    _rule(r"\b[A-Z]{1,4}[- ]?\d+(?:[-/]\d+)*\b", _code),
    _rule(r"\b([2-9]|[12]\d|3[01])(?:st|nd|rd|th)\b|\b1st\b", lambda m: spoken.ordinal(int(m[0][:-2]))),
    _rule(r"(?<=number )\d+\b|(?<=nvoice )\d+\b", lambda m: spoken.digits(m[0])),
    _rule(r"(?<![\d.])\d{1,3}(?:,\d{3})+(?![\d.]*\d)|(?<![\d.])\d+(?!\.?\d)", _integer),
    _rule(r"\bMr\.?(?= )", lambda m: "mister"),
    _rule(r"\bMrs\.?(?= )", lambda m: "missus"),
)  # fmt: skip
