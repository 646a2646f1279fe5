"""Retries in the admin: which calls are planned, what became of them, and taking one back."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from calls.models import Retry
from calls.retries import retry_withdraw
from invoices.admin import form_fields as fields
from invoices.admin.acts import Act, ActForm, in_states
from invoices.admin.base import LedgerAdmin
from invoices.admin.panels import Panel
from invoices.admin.timeline import timeline_of


class WithdrawForm(ActForm):
    reason = fields.reason(help_text="It stays in the call’s history.")

    def post(self, **who: Any) -> Retry:
        if not retry_withdraw(retry=self.row, **self.cleaned_data, **who):
            raise ValidationError("It waits no more.")
        return Retry.objects.get(pk=self.row.pk)


@admin.register(Retry)
class RetryAdmin(LedgerAdmin):
    object_type = "call"
    acts = (
        Act(
            "withdraw",
            "Withdraw the retry",
            WithdrawForm,
            ("calls.change_retry",),
            "The retry is withdrawn.",
            in_states(Retry.Status.WAITING),
            danger=True,
        ),
    )
    list_display = ["customer", "invoice", "attempt", "due_at", "state", "reason"]
    list_select_related = ["call__customer", "call__invoice"]
    list_filter = ["status"]
    fieldsets = [
        (None, {"fields": [("customer", "invoice"), ("state", "attempt"), ("due_at", "reason")]}),
        ("Calls", {"fields": [("unanswered", "made")]}),
    ]

    def timeline(self, row: Any) -> Panel:
        """The history of the call that nobody answered, which tells of its retry."""
        return timeline_of(row.call, self.object_type)

    @admin.display(description="Customer", ordering="call__customer__name")
    def customer(self, row: Retry) -> str:
        return row.call.customer.name

    @admin.display(description="Invoice", ordering="call__invoice__number")
    def invoice(self, row: Retry) -> str:
        return row.call.invoice.number

    @display(description="State", ordering="status", label={"Waiting": "info", "Made": "success"})
    def state(self, row: Retry) -> str:
        return row.get_status_display()

    @admin.display(description="The call that nobody answered")
    def unanswered(self, row: Retry) -> SafeString:
        return format_html(
            '<a href="{}">{:%d %B %H:%M} UTC</a>', row.call.get_absolute_url(), row.call.requested_at
        )

    @admin.display(description="The call that was made of it")
    def made(self, row: Retry) -> SafeString | str:
        if row.new_call is None:
            return "None yet" if row.status == Retry.Status.WAITING else "None"
        url = row.new_call.get_absolute_url()
        return format_html('<a href="{}">{:%d %B %H:%M} UTC</a>', url, row.new_call.requested_at)
