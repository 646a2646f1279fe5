"""Columns and filters that several lists and panels share."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format

from invoices.admin.panels import Column, row_link
from invoices.models import Invoice

MOST_CURRENCIES = 12


def moment(at: Any) -> str:
    return date_format(at, "j M Y, H:i") if at else ""


def day(on: Any) -> str:
    return date_format(on, "j M Y") if on else ""


def itself(label: str) -> Column:
    """The row by its own name, leading to its page."""
    return Column(label, row_link)


AMOUNT = Column("Amount", lambda row: row.amount_text, number=True)
STATUS = Column("Status", lambda row: row.get_status_display())


class CurrencyFilter(admin.SimpleListFilter):
    """The currencies that invoices are open in, found by hops along the index, not by reading all rows."""

    title = "currency"
    parameter_name = "currency"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        found: list[str] = []
        rows = Invoice.objects.filter(status=Invoice.Status.OPEN).order_by("currency")
        while len(found) < MOST_CURRENCIES:
            later = rows.filter(currency__gt=found[-1] if found else "").values_list("currency", flat=True)[
                :1
            ]
            if not later:
                break
            found.append(later[0])
        return [(currency, currency) for currency in found]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(currency=self.value()) if self.value() else queryset
