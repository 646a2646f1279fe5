"""Fields of the acts' forms in the admin's dress. What a value may be is decided by the services."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.db.models import Model, QuerySet
from django.utils import timezone
from unfold.widgets import (
    INPUT_CLASSES,
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

INPUT = " ".join(INPUT_CLASSES)
EMPTY = ("", "Choose")


def text(
    label: str,
    *,
    longest: int = 300,
    required: bool = True,
    rows: int = 0,
    help_text: str = "",
    initial: str = "",
) -> forms.CharField:
    widget = UnfoldAdminTextareaWidget(attrs={"rows": rows}) if rows else UnfoldAdminTextInputWidget()
    return forms.CharField(
        label=label,
        max_length=longest,
        required=required,
        widget=widget,
        help_text=help_text,
        initial=initial,
    )


def reason(label: str = "Why", help_text: str = "It stays on the timeline.") -> forms.CharField:
    return text(label, help_text=help_text)


def amount(label: str = "Amount", *, required: bool = True, help_text: str = "") -> forms.CharField:
    """An amount or another number, as it was typed."""
    widget = UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal", "autocomplete": "off"})
    return forms.CharField(label=label, max_length=40, required=required, widget=widget, help_text=help_text)


def day(label: str, *, required: bool = True, today: bool = False, help_text: str = "") -> forms.DateField:
    """A calendar day; `today` fills in this one."""
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        initial=timezone.localdate if today else None,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": INPUT}),
    )


def moment(label: str, *, help_text: str = "") -> forms.DateTimeField:
    """A day and an hour in UTC, or nothing."""
    return forms.DateTimeField(
        label=f"{label} (UTC)",
        required=False,
        help_text=help_text,
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local", "class": INPUT}),
    )


def hour(label: str) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": INPUT}),
    )


def choice(
    label: str,
    choices: Iterable[tuple[Any, Any]],
    *,
    required: bool = True,
    initial: str = "",
    help_text: str = "",
) -> forms.ChoiceField:
    offered = [(value, name) for value, name in choices if value != ""]
    return forms.ChoiceField(
        label=label,
        choices=offered if required and initial else [EMPTY, *offered],
        required=required,
        initial=initial,
        help_text=help_text,
        widget=UnfoldAdminSelectWidget,
    )


def several(label: str, choices: Iterable[tuple[Any, Any]]) -> forms.TypedMultipleChoiceField:
    return forms.TypedMultipleChoiceField(
        label=label,
        choices=list(choices),
        coerce=int,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )


def switch(label: str, *, initial: bool = False, help_text: str = "") -> forms.BooleanField:
    return forms.BooleanField(
        label=label,
        required=False,
        initial=initial,
        help_text=help_text,
        widget=UnfoldBooleanSwitchWidget,
    )


def whole(
    label: str, *, required: bool = True, help_text: str = "", initial: int | None = None
) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=required,
        min_value=0,
        max_value=32767,
        initial=initial,
        help_text=help_text,
        widget=forms.NumberInput(attrs={"class": INPUT}),
    )


def one_of(
    label: str, rows: QuerySet[Any], *, required: bool = True, help_text: str = ""
) -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        rows,
        label=label,
        required=required,
        help_text=help_text,
        empty_label="Choose" if required else "None",
        widget=UnfoldAdminSelectWidget,
    )


def _are_keys(values: Iterable[Any]) -> list[str]:
    """Those that can be keys of rows; a crafted one would trouble the database."""
    return [str(value) for value in values if str(value).isdecimal() and len(str(value)) < 19]


class SomeOf(forms.ModelMultipleChoiceField):
    """Some rows of many; keys that can be none are refused like those of other rows."""

    def clean(self, value: Any) -> Any:
        given = list(value or [])
        for each in given:
            if not _are_keys([each]):
                raise forms.ValidationError(
                    self.error_messages["invalid_pk_value"], code="invalid_pk_value", params={"pk": each}
                )
        return super().clean(given)


def some_of(label: str, rows: QuerySet[Any], *, required: bool = True, help_text: str = "") -> SomeOf:
    return SomeOf(
        rows,
        label=label,
        required=required,
        help_text=help_text,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )


class _KeysOnly:
    """A picker draws the rows that were picked; what is no key picked none."""

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> Any:
        return super().optgroups(name, [key for key in value if _are_keys([key])], attrs)  # type: ignore[misc]


class Picker(_KeysOnly, AutocompleteSelect):
    """A search box for one row."""


class ManyPicker(_KeysOnly, AutocompleteSelectMultiple):
    """A search box for some rows."""


def picked(
    label: str, model: type[Model], through: Any, *, required: bool = True, help_text: str = ""
) -> forms.ModelChoiceField:
    """One row out of very many, searched as one types. `through` is a relation that leads to `model`."""
    return forms.ModelChoiceField(
        model._default_manager.all(),
        label=label,
        required=required,
        help_text=help_text,
        widget=Picker(through, admin.site),
    )


def picked_many(label: str, model: type[Model], through: Any, *, help_text: str = "") -> SomeOf:
    return SomeOf(
        model._default_manager.all(),
        label=label,
        help_text=help_text,
        widget=ManyPicker(through, admin.site),
    )
