"""Payments: recorded, cleared, put to invoices, taken off, refunded."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet, Sum
from unfold.decorators import display

from invoices.admin import form_fields as fields
from invoices.admin.acts import Act, ActForm, KeyedForm, in_states
from invoices.admin.base import LedgerAdmin
from invoices.admin.columns import AMOUNT, CurrencyFilter, day, itself, moment
from invoices.admin.panels import Column, Panel, number, panel, row_link
from invoices.files.lists import PaymentList
from invoices.models import Allocation, Customer, Invoice, Payment
from invoices.search import customers_matching
from invoices.services.payments import (
    Instruction,
    payment_allocate,
    payment_clear,
    payment_fail,
    payment_record,
    payment_refund,
    payment_release,
)
from invoices.services.posting import COLLECTABLE

Status = Payment.Status
METHOD = Payment.Method.BANK_TRANSFER


class PaymentForm(KeyedForm):
    """From the list: whose payment it is, is asked."""

    shown_at = {"instructions": "invoice"}
    customer = fields.picked("Customer", Customer, Payment._meta.get_field("customer"))
    currency = fields.text("Currency", longest=3, help_text="Its code, such as USD.")
    amount = fields.amount()
    received_on = fields.day("Received on", today=True)
    method = fields.choice("Method", Payment.Method.choices, initial=METHOD)
    reference = fields.text("Reference", longest=64, required=False)
    invoice = fields.picked(
        "For invoice",
        Invoice,
        Allocation._meta.get_field("invoice"),
        required=False,
        help_text="What the payer said it is for. The rest, or all without this, goes to what is oldest due.",
    )
    pending = fields.switch("Still on its way", help_text="It settles nothing until it is cleared.")

    def post(self, **who: Any) -> Payment:
        data = self.cleaned_data
        invoice = data.get("invoice")
        return payment_record(
            customer=data["customer"],
            currency=data["currency"],
            amount=data["amount"],
            received_on=data["received_on"],
            method=data["method"],
            reference=data["reference"],
            instructions=[Instruction(invoice)] if invoice else [],
            pending=data["pending"],
            idempotency_key=self.key,
            **who,
        )


class CustomerPaymentForm(PaymentForm):
    """From a customer's page."""

    customer = None  # type: ignore[assignment]
    invoice = fields.one_of("For invoice", Invoice.objects.none(), required=False)

    def prepare(self) -> None:
        self.fields["invoice"].queryset = self.row.invoices.filter(status__in=COLLECTABLE)  # type: ignore[attr-defined]
        self.fields["currency"].initial = self.row.currency

    def post(self, **who: Any) -> Payment:
        self.cleaned_data["customer"] = self.row
        return super().post(**who)


class InvoicePaymentForm(PaymentForm):
    """From an invoice's page: it is for this invoice."""

    customer = currency = invoice = pending = None  # type: ignore[assignment]
    shown_at = {"instructions": "amount"}

    def prepare(self) -> None:
        self.fields["amount"].initial = self.row.balance_exact

    def post(self, **who: Any) -> Payment:
        self.cleaned_data |= {
            "customer": self.row.customer,
            "currency": self.row.currency,
            "invoice": self.row,
            "pending": False,
        }
        return super().post(**who)


def record_payment(name: str, form: type[ActForm], **more: Any) -> Act:
    return Act(
        name,
        "Record a payment",
        form,
        ("invoices.add_payment",),
        "The payment is recorded.",
        **more,
    )


class ClearForm(ActForm):
    def post(self, **who: Any) -> Payment:
        return payment_clear(payment=self.row, **who)


class FailForm(ActForm):
    reason = fields.reason()

    def post(self, **who: Any) -> Payment:
        return payment_fail(payment=self.row, reason=self.cleaned_data["reason"], **who)


class AllocateForm(ActForm):
    shown_at = {"instructions": "amount"}
    invoice = fields.one_of(
        "To invoice",
        Invoice.objects.none(),
        required=False,
        help_text="Without one it goes to what is oldest due.",
    )
    amount = fields.amount(required=False, help_text="Without one: as much as the invoice owes.")

    def prepare(self) -> None:
        owing = self.row.customer.invoices.filter(currency=self.row.currency, status__in=COLLECTABLE)
        self.fields["invoice"].queryset = owing  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("amount") and not data.get("invoice"):
            self.add_error("invoice", "Say which invoice the amount is for.")
        if not self.fields["invoice"].queryset.exists():  # type: ignore[attr-defined]
            self.add_error("invoice", f"The customer owes nothing in {self.row.currency}.")
        return data

    def post(self, **who: Any) -> Payment:
        invoice, amount = self.cleaned_data["invoice"], self.cleaned_data["amount"] or None
        asked = [Instruction(invoice, amount)] if invoice else []
        return payment_allocate(payment=self.row, instructions=asked, **who)


class ReleaseForm(ActForm):
    invoice = fields.one_of("From invoice", Invoice.objects.none())
    amount = fields.amount(required=False, help_text="Without one: all of it.")
    reason = fields.reason()

    def prepare(self) -> None:
        settled = Invoice.objects.filter(allocations__payment=self.row).distinct()
        self.fields["invoice"].queryset = settled  # type: ignore[attr-defined]

    def post(self, **who: Any) -> Payment:
        data = self.cleaned_data
        return payment_release(
            payment=self.row,
            invoice=data["invoice"],
            amount=data["amount"] or None,
            reason=data["reason"],
            **who,
        )


class RefundForm(KeyedForm):
    amount = fields.amount(help_text="What settles nothing goes first; then what was put to invoices last.")
    refunded_on = fields.day("Refunded on", today=True)
    reason = fields.reason()

    def post(self, **who: Any) -> Any:
        data = self.cleaned_data
        return payment_refund(
            payment=self.row,
            amount=data["amount"],
            refunded_on=data["refunded_on"],
            reason=data["reason"],
            idempotency_key=self.key,
            **who,
        )


MOVE = ("invoices.change_payment",)
pending, cleared = in_states(Status.PENDING), in_states(Status.CLEARED)
PAYMENT_ACTS = (
    Act("clear", "The payment has come", ClearForm, MOVE, "The payment is cleared.", pending),
    Act("fail", "The payment did not come", FailForm, MOVE, "The payment has failed.", pending, danger=True),
    Act(
        "allocate",
        "Put the credit to invoices",
        AllocateForm,
        MOVE,
        "The credit is put to invoices.",
        lambda payment: payment.unallocated > 0,
    ),
    Act("release", "Take it off an invoice", ReleaseForm, MOVE, "It is credit of the customer now.", cleared),
    Act(
        "refund",
        "Refund",
        RefundForm,
        ("invoices.add_refund",),
        "The refund is recorded.",
        cleared,
        "This writes down that money was given back. What it had settled is owed again.",
        danger=True,
    ),
)


@admin.register(Payment)
class PaymentAdmin(LedgerAdmin):
    exported = PaymentList
    object_type = "payment"
    acts = PAYMENT_ACTS
    add_act = record_payment("record", PaymentForm, opens_made=True)
    list_display = ["__str__", "customer", "state", "received_on", "method", "amount_shown", "credit_shown"]
    list_select_related = ["customer"]
    list_filter = ["status", "method", CurrencyFilter]
    search_fields = ["reference"]
    search_help_text = "The start of a reference, or what finds the customer."
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("customer", "status"),
                    ("amount_text", "credit"),
                    ("received_on", "method"),
                    "reference",
                ]
            },
        )
    ]

    def found(self, rows: QuerySet[Payment], query: str) -> QuerySet[Payment]:
        owners = customers_matching(query).values("pk")
        return rows.filter(Q(reference__istartswith=query) | Q(customer__in=owners))

    @display(
        description="State",
        ordering="status",
        label={"Cleared": "success", "Pending": "warning", "Failed": "danger"},
    )
    def state(self, payment: Payment) -> str:
        return payment.get_status_display()

    @admin.display(description="Amount", ordering="amount")
    def amount_shown(self, payment: Payment) -> str:
        return number(payment.amount_text)

    @admin.display(description="Customer's credit", ordering="unallocated")
    def credit_shown(self, payment: Payment) -> str:
        return number(payment.unallocated_text)

    @admin.display(description="Amount")
    def amount_text(self, payment: Payment) -> str:
        return payment.amount_text

    @admin.display(description="Customer's credit")
    def credit(self, payment: Payment) -> str:
        return payment.unallocated_text

    def panels(self, row: Payment) -> list[Panel]:
        settled = (
            row.allocations.values("invoice", "invoice__number")
            .annotate(sum=Sum("amount"))
            .filter(sum__gt=0)
            .order_by("invoice")
        )
        return [
            panel(
                "What it settles",
                settled,
                Column(
                    "Invoice", lambda each: row_link(Invoice(pk=each["invoice"]), each["invoice__number"])
                ),
                Column("Amount", lambda each: _in(row, each["sum"]), number=True),
            ),
            allocations_panel(row.allocations.select_related("invoice", "payment"), "Invoice"),
            panel(
                "Refunds",
                row.refunds.select_related("payment"),
                Column("Day", lambda refund: day(refund.refunded_on)),
                Column("Why", lambda refund: refund.reason),
                AMOUNT,
            ),
        ]


def _in(payment: Payment, amount: Any) -> str:
    return Payment(amount=amount, currency=payment.currency).amount_text


def allocations_panel(rows: Any, other: str) -> Panel:
    """Each posting, by its invoice or its payment (`other`)."""
    name = other.lower()
    return panel(
        "Postings",
        rows.order_by("-id"),
        Column("When (UTC)", lambda posting: moment(posting.created_at)),
        Column(other, lambda posting: row_link(getattr(posting, name))),
        Column("How", lambda posting: posting.get_cause_display()),
        AMOUNT,
    )


def payments_panel(customer: Customer, more: str) -> Panel:
    return panel(
        "Payments",
        customer.payments.all(),
        itself("Payment"),
        Column("Received", lambda payment: day(payment.received_on)),
        Column("State", lambda payment: payment.get_status_display()),
        AMOUNT,
        Column("Credit left", lambda payment: payment.unallocated_text, number=True),
        more=more,
        most=10,
    )
