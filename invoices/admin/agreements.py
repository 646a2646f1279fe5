"""Promises to pay, payment plans and disputes."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from unfold.decorators import display

from invoices.admin import form_fields as fields
from invoices.admin.acts import Act, ActForm, KeyedForm, in_states
from invoices.admin.base import LedgerAdmin
from invoices.admin.columns import AMOUNT, STATUS, CurrencyFilter, day, itself
from invoices.admin.panels import Column, Panel, number, panel, row_link
from invoices.files.lists import DisputeList, PlanList, PromiseList
from invoices.models import Customer, Dispute, Invoice, Payment, PaymentPlan, PromiseToPay
from invoices.search import invoices_matching
from invoices.services.disputes import (
    DISPUTABLE,
    dispute_open,
    dispute_reject,
    dispute_uphold,
    dispute_withdraw,
)
from invoices.services.plans import Part, plan_cancel, plan_create
from invoices.services.promises import promise_cancel, promise_record

OPEN_ONLY = "Open invoices of one customer in one currency."
COLOURS = {
    "Open": "info",
    "Active": "info",
    "Kept": "success",
    "Completed": "success",
    "Partially kept": "warning",
    "Broken": "danger",
    "Defaulted": "danger",
}


def open_of(row: Customer | Invoice) -> Any:
    """The open invoices that an agreement from this page can name."""
    if isinstance(row, Customer):
        return row.invoices.filter(status=Invoice.Status.OPEN)
    return row.customer.invoices.filter(status=Invoice.Status.OPEN, currency=row.currency)


class NamesInvoices(KeyedForm):
    """From a customer's or an invoice's page: the customer's open invoices are offered."""

    def prepare(self) -> None:
        if self.row is None:
            return
        named: Any = fields.some_of("Invoices", open_of(self.row), help_text=OPEN_ONLY)
        self.fields["invoices"] = named
        if isinstance(self.row, Invoice):
            named.initial = [self.row.pk]


class PromiseForm(NamesInvoices):
    invoices = fields.picked_many(
        "Invoices", Invoice, PromiseToPay._meta.get_field("invoices"), help_text=OPEN_ONLY
    )
    amount = fields.amount()
    due_date = fields.day("To be paid by")
    method = fields.choice("How", Payment.Method.choices, required=False)

    def prepare(self) -> None:
        super().prepare()
        if isinstance(self.row, Invoice):
            self.fields["amount"].initial = self.row.balance_exact

    def post(self, **who: Any) -> PromiseToPay:
        data = self.cleaned_data
        return promise_record(
            invoices=list(data["invoices"].select_related("customer")),
            amount=data["amount"],
            due_date=data["due_date"],
            method=data["method"],
            idempotency_key=self.key,
            **who,
        )


class InstalmentForm(forms.Form):
    due_date = fields.day("Due")
    amount = fields.amount()


class PlanForm(NamesInvoices):
    row_form, rows_name, rows_title = InstalmentForm, "instalments", "Instalments"
    rows_help = "Two or more, each due after the one before."
    invoices = fields.picked_many(
        "Invoices", Invoice, PaymentPlan._meta.get_field("invoices"), help_text=OPEN_ONLY
    )

    def post(self, **who: Any) -> PaymentPlan:
        return plan_create(
            invoices=list(self.cleaned_data["invoices"].select_related("customer")),
            parts=[Part(each["due_date"], each["amount"]) for each in self.given_rows],
            idempotency_key=self.key,
            **who,
        )


class DisputeForm(KeyedForm):
    reason = fields.choice("What is contested", Dispute.Reason.choices)
    amount = fields.amount("Amount contested", required=False, help_text="Without one: all that is owed.")
    description = fields.text("What the customer says", longest=1000, required=False, rows=3)
    evidence = fields.text("Evidence", longest=500, required=False)

    def post(self, **who: Any) -> Dispute:
        data = self.cleaned_data
        return dispute_open(
            invoice=data.get("invoice") or self.row,
            reason=data["reason"],
            amount=data["amount"] or None,
            description=data["description"],
            evidence=data["evidence"],
            idempotency_key=self.key,
            **who,
        )


class AnyDisputeForm(DisputeForm):
    """From the list: which invoice it is about, is asked."""

    invoice = fields.picked("Invoice", Invoice, Dispute._meta.get_field("invoice"))
    field_order = ["invoice"]


class CancelPromiseForm(ActForm):
    reason = fields.reason()

    def post(self, **who: Any) -> PromiseToPay:
        return promise_cancel(promise=self.row, reason=self.cleaned_data["reason"], **who)


class CancelPlanForm(ActForm):
    reason = fields.reason()

    def post(self, **who: Any) -> PaymentPlan:
        return plan_cancel(plan=self.row, reason=self.cleaned_data["reason"], **who)


class UpholdForm(ActForm):
    credit_note_number = fields.text("Number of the credit note", longest=32)
    shown_at = {"number": "credit_note_number"}
    amount = fields.amount(required=False, help_text="Without one: all that was contested.")
    issued_on = fields.day("Issued on", today=True)
    resolution = fields.text("What was found", longest=500)

    def post(self, **who: Any) -> Dispute:
        data = {**self.cleaned_data, "amount": self.cleaned_data["amount"] or None}
        return dispute_uphold(dispute=self.row, **data, **who)


class RejectForm(ActForm):
    resolution = fields.text("What was found", longest=500)

    def post(self, **who: Any) -> Dispute:
        return dispute_reject(dispute=self.row, **self.cleaned_data, **who)


class WithdrawForm(ActForm):
    resolution = fields.text("What the customer said", longest=500)

    def post(self, **who: Any) -> Dispute:
        return dispute_withdraw(dispute=self.row, **self.cleaned_data, **who)


def _owes(row: Any) -> bool:
    return isinstance(row, Customer) or row.status == Invoice.Status.OPEN


def _disputable(row: Any) -> bool:
    return row.status in DISPUTABLE and row.balance > 0


# From the pages of customers and invoices; the first two from the lists as well.
RECORD_PROMISE = Act(
    "promise",
    "Record a promise",
    PromiseForm,
    ("invoices.add_promisetopay",),
    "The promise is recorded.",
    _owes,
    "An open promise for the same invoices is replaced.",
)
CREATE_PLAN = Act(
    "plan", "Agree on a plan", PlanForm, ("invoices.add_paymentplan",), "The plan is agreed.", _owes
)
OPEN_DISPUTE = Act(
    "dispute", "Open a dispute", DisputeForm, ("invoices.add_dispute",), "The dispute is open.", _disputable
)
disputed = in_states(Dispute.Status.OPEN)
DECIDE = ("invoices.change_dispute",)


class AgreementAdmin(LedgerAdmin):
    """A promise or a plan."""

    list_select_related = ["customer"]
    search_fields = ["invoices"]
    search_help_text = "What finds one of its invoices: a number, a customer."

    def found(self, rows: QuerySet[Any], query: str) -> QuerySet[Any]:
        through = self.model.invoices.through
        named = through.objects.filter(invoice__in=invoices_matching(query).values("pk"))
        return rows.filter(pk__in=named.values(f"{self.opts.model_name}_id"))

    @display(description="State", ordering="status", label=COLOURS)
    def state(self, row: Any) -> str:
        return str(row.get_status_display())

    def panels(self, row: Any) -> list[Panel]:
        return [
            panel(
                "Invoices",
                row.invoices.all(),
                itself("Invoice"),
                STATUS,
                Column("Due", lambda invoice: day(invoice.due_date)),
                Column("Owed", lambda invoice: invoice.balance_text, number=True),
            )
        ]


@admin.register(PromiseToPay)
class PromiseAdmin(AgreementAdmin):
    exported = PromiseList
    object_type = "promise"
    add_act = Act(
        "record",
        RECORD_PROMISE.title,
        PromiseForm,
        RECORD_PROMISE.permissions,
        RECORD_PROMISE.done,
        intro=RECORD_PROMISE.intro,
        opens_made=True,
    )
    acts = (
        Act(
            "cancel",
            "Cancel the promise",
            CancelPromiseForm,
            ("invoices.change_promisetopay",),
            "The promise is cancelled.",
            in_states(PromiseToPay.Status.OPEN),
            danger=True,
        ),
    )
    list_display = ["customer", "amount_shown", "due_date", "state", "method", "created_at"]
    list_filter = ["status", "due_date", CurrencyFilter]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("customer", "status"),
                    ("amount_text", "due_date"),
                    ("method", "created_at"),
                    "source_call_id",
                ]
            },
        )
    ]

    @admin.display(description="Amount", ordering="amount")
    def amount_shown(self, promise: PromiseToPay) -> str:
        return number(promise.amount_text)

    @admin.display(description="Amount")
    def amount_text(self, promise: PromiseToPay) -> str:
        return promise.amount_text


@admin.register(PaymentPlan)
class PlanAdmin(AgreementAdmin):
    exported = PlanList
    object_type = "plan"
    add_act = Act(
        "create", CREATE_PLAN.title, PlanForm, CREATE_PLAN.permissions, CREATE_PLAN.done, opens_made=True
    )
    acts = (
        Act(
            "cancel",
            "Cancel the plan",
            CancelPlanForm,
            ("invoices.change_paymentplan",),
            "The plan is cancelled.",
            in_states(PaymentPlan.Status.ACTIVE, PaymentPlan.Status.DEFAULTED),
            danger=True,
        ),
    )
    list_display = ["customer", "total_shown", "state", "created_at"]
    list_filter = ["status", CurrencyFilter]
    fieldsets = [(None, {"fields": [("customer", "status"), ("total_text", "created_at"), "source_call_id"]})]

    @admin.display(description="Total", ordering="total")
    def total_shown(self, plan: PaymentPlan) -> str:
        return number(plan.total_text)

    @admin.display(description="Total")
    def total_text(self, plan: PaymentPlan) -> str:
        return plan.total_text

    def panels(self, row: PaymentPlan) -> list[Panel]:
        instalments = panel(
            "Instalments",
            row.instalments.select_related("plan"),
            Column("No.", lambda part: part.position),
            Column("Due", lambda part: day(part.due_date)),
            AMOUNT,
            most=120,
        )
        return [instalments, *super().panels(row)]


@admin.register(Dispute)
class DisputeAdmin(LedgerAdmin):
    exported = DisputeList
    object_type = "dispute"
    add_act = Act(
        "open",
        OPEN_DISPUTE.title,
        AnyDisputeForm,
        OPEN_DISPUTE.permissions,
        OPEN_DISPUTE.done,
        opens_made=True,
    )
    acts = (
        Act(
            "uphold",
            "Uphold",
            UpholdForm,
            (*DECIDE, "invoices.add_creditnote"),
            "The dispute is upheld and credited.",
            disputed,
            "The customer is right. A credit note takes back what was contested.",
        ),
        Act("reject", "Reject", RejectForm, DECIDE, "The dispute is rejected.", disputed, danger=True),
        Act(
            "withdraw",
            "The customer takes it back",
            WithdrawForm,
            ("invoices.add_dispute",),
            "The dispute is withdrawn.",
            disputed,
        ),
    )
    list_display = ["invoice", "customer", "reason", "amount_shown", "state", "opened_at"]
    list_select_related = ["invoice__customer"]
    list_filter = ["status", "reason"]
    search_fields = ["invoice"]
    search_help_text = "What finds its invoice: a number, a customer."
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("invoice", "status"),
                    ("reason", "amount_text"),
                    "description",
                    "evidence",
                    ("opened_at", "closed_at"),
                    ("resolution", "credit_note"),
                ]
            },
        )
    ]

    def found(self, rows: QuerySet[Dispute], query: str) -> QuerySet[Dispute]:
        return rows.filter(invoice__in=invoices_matching(query).values("pk"))

    @display(description="State", ordering="status", label={"Open": "warning", "Upheld": "success"})
    def state(self, dispute: Dispute) -> str:
        return dispute.get_status_display()

    @admin.display(description="Customer")
    def customer(self, dispute: Dispute) -> str:
        return row_link(dispute.invoice.customer)

    @admin.display(description="Amount", ordering="amount")
    def amount_shown(self, dispute: Dispute) -> str:
        return number(dispute.amount_text)

    @admin.display(description="Amount")
    def amount_text(self, dispute: Dispute) -> str:
        return dispute.amount_text
