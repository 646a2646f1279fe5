"""All events of the ledger. Each is also on the timeline of its object."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from invoices.admin.base import LedgerAdmin
from invoices.admin.panels import Panel
from invoices.admin.timeline import MODELS, about, changes, timeline_about, who
from invoices.models import Event
from invoices.templatetags.ledger import event_text

OBJECTS = (*MODELS, "call", "house_rules", "import", "export")
SOURCES = ("staff", "api", "agent", "bridge", "carrier", "worker", "sweep", "import", "seed")


class NamedFilter(admin.SimpleListFilter):
    """By a column whose values are known, without reading the table for them."""

    values: tuple[str, ...] = ()

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, value.replace("_", " ").capitalize()) for value in self.values]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        return queryset.filter(**{str(self.parameter_name): self.value()}) if self.value() else queryset


class ObjectFilter(NamedFilter):
    title, parameter_name, values = "what it is about", "object_type", OBJECTS


class SourceFilter(NamedFilter):
    title, parameter_name, values = "source", "source", SOURCES


@admin.register(Event)
class EventAdmin(LedgerAdmin):
    list_display = ["at", "actor_shown", "what", "about_shown", "customer", "changed", "reason"]
    list_select_related = ["actor", "customer"]
    list_filter = [ObjectFilter, SourceFilter]
    search_fields = ["object_id"]
    search_help_text = "What it is about: “invoice 12”, or the number alone."
    ordering = ["-id"]
    sortable_by = ["at"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("at", "actor_shown"),
                    ("what", "about_shown"),
                    ("customer", "source"),
                    "changed",
                    "reason",
                ]
            },
        )
    ]

    def found(self, rows: QuerySet[Event], query: str) -> QuerySet[Event]:
        *kind, object_id = query.lower().split()
        kinds = ["_".join(kind)] if kind else OBJECTS
        return rows.filter(object_type__in=kinds, object_id=object_id)

    @admin.display(description="Who")
    def actor_shown(self, event: Event) -> str:
        return who(event)

    @admin.display(description="What")
    def what(self, event: Event) -> str:
        return event_text(event)

    @admin.display(description="About")
    def about_shown(self, event: Event) -> str:
        return about(event)

    @admin.display(description="Before and after")
    def changed(self, event: Event) -> str:
        return changes(event)

    def timeline(self, row: Event) -> Panel:
        """The other events of what it is about."""
        return timeline_about(row.object_type, row.object_id)
