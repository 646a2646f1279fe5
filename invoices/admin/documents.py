"""Invoices and the credit notes that correct them."""

from collections.abc import Callable
from typing import Any, ClassVar
from uuid import uuid4

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from unfold.decorators import display

from invoices.admin.agreements import CREATE_PLAN, OPEN_DISPUTE, RECORD_PROMISE
from invoices.admin.base import LedgerAdmin
from invoices.admin.columns import AMOUNT, STATUS, CurrencyFilter, day, itself
from invoices.admin.document_acts import INVOICE_ACTS, NEW_INVOICE
from invoices.admin.panels import Column, Panel, number, panel, row_link
from invoices.admin.payments import InvoicePaymentForm, allocations_panel, record_payment
from invoices.admin.reach import ADD_NOTE, SET_HOLD
from invoices.admin.timeline import timeline
from invoices.files.lists import CreditNoteList, InvoiceList
from invoices.models import CreditNote, Event, Invoice
from invoices.search import invoices_matching
from invoices.selectors import STATES, Settlement, invoice_events, settlement_of
from invoices.services.posting import COLLECTABLE
from invoices.templatetags.ledger import plain, state_of

STATE_COLOURS = {"Overdue": "danger", "Part paid": "warning", "Open": "info", "Paid": "success"}


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(key, label) for key, (label, _) in STATES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Invoice]) -> QuerySet[Invoice]:
        state = STATES.get(self.value() or "")
        return queryset.filter(state[1](timezone.localdate())) if state else queryset


@admin.register(Invoice)
class InvoiceAdmin(LedgerAdmin):
    exported = InvoiceList
    object_type = "invoice"
    add_act = NEW_INVOICE
    acts = (
        record_payment("payment", InvoicePaymentForm, offered=lambda invoice: invoice.status in COLLECTABLE),
        RECORD_PROMISE,
        CREATE_PLAN,
        OPEN_DISPUTE,
        *INVOICE_ACTS,
        SET_HOLD,
        ADD_NOTE,
    )
    # With the button that rings, in a form of its own that posts to the URL which serves calls.
    change_form_outer_before_template = "invoices/admin_ring.html"
    list_display = ["number", "customer", "state", "due_date", "owed_shown", "total_shown"]
    list_select_related = ["customer"]
    list_filter = [StateFilter, CurrencyFilter, "due_date"]
    search_fields = ["number"]
    search_help_text = "A number, a description, or a customer’s name, number, telephone or e-mail."
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("customer", "state_text"),
                    ("total_text", "tax_text"),
                    ("paid", "credited"),
                    ("owed", "description"),
                    ("issue_date", "due_date"),
                    ("replaces", "replaced_by_text"),
                ]
            },
        )
    ]

    class Media:
        # The admin theme brings htmx itself.
        js: ClassVar[list[str]] = ["django_htmx/ext/hx-ws-2.min.js"]
        css: ClassVar[dict[str, list[str]]] = {"all": ["css/phantompay.css", "css/ledger-admin.css"]}

    def found(self, rows: QuerySet[Invoice], query: str) -> QuerySet[Invoice]:
        return invoices_matching(query, among=rows)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = {**(extra_context or {}), "idempotency_key": uuid4()}
        return super().changeform_view(request, object_id, form_url, context)  # type: ignore[no-any-return]

    @display(description="State", label=STATE_COLOURS)
    def state(self, invoice: Invoice) -> str:
        return state_of(invoice, timezone.localdate())

    @admin.display(description="State")
    def state_text(self, invoice: Invoice) -> str:
        return state_of(invoice, timezone.localdate())

    @admin.display(description="Owed", ordering="balance")
    def owed_shown(self, invoice: Invoice) -> str:
        return number(invoice.balance_text)

    @admin.display(description="Total", ordering="total")
    def total_shown(self, invoice: Invoice) -> str:
        return number(invoice.total_text)

    @admin.display(description="Owed")
    def owed(self, invoice: Invoice) -> str:
        return invoice.balance_text

    @admin.display(description="Total")
    def total_text(self, invoice: Invoice) -> str:
        return invoice.total_text

    @admin.display(description="Tax in it")
    def tax_text(self, invoice: Invoice) -> str:
        return _in(invoice, invoice.tax)

    @admin.display(description="Paid")
    def paid(self, invoice: Invoice) -> str:
        return _in(invoice, _settled(invoice).paid)

    @admin.display(description="Credited")
    def credited(self, invoice: Invoice) -> str:
        return _in(invoice, _settled(invoice).credited)

    @admin.display(description="Replaced by")
    def replaced_by_text(self, invoice: Invoice) -> str:
        found = _kept(invoice, "_replacement", lambda: Invoice.objects.filter(replaces=invoice).first())
        return row_link(found)

    def documents(self, row: Invoice) -> list[tuple[str, str]]:
        return [("PDF", reverse("invoice-pdf", args=[row.pk]))]

    def timeline(self, row: Invoice) -> Panel:
        return timeline(invoice_events(row).order_by("-id"), currency=row.currency)

    def panels(self, row: Invoice) -> list[Panel]:
        return [
            lines_panel(row),
            allocations_panel(row.allocations.select_related("payment"), "Payment"),
            panel(
                "Credit notes",
                row.credit_notes.select_related("invoice"),
                itself("Credit note"),
                Column("Issued", lambda credit: day(credit.issued_on)),
                Column("Why", lambda credit: credit.get_reason_display()),
                AMOUNT,
            ),
            panel(
                "Promises to pay",
                row.promises.all(),
                itself("Promise"),
                Column("By", lambda promise: day(promise.due_date)),
                STATUS,
                AMOUNT,
            ),
            panel(
                "Payment plans",
                row.plans.all(),
                itself("Plan"),
                STATUS,
                Column("Total", lambda plan: plan.total_text, number=True),
            ),
            panel(
                "Disputes",
                row.disputes.select_related("invoice"),
                itself("Dispute"),
                STATUS,
                Column("Opened", lambda dispute: day(dispute.opened_at)),
                AMOUNT,
            ),
        ]


def lines_panel(invoice: Invoice) -> Panel:
    return panel(
        "Lines",
        invoice.lines.all(),
        Column("Description", lambda line: line.description),
        Column("Quantity", lambda line: plain(line.quantity), number=True),
        Column("Each", lambda line: _in(invoice, line.unit_price), number=True),
        Column("Net", lambda line: _in(invoice, line.net), number=True),
        Column("Tax", lambda line: f"{plain(line.tax_rate)} %", number=True),
        Column("Tax amount", lambda line: _in(invoice, line.tax), number=True),
        most=500,
    )


def _kept(invoice: Invoice, name: str, find: Callable[[], Any]) -> Any:
    """Found once for a page; the theme asks for a field several times."""
    kept = vars(invoice)
    if name not in kept:
        kept[name] = find()
    return kept[name]


def _settled(invoice: Invoice) -> Settlement:
    settlement: Settlement = _kept(invoice, "_settlement", lambda: settlement_of(invoice))
    return settlement


def _in(invoice: Invoice, amount: Any) -> str:
    return Invoice(total=amount, currency=invoice.currency).total_text


@admin.register(CreditNote)
class CreditNoteAdmin(LedgerAdmin):
    """Issued from the page of the invoice that it corrects."""

    exported = CreditNoteList
    list_display = ["number", "invoice", "customer", "reason", "issued_on", "amount_shown"]
    list_select_related = ["invoice__customer"]
    list_filter = ["reason", "issued_on"]
    search_fields = ["number"]
    search_help_text = "Its number, or what finds the invoice."
    fieldsets = [
        (
            None,
            {"fields": [("number", "invoice"), ("amount_text", "tax_text"), ("reason", "issued_on"), "note"]},
        )
    ]

    def found(self, rows: QuerySet[CreditNote], query: str) -> QuerySet[CreditNote]:
        return rows.filter(
            Q(number__istartswith=query) | Q(invoice__in=invoices_matching(query).values("pk"))
        )

    @admin.display(description="Customer")
    def customer(self, credit: CreditNote) -> str:
        return row_link(credit.invoice.customer)

    @admin.display(description="Amount", ordering="amount")
    def amount_shown(self, credit: CreditNote) -> str:
        return number(credit.amount_text)

    @admin.display(description="Amount")
    def amount_text(self, credit: CreditNote) -> str:
        return credit.amount_text

    @admin.display(description="Tax in it")
    def tax_text(self, credit: CreditNote) -> str:
        return _in(credit.invoice, credit.tax)

    def timeline(self, row: CreditNote) -> Panel:
        told = Event.objects.filter(
            object_type="invoice", object_id=str(row.invoice_id), after__credit_note=row.pk
        )
        return timeline(told.select_related("actor").order_by("-id"), currency=row.invoice.currency)
