"""The ledger in the admin: customers and drafts may be corrected, what was issued or happened is only shown."""

from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display
from unfold.widgets import UnfoldBooleanSwitchWidget

from invoices.edits import row_correct
from invoices.models import Customer, Event, Invoice, Payment, PromiseToPay
from invoices.money import amount_clean
from invoices.selectors import STATES
from invoices.services import customer_create, invoice_create
from invoices.templatetags.ledger import state_of

SOURCE = "staff"
STATE_COLOURS = {"Overdue": "danger", "Part paid": "warning", "Open": "info", "Paid": "success"}


class ReadOnly:
    """Nothing is added, changed or deleted here."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class CustomerForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if (data.get("birth_month") is None) != (data.get("birth_day") is None):
            self.add_error("birth_day", "Give both month and day of birth, or neither.")
        return data


@admin.register(Customer)
class CustomerAdmin(ModelAdmin):
    form = CustomerForm
    list_display = ["name", "number", "kind", "phone", "city", "country", "time_zone"]
    list_filter = ["kind", "country"]
    search_fields = ["name", "number", "email"]
    fieldsets = [
        (None, {"fields": ["number", "name", "kind", "phone", "email"]}),
        ("Where they are", {"fields": ["address", "city", "country", "time_zone"]}),
        (
            "Verification",
            {
                "fields": ["birth_month", "birth_day"],
                "description": "The right party is verified by these. They are never said on the telephone.",
            },
        ),
    ]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            row_correct(row=obj, fields=form.changed_data, source=SOURCE, actor=request.user)  # type: ignore[arg-type]
            return
        obj.pk = customer_create(source=SOURCE, actor=request.user, **form.cleaned_data).pk  # type: ignore[arg-type]
        obj.refresh_from_db()


class InvoiceForm(forms.ModelForm):
    issue = forms.BooleanField(
        required=False,
        initial=True,
        label="Issue at once",
        widget=UnfoldBooleanSwitchWidget,
        help_text="Else it is a draft.",
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "total" in data and "currency" in data:
            try:
                amount_clean(data["total"], currency=data["currency"])
            except ValidationError as error:
                self.add_error("total", error)
        issued = data.get("issue_date", self.instance.issue_date)
        due = data.get("due_date", self.instance.due_date)
        if issued and due and due < issued and "due_date" in self.fields:
            self.add_error("due_date", "The due date can't be before the issue date.")
        return data


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(key, label) for key, (label, _) in STATES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Invoice]) -> QuerySet[Invoice]:
        state = STATES.get(self.value() or "")
        return queryset.filter(state[1](timezone.localdate())) if state else queryset


class ShownInline(ReadOnly, TabularInline):
    extra = 0
    tab = True


class PaymentInline(ShownInline):
    model = Payment
    fields = ["received_on", "amount", "reference"]
    readonly_fields = fields


class PromiseInline(ShownInline):
    model = PromiseToPay
    fields = ["amount", "due_date", "status", "created_at"]
    readonly_fields = fields


@admin.register(Invoice)
class InvoiceAdmin(ModelAdmin):
    form = InvoiceForm
    list_display = ["number", "customer", "state", "due_date", "owed", "total_shown"]
    list_select_related = ["customer"]
    list_filter = [StateFilter, "currency"]
    search_fields = ["number", "description", "customer__name", "customer__number"]
    autocomplete_fields = ["customer"]
    inlines = [PaymentInline, PromiseInline]
    # Outside the main form, with a form of its own that posts to the URL which serves calls.
    change_form_outer_before_template = "invoices/admin_ring.html"
    NEW = ["customer", "number", "currency", "total", "issue_date", "due_date", "description", "issue"]
    SHOWN = [
        "customer",
        "number",
        "status",
        "currency",
        "total_shown",
        "owed",
        "issue_date",
        "due_date",
        "description",
    ]
    OF_A_DRAFT = ["issue_date", "due_date", "description"]

    class Media:
        # The admin theme brings htmx itself.
        js = ["django_htmx/ext/hx-ws-2.min.js"]
        css = {"all": ["css/phantompay.css"]}

    def get_fields(self, request: HttpRequest, obj: Invoice | None = None) -> list[str]:
        return self.NEW if obj is None else self.SHOWN

    def get_readonly_fields(self, request: HttpRequest, obj: Invoice | None = None) -> list[str]:
        return [] if obj is None else [name for name in self.SHOWN if name not in self.OF_A_DRAFT]

    def get_inlines(self, request: HttpRequest, obj: Invoice | None) -> list[Any]:
        return self.inlines if obj is not None else []

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was issued is corrected by new documents, never by hand."""
        editable = obj is None or obj.status == Invoice.Status.DRAFT
        return editable and bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = {**(extra_context or {}), "idempotency_key": uuid4()}
        return super().changeform_view(request, object_id, form_url, context)  # type: ignore[no-any-return]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            # "Issue at once" is in the form, unseen; it is for new invoices only.
            fields = [name for name in form.changed_data if name in self.OF_A_DRAFT]
            row_correct(row=obj, fields=fields, source=SOURCE, actor=request.user)  # type: ignore[arg-type]
            return
        obj.pk = invoice_create(source=SOURCE, actor=request.user, **form.cleaned_data).pk  # type: ignore[arg-type]
        obj.refresh_from_db()

    @display(description="State", label=STATE_COLOURS)
    def state(self, invoice: Invoice) -> str:
        return state_of(invoice, timezone.localdate())

    @admin.display(description="Owed", ordering="balance")
    def owed(self, invoice: Invoice) -> str:
        return invoice.balance_text

    @admin.display(description="Total", ordering="total")
    def total_shown(self, invoice: Invoice) -> str:
        return invoice.total_text


class ShownAdmin(ReadOnly, ModelAdmin):
    """Rows that only services write."""


@admin.register(Payment)
class PaymentAdmin(ShownAdmin):
    list_display = ["reference", "invoice", "amount", "received_on"]
    list_select_related = ["invoice"]
    search_fields = ["reference", "invoice__number"]


@admin.register(PromiseToPay)
class PromiseAdmin(ShownAdmin):
    list_display = ["invoice", "amount", "due_date", "status", "created_at"]
    list_select_related = ["invoice"]
    list_filter = ["status"]
    search_fields = ["invoice__number", "invoice__customer__name"]


@admin.register(Event)
class EventAdmin(ShownAdmin):
    list_display = ["at", "object_type", "object_id", "kind", "source", "actor"]
    list_select_related = ["actor"]
    list_filter = ["object_type", "source"]
    search_fields = ["object_id", "kind"]
    ordering = ["-id"]
