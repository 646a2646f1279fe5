"""Tables below a row's own fields: what belongs to it, the newest first, no more than a screenful."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

MOST_SHOWN = 50


@dataclass(frozen=True)
class Column:
    label: str
    value: Callable[[Any], Any]
    # Numbers stand under each other, to the right.
    number: bool = False


@dataclass(frozen=True)
class Panel:
    title: str
    columns: Sequence[Column]
    cells: list[list[tuple[Column, Any]]]
    # Where all rows are, when these are not all or more is to be done there.
    more: str = ""
    cut: bool = False
    anchor: str = field(default="")


def panel(
    title: str,
    rows: Iterable[Any],
    *columns: Column,
    more: str = "",
    anchor: str = "",
    most: int = MOST_SHOWN,
) -> Panel:
    """A panel of at most `most` of these rows; it knows of one row more whether there are more."""
    found = list(rows[: most + 1]) if hasattr(rows, "__getitem__") else list(rows)
    cells = [[(column, _shown(column.value(row))) for column in columns] for row in found[:most]]
    return Panel(title, columns, cells, more=more, cut=len(found) > most, anchor=anchor)


def _shown(value: Any) -> Any:
    return "–" if value is None or value == "" else value


def row_url(row: Model) -> str:
    """The row's page in the admin; empty where it has none."""
    if not admin.site.is_registered(type(row)):
        return ""
    meta = row._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])


def row_link(row: Model | None, text: str = "") -> SafeString | str:
    if row is None:
        return ""
    url = row_url(row)
    return (
        format_html('<a class="ledger-link" href="{}">{}</a>', url, text or str(row))
        if url
        else text or str(row)
    )


def list_url(model: type[Model], query: str = "") -> str:
    meta = model._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist") + (f"?{query}" if query else "")


def number(text: Any) -> SafeString:
    """A cell of a list with its digits to the right."""
    return format_html('<span class="ledger-number">{}</span>', text)
