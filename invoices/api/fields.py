"""Fields that the API's serializers share: amounts, moments, rows by their id, and filters of lists."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Model, QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from invoices.api.door import LARGEST_ID
from invoices.money import LARGEST, amount_exact

AMOUNT = r"^[0-9]{1,11}(\.[0-9]{1,4})?$"
# What Decimal reads, in ASCII: a client that sends 1e2 means a hundred.
NUMBER = re.compile(r"[+-]?[0-9]*\.?[0-9]*([eE][+-]?[0-9]{1,3})?\Z")


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string", "pattern": AMOUNT},
            {"type": "number", "minimum": 0, "maximum": float(LARGEST)},
        ],
        "description": "A decimal, best sent as a string. No finer than the currency's minor unit.",
        "example": "120.50",
    }
)
class AmountField(serializers.DecimalField):
    """An amount as it is sent; what the currency makes of it, the service says."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=15, decimal_places=4, **options)

    def to_internal_value(self, data: Any) -> Decimal:
        if isinstance(data, bool) or not isinstance(data, (str, int, float, Decimal)):
            self.fail("invalid")
        if isinstance(data, str) and not NUMBER.match(data.strip()):
            self.fail("invalid")
        return super().to_internal_value(data)


@extend_schema_field({"type": "string", "pattern": r"^-?[0-9]{1,11}(\.[0-9]{1,4})?$", "example": "120.50"})
class MoneyField(serializers.Field[Any, Any, Any, Any]):
    """A stored amount as it reads: a decimal string with the currency's own number of decimals.

    `currency` is the path from the row to its currency.
    """

    def __init__(self, currency: str = "currency", **options: Any) -> None:
        super().__init__(read_only=True, **options)
        self.path = currency

    def get_attribute(self, instance: Any) -> tuple[Decimal, str]:
        currency = instance
        for name in self.path.split("."):
            currency = getattr(currency, name)
        amount: Any = super().get_attribute(instance)
        return Decimal(amount), currency

    def to_representation(self, value: tuple[Decimal, str]) -> str:
        return str(amount_exact(*value))


@extend_schema_field({"type": "integer", "minimum": 1, "maximum": LARGEST_ID})
class RowField(serializers.IntegerField):
    """A row by its id; what comes out is the row."""

    def __init__(self, rows: Callable[[], QuerySet[Any]], **options: Any) -> None:
        super().__init__(min_value=1, max_value=LARGEST_ID, **options)
        self.rows = rows

    def run_validation(self, data: Any = serializers.empty) -> Any:
        pk = super().run_validation(data)
        if not isinstance(pk, int):
            return pk
        row = self.rows().filter(pk=pk).first()
        if row is None:
            raise serializers.ValidationError(f"There is no such {self.rows().model._meta.verbose_name}.")
        return row

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(data)

    def to_representation(self, value: Any) -> int:
        return int(value.pk if isinstance(value, Model) else value)


def choice_or_none(choices: Any) -> serializers.ChoiceField:
    """A stored choice as it reads: empty where nothing was chosen."""
    return serializers.ChoiceField(choices=choices, allow_blank=True, read_only=True)


class ReasonField(serializers.CharField):
    """Why: kept with what was done."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=300, **options)


class WhySerializer(serializers.Serializer[Any]):
    reason = ReasonField(help_text="Kept in the history.")


class _MomentFormField(forms.CharField):
    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            # A plus sign that was not escaped arrives as a space.
            moment = datetime.fromisoformat(text)
            if moment.tzinfo is None:
                raise ValueError
            return moment.astimezone(UTC)
        except (ValueError, OverflowError):
            raise forms.ValidationError(
                "An ISO 8601 date and time with its offset, such as 2026-11-24T09:00:00Z."
            ) from None


@extend_schema_field({"type": "string", "format": "date-time"})
class MomentFilter(filters.Filter):
    """An instant with its offset."""

    field_class = _MomentFormField


def id_filter(**options: Any) -> filters.NumberFilter:
    """Rows of the row with this id."""
    return extend_schema_field({"type": "integer", "minimum": 1, "maximum": LARGEST_ID})(
        filters.NumberFilter(min_value=1, max_value=LARGEST_ID, **options)
    )


class SinceFilter(filters.FilterSet):
    """For whoever reads a list again and again: what is new since then. Order by `id` with it."""

    created_from = MomentFilter(field_name="created_at", lookup_expr="gte")
    created_until = MomentFilter(field_name="created_at", lookup_expr="lt")
