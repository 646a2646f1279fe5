"""What a cell means: widgets for the columns of django-import-export.

`clean(value, row, rules=Rules)` answers the value, None for an empty cell, or raises ValueError with the reason for
whoever sent the file. Whether the value is allowed is for the services to say.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, ClassVar

import phonenumbers
from import_export.widgets import Widget

from invoices.files.escaping import restore
from invoices.files.reading import Cell, Unreadable

# “4.9E+11”: what Excel writes into a CSV for a long number.
SHORTENED = re.compile(r"[+-]?\d([.,]\d+)?E\+?\d+", re.ASCII)
# Days that Excel counts from 1900: 1990 to 2100.
SERIALS = range(32874, 73051)
EPOCH = date(1899, 12, 30)
PLAIN = re.compile(r"[+-]?\d+", re.ASCII)
GROUPED = {
    mark: re.compile(rf"[+-]?[1-9]\d{{0,2}}(?:{re.escape(group)}\d{{3}})+(?:{re.escape(mark)}\d+)?", re.ASCII)
    for mark, group in ((".", ","), (",", "."))
}
SIMPLE = {mark: re.compile(rf"[+-]?\d+{re.escape(mark)}\d+", re.ASCII) for mark in ".,"}
# One mark and three digits behind it: thousands, or thousandths.
EITHER_WAY = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)


@dataclass(frozen=True)
class Rules:
    """How whoever sent the file writes amounts and days; values of ImportRun.DecimalMark and DayOrder."""

    decimal_mark: str = "auto"
    day_order: str = "iso"


def cell_text(value: Cell) -> str:
    """A cell as text, as a person would have typed it."""
    if isinstance(value, Unreadable):
        raise ValueError(value.reason)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        # Excel keeps fifteen digits, and shows no more.
        return str(int(value)) if value.is_integer() else f"{value:.15g}"
    if isinstance(value, (datetime, date, time)):
        raise ValueError(
            "The spreadsheet has made a date of it. Format the column as text and enter it again."
        )
    return restore(str(value)).strip()


class TextCell(Widget):
    """Free text."""

    kind: ClassVar[str] = "text"

    def clean(self, value: Cell, row: Any = None, *, rules: Rules = Rules(), **kwargs: Any) -> Any:
        text = cell_text(value)
        return self.understood(text, row, rules) if text else None

    def understood(self, text: str, row: Any, rules: Rules) -> Any:
        return text


class CodeCell(TextCell):
    """A number that names something: leading zeros count, and a shortened one is lost."""

    def understood(self, text: str, row: Any, rules: Rules) -> Any:
        if SHORTENED.fullmatch(text):
            raise ValueError(
                f"The spreadsheet has shortened it to {text}; its digits are lost. "
                "Format the column as text and enter it again."
            )
        return text


class PhoneCell(CodeCell):
    """A telephone number with its country, or as it is written in the country that the row names; answers E.164."""

    def understood(self, text: str, row: Any, rules: Rules) -> Any:
        super().understood(text, row, rules)
        try:
            number = phonenumbers.parse(text, cell_text(row.get("country")).upper() or None)
        except (phonenumbers.NumberParseException, ValueError):
            number = None
        if number is None or not phonenumbers.is_valid_number(number) or number.extension:
            raise ValueError(f"“{text}” is no telephone number with its country, such as +12135550101.")
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


class ChoiceCell(TextCell):
    """One of `choices`, by its value or its label, in any case."""

    def __init__(self, choices: list[tuple[str, str]]) -> None:
        super().__init__()
        self._values = {name.lower(): value for value, label in choices for name in (value, label)}
        self._shown = ", ".join(value for value, _ in choices)

    def understood(self, text: str, row: Any, rules: Rules) -> Any:
        if text.lower() not in self._values:
            raise ValueError(f"“{text}” is none of {self._shown}.")
        return self._values[text.lower()]


class WholeCell(TextCell):
    def understood(self, text: str, row: Any, rules: Rules) -> Any:
        if not PLAIN.fullmatch(text) or len(text) > 9:
            raise ValueError(f"“{text}” is no whole number.")
        return int(text)


class SwitchCell(TextCell):
    def understood(self, text: str, row: Any, rules: Rules) -> Any:
        known = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
        if text.lower() not in known:
            raise ValueError(f"“{text}” is neither yes nor no.")
        return known[text.lower()]


class DayCell(TextCell):
    """A day: of the spreadsheet, ISO 8601, Excel's count of days, or in the order that the rules name."""

    def clean(self, value: Cell, row: Any = None, *, rules: Rules = Rules(), **kwargs: Any) -> Any:
        if isinstance(value, datetime):
            return value.date()
        return value if isinstance(value, date) else super().clean(value, row, rules=rules)

    def understood(self, text: str, row: Any, rules: Rules) -> Any:
        if PLAIN.fullmatch(text) and len(text) == 5 and int(text) in SERIALS:
            return EPOCH + timedelta(days=int(text))
        iso = re.fullmatch(r"(\d{4})-(\d\d?)-(\d\d?)(?:[T ]00:00(?::00)?)?", text, re.ASCII)
        if iso:
            return self._day(text, *map(int, iso.groups()))
        other = re.fullmatch(r"(\d\d?)([./-])(\d\d?)\2(\d{4})", text, re.ASCII)
        if other is None:
            raise ValueError(f"“{text}” is no day such as 2026-03-31.")
        first, second, year = int(other[1]), int(other[3]), int(other[4])
        if rules.day_order == "iso":
            raise ValueError(
                f"“{text}”: say above whether the day or the month comes first, or write 2026-03-31."
            )
        day, month = (first, second) if rules.day_order == "day" else (second, first)
        return self._day(text, year, month, day)

    @staticmethod
    def _day(text: str, year: int, month: int, day: int) -> date:
        try:
            return date(year, month, day)
        except ValueError:
            raise ValueError(f"“{text}” is no day of the calendar.") from None


class AmountCell(TextCell):
    """An amount or a quantity as Decimal, exact. The decimal mark is the one that the rules name."""

    def clean(self, value: Cell, row: Any = None, *, rules: Rules = Rules(), **kwargs: Any) -> Any:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            # A number in itself: nothing is left to read.
            return Decimal(f"{value:.15g}")
        return super().clean(value, row, rules=rules)

    def understood(self, text: str, row: Any, rules: Rules) -> Any:
        return amount_read(text, rules.decimal_mark)


def amount_read(text: str, decimal_mark: str) -> Decimal:
    """“1.234,56” as a Decimal by the rule `decimal_mark`. Raises ValueError for what has another or no meaning."""
    digits = re.sub("[ \u00a0\u202f'’](?=\\d{3}(?:\\D|$))", "", text)
    if SHORTENED.fullmatch(digits):
        raise ValueError(f"The spreadsheet has shortened it to {text}. Format the column as a number.")
    if PLAIN.fullmatch(digits):
        return Decimal(digits)
    marks = {"point": ".", "comma": ","}.get(decimal_mark, ".,")
    if len(marks) > 1 and EITHER_WAY.fullmatch(digits):
        raise ValueError(f"“{text}” can be read in two ways. Say above which decimal mark the file has.")
    for mark in marks:
        if SIMPLE[mark].fullmatch(digits) or GROUPED[mark].fullmatch(digits):
            group = "," if mark == "." else "."
            return Decimal(digits.replace(group, "").replace(mark, "."))
    raise ValueError(
        f"“{text}” is no amount"
        + (f" with a decimal {decimal_mark}." if len(marks) == 1 else " without currency, such as 1234.56.")
    )
