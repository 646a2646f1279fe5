"""Customers."""

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from invoices.addresses import LONGEST_EMAIL, phone_text
from invoices.admin import form_fields as fields
from invoices.admin.acts import Act, ActForm
from invoices.admin.agreements import CREATE_PLAN, RECORD_PROMISE
from invoices.admin.base import LedgerAdmin
from invoices.admin.columns import AMOUNT, STATUS, day, itself
from invoices.admin.panels import Column, Panel, list_url, panel
from invoices.admin.payments import CustomerPaymentForm, payments_panel, record_payment
from invoices.admin.reach import reach_panels
from invoices.admin.reach_acts import (
    ADD_NOTE,
    ADD_POINT,
    RECORD_CONSENT,
    RECORD_CONTACT,
    RECORD_WISH,
    SET_HOLD,
)
from invoices.admin.timeline import timeline_of_many
from invoices.files.lists import CustomerList
from invoices.models import Consent, Customer, Hold, Invoice, Payment
from invoices.party_selectors import customer_events
from invoices.search import customers_matching
from invoices.selectors import totals_by_currency
from invoices.services.parties import NUMBER_GIVEN, customer_create, customer_edit


class CustomerForm(ActForm):
    number = fields.text("Customer number", longest=32)
    name = fields.text("Name", longest=200)
    kind = fields.choice("Kind", Customer.Kind.choices, initial=Customer.Kind.PERSON)
    phone = fields.text("Phone", longest=64, help_text="With its country, such as +12135550101.")
    phone_basis = fields.choice(
        "Why it may be rung",
        Consent.Basis.choices,
        required=False,
        initial=NUMBER_GIVEN,
        help_text="Without a ground it is not rung.",
    )
    email = fields.text("E-mail", longest=LONGEST_EMAIL, required=False)
    address = fields.text("Address", required=False)
    city = fields.text("City", longest=100, required=False)
    state = fields.text("State or county", longest=50, required=False)
    postal_code = fields.text("Postal code", longest=20, required=False)
    country = fields.text("Country", longest=2, help_text="Its two letters, such as US.")
    time_zone = fields.text("Time zone", longest=64, help_text="Such as America/Los_Angeles.")
    locale = fields.text("Locale", longest=20, required=False, help_text="How amounts are written: en_US.")
    currency = fields.text("Currency", longest=3, required=False)
    payment_terms_days = fields.whole("Days to pay", required=False, initial=30)
    birth_month = fields.whole(
        "Month of birth",
        required=False,
        help_text="The right party is verified by month and day of birth. They are never said on the telephone.",
    )
    birth_day = fields.whole("Day of birth", required=False)
    exclude_from_dunning = fields.switch("Looked after by a human", help_text="Kept out of every campaign.")

    def told(self) -> dict[str, Any]:
        """What was entered. What the page did not send at all stays as it is, or as it is by default."""
        blank = {"locale": "", "payment_terms_days": None}
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name not in blank or value != blank[name]
        }

    def post(self, **who: Any) -> Customer:
        told = self.told()
        if "phone_basis" not in self.data:
            told.pop("phone_basis")
        return customer_create(**told, **who)


class CorrectForm(CustomerForm):
    reason = fields.text("Why it is corrected", required=False)

    def prepare(self) -> None:
        phone = self.row.phone
        for name in self.fields:
            if hasattr(self.row, name):
                self.fields[name].initial = getattr(self.row, name)
        self.fields["phone"].initial = phone.value if phone else ""
        self.fields["phone"].required = phone is not None
        self.fields["phone_basis"].help_text = "Of a new number. The old one stays, as another one."

    def post(self, **who: Any) -> Customer:
        told = self.told()
        if "phone_basis" not in self.data:
            told.pop("phone_basis")
        told["phone"] = told["phone"] or None
        return customer_edit(customer=self.row, **told, **who)


class HeldFilter(admin.SimpleListFilter):
    title = "hold"
    parameter_name = "held"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "On hold"), ("no", "Not on hold")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Customer]) -> QuerySet[Customer]:
        now = timezone.now()
        standing = Hold.objects.filter(customer=OuterRef("pk"), lifted_at=None, starts_at__lte=now)
        held = Exists(standing.filter(Q(ends_at=None) | Q(ends_at__gt=now)))
        match self.value():
            case "yes":
                return queryset.filter(held)
            case "no":
                return queryset.filter(~held)
        return queryset


CORRECT = Act("edit", "Correct", CorrectForm, ("invoices.change_customer",), "The customer is corrected.")


@admin.register(Customer)
class CustomerAdmin(LedgerAdmin):
    exported = CustomerList
    object_type = "customer"
    add_act = Act(
        "create",
        "New customer",
        CustomerForm,
        ("invoices.add_customer",),
        "The customer is made.",
        opens_made=True,
    )
    acts = (
        record_payment("payment", CustomerPaymentForm),
        RECORD_PROMISE,
        CREATE_PLAN,
        RECORD_CONTACT,
        ADD_NOTE,
        RECORD_WISH,
        SET_HOLD,
        RECORD_CONSENT,
        ADD_POINT,
        CORRECT,
    )
    list_display = ["name", "number", "kind", "rung_at", "city", "country", "time_zone"]
    list_filter = ["kind", HeldFilter, "exclude_from_dunning"]
    search_fields = ["name"]
    search_help_text = "A name, a number, a telephone number or an e-mail address."
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("number", "name"),
                    ("kind", "rung_at"),
                    ("email_shown", "address"),
                    ("city", "state"),
                    ("postal_code", "country"),
                    ("time_zone", "locale"),
                    ("currency", "payment_terms_days"),
                    ("birth_month", "birth_day"),
                    ("exclude_from_dunning", "created_at"),
                ]
            },
        )
    ]

    def found(self, rows: QuerySet[Customer], query: str) -> QuerySet[Customer]:
        return customers_matching(query, among=rows)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        return super().get_queryset(request).prefetch_related("contact_points")  # type: ignore[no-any-return]

    @admin.display(description="Phone")
    def rung_at(self, customer: Customer) -> str:
        return phone_text(customer.phone.value) if customer.phone else ""

    @admin.display(description="E-mail")
    def email_shown(self, customer: Customer) -> str:
        return customer.email

    def documents(self, row: Customer) -> list[tuple[str, str]]:
        return [("Statement", reverse("statement-pdf", args=[row.pk]))]

    def timeline(self, row: Customer) -> Panel:
        return timeline_of_many(customer_events(row))

    def panels(self, row: Customer) -> list[Panel]:
        return [
            panel(
                "What is owed",
                totals_by_currency(customer=row),
                Column("Currency", lambda sums: sums.currency),
                Column("Open invoices", lambda sums: sums.open_count, number=True),
                Column("Open", lambda sums: sums.open_text, number=True),
                Column("Overdue", lambda sums: sums.overdue_text, number=True),
            ),
            panel(
                "Open invoices",
                row.invoices.filter(status=Invoice.Status.OPEN).order_by("due_date", "id"),
                itself("Invoice"),
                Column("Due", lambda invoice: day(invoice.due_date)),
                Column("Total", lambda invoice: invoice.total_text, number=True),
                Column("Owed", lambda invoice: invoice.balance_text, number=True),
                more=list_url(Invoice, f"customer__id__exact={row.pk}"),
                most=20,
            ),
            payments_panel(row, more=list_url(Payment, f"customer__id__exact={row.pk}")),
            panel(
                "Promises to pay",
                row.promises.all(),
                itself("Promise"),
                STATUS,
                AMOUNT,
                most=10,
            ),
            panel(
                "Payment plans",
                row.plans.all(),
                itself("Plan"),
                STATUS,
                Column("Total", lambda plan: plan.total_text, number=True),
                most=10,
            ),
            *reach_panels(row),
        ]
