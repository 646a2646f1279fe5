"""Calls in the admin: shown with their transcript, never edited."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display

from calls.house_admin import HouseRulesAdmin
from calls.lists import CallList
from calls.models import Call, ContactDecision, TranscriptLine
from calls.retry_admin import RetryAdmin
from calls.templatetags.phone import clock, outcome
from invoices.admin.exports import Exports

__all__ = ["CallAdmin", "HouseRulesAdmin", "RetryAdmin"]


class ReadOnly:
    """Nothing is added, changed or deleted here."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class TranscriptInline(ReadOnly, TabularInline):
    model = TranscriptLine
    extra = 0
    fields = ["at", "speaker", "text", "interrupted"]
    readonly_fields = fields
    verbose_name_plural = "transcript"

    @admin.display(description="At")
    def at(self, line: TranscriptLine) -> str:
        return clock(line.start_ms)


class DecisionInline(ReadOnly, TabularInline):
    model = ContactDecision
    extra = 0
    fields = ["moment", "allowed", "reasons", "policy_version", "next_allowed_at", "decided_at"]
    readonly_fields = fields


@admin.register(Call)
class CallAdmin(Exports, ReadOnly, ModelAdmin):
    exported = CallList
    list_display = ["requested_at", "customer", "invoice", "shown_outcome", "requested_by", "is_test"]
    list_select_related = ["customer", "invoice", "requested_by"]
    list_filter = ["status", "disposition", "is_test"]
    search_fields = ["customer__name", "invoice__number", "carrier_sid"]
    inlines = [TranscriptInline, DecisionInline]
    exclude = ["stream_token_hash", "stream_token_expires_at", "idempotency_key"]
    readonly_fields = ["page"]

    @display(
        description="Outcome",
        label={"Promise to pay": "success", "Blocked by policy": "danger", "Failed": "danger"},
    )
    def shown_outcome(self, call: Call) -> str:
        return outcome(call)

    @admin.display(description="Page")
    def page(self, call: Call) -> str:
        return format_html('<a href="{}">The call’s page</a>', call.get_absolute_url())
