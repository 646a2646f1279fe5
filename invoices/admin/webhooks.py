"""Webhooks: who is told what, with which success, and what can be done about it."""

import json
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from invoices.admin import form_fields as fields
from invoices.admin.acts import Act, ActForm
from invoices.admin.base import LedgerAdmin
from invoices.admin.columns import moment
from invoices.admin.panels import Column, Panel, list_url, panel, row_link, row_url
from invoices.admin.timeline import timeline
from invoices.models import Event, WebhookDelivery, WebhookEndpoint
from invoices.webhooks.endpoints import (
    delivery_send_again,
    endpoint_add,
    endpoint_edit,
    endpoint_secret_renew,
    endpoint_switch,
    endpoint_test,
)
from invoices.webhooks.types import types_known

STATE_COLOURS = {"On": "success", "Failing": "warning", "Off": "danger"}
DELIVERY_COLOURS = {
    WebhookDelivery.Status.DELIVERED.label: "success",
    WebhookDelivery.Status.FAILED.label: "warning",
    WebhookDelivery.Status.DEAD.label: "danger",
    WebhookDelivery.Status.PENDING.label: "info",
}
PROBLEMS = {
    "address_refused": "Not a public address",
    "not_resolved": "The name has no address",
    "certificate": "The certificate is not valid",
    "tls": "No secure connection",
    "timeout": "No answer in time",
    "connection": "No connection",
    "secret_unreadable": "Its secret can’t be read: give it a new one",
    "error": "An error of ours; see the log",
}


def _types_field() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label="What it is told",
        choices=lambda: [(each.name, f"{each.title} ({each.name})") for each in types_known()],
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="None chosen: everything.",
    )


class EndpointForm(ActForm):
    url = fields.text("URL", longest=500, help_text="It begins with https:// and leads to a public address.")
    description = fields.text("Description", longest=200, required=False)
    types = _types_field()
    secret = ""

    def post(self, **who: Any) -> WebhookEndpoint:
        endpoint, self.secret = endpoint_add(**self.cleaned_data, **who)
        return endpoint


class EditForm(EndpointForm):
    def prepare(self) -> None:
        for name in self.fields:
            self.fields[name].initial = getattr(self.row, name)

    def post(self, **who: Any) -> WebhookEndpoint:
        return endpoint_edit(endpoint=self.row, **self.cleaned_data, **who)


class RenewForm(ActForm):
    seen = forms.DateTimeField(widget=forms.HiddenInput)
    secret = ""

    def prepare(self) -> None:
        self.fields["seen"].initial = self.row.secret_set_at.isoformat()

    def post(self, **who: Any) -> WebhookEndpoint:
        endpoint: WebhookEndpoint = self.row
        self.secret = endpoint_secret_renew(endpoint=endpoint, seen=self.cleaned_data["seen"], **who)
        return endpoint


class OffForm(ActForm):
    reason = fields.reason()

    def post(self, **who: Any) -> WebhookEndpoint:
        return endpoint_switch(endpoint=self.row, on=False, reason=self.cleaned_data["reason"], **who)


class OnForm(ActForm):
    def post(self, **who: Any) -> WebhookEndpoint:
        return endpoint_switch(endpoint=self.row, on=True, **who)


class TestForm(ActForm):
    def post(self, **who: Any) -> WebhookEndpoint:
        endpoint_test(endpoint=self.row, **who)
        endpoint: WebhookEndpoint = self.row
        return endpoint


class AgainForm(ActForm):
    def post(self, **who: Any) -> WebhookDelivery:
        return delivery_send_again(delivery=self.row, **who)


MAY_CHANGE = ("invoices.change_webhookendpoint",)


def _is_on(endpoint: WebhookEndpoint) -> bool:
    return endpoint.active


SEND_TEST = Act(
    "test",
    "Send a test event",
    TestForm,
    MAY_CHANGE,
    "A test event is on its way; what becomes of it is shown below.",
    _is_on,
)
EDIT = Act("edit", "Change", EditForm, MAY_CHANGE, "The endpoint is changed.")
RENEW = Act(
    "secret",
    "New secret",
    RenewForm,
    MAY_CHANGE,
    "The endpoint has a new secret.",
    intro="For 24 hours everything is signed with the old secret as well. Then the old one ends.",
)
SWITCH_OFF = Act(
    "off",
    "Switch off",
    OffForm,
    MAY_CHANGE,
    "The endpoint is off.",
    _is_on,
    "It is sent nothing. What happens while it is off is not told later.",
    danger=True,
)
SWITCH_ON = Act(
    "on", "Switch on", OnForm, MAY_CHANGE, "The endpoint is on.", lambda endpoint: not endpoint.active
)
SEND_AGAIN = Act(
    "again",
    "Send again",
    AgainForm,
    MAY_CHANGE,
    "It is sent again.",
    lambda delivery: delivery.endpoint.active,
    "The receiver sees the same id and can tell that it is a repetition.",
)


def outcome(delivery: WebhookDelivery) -> str:
    """What the last try came to."""
    if delivery.response_code is not None:
        return f"{delivery.response_code} in {delivery.took_ms} ms"
    return PROBLEMS.get(delivery.problem, delivery.problem)


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(LedgerAdmin):
    object_type = "webhook"
    add_act = Act(
        "add",
        "New webhook endpoint",
        EndpointForm,
        ("invoices.add_webhookendpoint",),
        "The endpoint is told of what happens from now on.",
    )
    acts = (SEND_TEST, EDIT, RENEW, SWITCH_ON, SWITCH_OFF)
    list_display = ["__str__", "state", "types_shown", "failing_since", "created_at"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("url", "description"),
                    ("types_shown", "state_text"),
                    ("secret_shown", "old_secret_shown"),
                    ("failing_since", "created_at"),
                    "created_by",
                ]
            },
        )
    ]

    def done(self, request: HttpRequest, act: Act, form: ActForm, shown: Any) -> HttpResponse:
        """A new secret is shown on the answer itself, once: no cookie, no session and no second page ever has it."""
        secret = getattr(form, "secret", "")
        if not secret:
            return super().done(request, act, form, shown)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": act.done,
            "secret": secret,
            "back": row_url(shown),
        }
        return TemplateResponse(request, "invoices/webhook_secret.html", context)

    @display(description="State", label=STATE_COLOURS)
    def state(self, endpoint: WebhookEndpoint) -> str:
        if not endpoint.active:
            return "Off"
        return "Failing" if endpoint.failing_since else "On"

    @admin.display(description="State")
    def state_text(self, endpoint: WebhookEndpoint) -> str:
        return "On" if endpoint.active else f"Off: {endpoint.get_off_because_display().lower()}"

    @admin.display(description="What it is told")
    def types_shown(self, endpoint: WebhookEndpoint) -> str:
        return ", ".join(endpoint.types) or "Everything"

    @admin.display(description="Secret")
    def secret_shown(self, endpoint: WebhookEndpoint) -> str:
        return f"Set {moment(endpoint.secret_set_at)} (UTC); it is not shown again."

    @admin.display(description="The secret before")
    def old_secret_shown(self, endpoint: WebhookEndpoint) -> str:
        return f"Good until {moment(endpoint.old_secret_until)} (UTC)" if endpoint.old_secret else ""

    def panels(self, row: WebhookEndpoint) -> list[Panel]:
        return [
            panel(
                "Deliveries",
                row.deliveries.select_related("message", "endpoint"),
                Column("Message", lambda delivery: row_link(delivery, delivery.message.type)),
                Column("Created (UTC)", lambda delivery: moment(delivery.created_at)),
                Column("State", lambda delivery: delivery.get_status_display()),
                Column("Last answer", outcome),
                Column("Tries", lambda delivery: delivery.attempts, number=True),
                Column("Next try (UTC)", lambda delivery: moment(delivery.next_try_at)),
                more=list_url(WebhookDelivery, f"endpoint__id__exact={row.pk}"),
                anchor="deliveries",
            )
        ]


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(LedgerAdmin):
    acts = (SEND_AGAIN,)
    list_display = ["message_type", "endpoint", "state", "answer", "attempts", "next_try_at", "created_at"]
    list_select_related = ["message", "endpoint"]
    list_filter = ["status", "endpoint"]
    ordering = ["-id"]
    sortable_by = ["created_at"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("endpoint_link", "message_type"),
                    "message_id_shown",
                    ("status", "answer"),
                    "attempts",
                    ("last_tried_at", "next_try_at"),
                    ("created_at", "delivered_at"),
                    "payload",
                ]
            },
        )
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookDelivery]:
        return super().get_queryset(request).select_related("message", "endpoint")  # type: ignore[no-any-return]

    @admin.display(description="Message")
    def message_type(self, delivery: WebhookDelivery) -> str:
        return delivery.message.type

    @admin.display(description="Id")
    def message_id_shown(self, delivery: WebhookDelivery) -> str:
        return delivery.message_id

    @admin.display(description="Endpoint")
    def endpoint_link(self, delivery: WebhookDelivery) -> str:
        return row_link(delivery.endpoint)

    @display(description="State", label=DELIVERY_COLOURS)
    def state(self, delivery: WebhookDelivery) -> str:
        return str(delivery.get_status_display())

    @admin.display(description="Last answer")
    def answer(self, delivery: WebhookDelivery) -> str:
        return outcome(delivery)

    @admin.display(description="Body")
    def payload(self, delivery: WebhookDelivery) -> SafeString:
        text = json.dumps(delivery.message.payload, indent=2, ensure_ascii=False)
        return format_html('<pre class="ledger-body">{}</pre>', text)

    def timeline(self, row: WebhookDelivery) -> Panel:
        told = Event.objects.filter(
            object_type="webhook", object_id=str(row.endpoint_id), after__message=row.message_id
        )
        return timeline(told.select_related("actor").order_by("-id"))
