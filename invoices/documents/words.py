"""How a customer reads and writes: labels, dates, amounts and numbers of one locale."""

from datetime import date
from decimal import Decimal
from functools import lru_cache

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_date, get_month_names
from babel.numbers import format_decimal, format_percent

from invoices.documents.fonts import can_show
from invoices.documents.labels import LABELS
from invoices.money import amount_text

FALLBACK = "en_US"


class Words:
    """The words of one locale. One that is unknown, runs from right to left, or has letters that the font lacks is
    read in English: a document is in one language and in one direction."""

    def __init__(self, locale: str) -> None:
        self.locale = _readable(locale)
        self.language = self.locale.split("_")[0]
        self._labels = LABELS.get(self.language, LABELS["en"])

    def label(self, key: str, /, **parts: str) -> str:
        return self._labels[key].format(**parts).strip()

    def day(self, on: date) -> str:
        """In the language of the labels."""
        locale = self.locale if self.language in LABELS else FALLBACK
        return str(format_date(on, "long", locale=locale))

    def short_day(self, on: date) -> str:
        """As short as it is clear: “24 Nov 2026”."""
        locale = self.locale if self.language in LABELS else FALLBACK
        return str(format_date(on, "medium", locale=locale))

    def amount(self, amount: Decimal, currency: str) -> str:
        return amount_text(amount, currency, self.locale)

    def number(self, number: Decimal) -> str:
        return str(format_decimal(number, format="#,##0.####", locale=self.locale))

    def percent(self, rate: Decimal) -> str:
        """`rate` is in percent."""
        pattern = Locale.parse(self.locale).percent_formats[None].pattern.replace("0", "0.###")
        return str(format_percent(rate / 100, format=pattern, locale=self.locale))


@lru_cache(maxsize=64)
def _readable(locale: str) -> str:
    try:
        known = Locale.parse(locale)
    except (UnknownLocaleError, ValueError, TypeError):
        return FALLBACK
    sample = "".join(get_month_names("wide", locale=known).values())
    sample += amount_text(Decimal("-1234.56"), "USD", str(known))
    if known.text_direction != "ltr" or not can_show(sample):
        return FALLBACK
    return str(known)
