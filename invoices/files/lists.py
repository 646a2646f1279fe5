"""The ledger's lists as files. Columns that an import knows have its names, so that what went out can come in."""

from collections.abc import Sequence
from typing import Any, ClassVar

from invoices.files.exporting import List, column, money
from invoices.models import ContactPoint, Customer
from invoices.money import amount_exact


class CustomerList(List):
    name, permission = "customers", "invoices.view_customer"
    prefetched = ("contact_points",)
    customer_number = column("number", "customer_number")
    name_ = column("name", "name")
    kind = column("kind")
    phone = column("phone__value", "phone")
    email = column("email")
    other_phone = column("", "other_phone")
    other_email = column("", "other_email")
    address = column("address")
    city = column("city")
    state = column("state")
    postal_code = column("postal_code")
    country = column("country")
    time_zone = column("time_zone")
    locale = column("locale")
    currency = column("currency")
    payment_terms_days = column("payment_terms_days")
    birth_month = column("birth_month")
    birth_day = column("birth_day")
    exclude_from_dunning = column("exclude_from_dunning")

    def dehydrate_other_phone(self, customer: Customer) -> str:
        return _other(customer, ContactPoint.Kind.PHONE)

    def dehydrate_other_email(self, customer: Customer) -> str:
        return _other(customer, ContactPoint.Kind.EMAIL)


def _other(customer: Customer, kind: str) -> str:
    """The first that is not the primary one and not somebody else's."""
    for point in customer.contact_points.all():
        if point.kind == kind and not point.is_primary and point.wrong_at is None:
            return point.value
    return ""


class InvoiceList(List):
    name, permission = "invoices", "invoices.view_invoice"
    related = ("customer",)
    customer_number = column("customer__number", "customer_number")
    customer_name = column("customer__name", "customer_name")
    invoice_number = column("number", "invoice_number")
    status = column("status")
    currency = column("currency")
    total = money("total")
    tax = money("tax")
    balance = money("balance")
    issue_date = column("issue_date")
    due_date = column("due_date")
    description = column("description")


class PaymentList(List):
    name, permission = "payments", "invoices.view_payment"
    related = ("customer",)
    reference = column("reference")
    customer_number = column("customer__number", "customer_number")
    customer_name = column("customer__name", "customer_name")
    status = column("status")
    currency = column("currency")
    amount = money("amount")
    unallocated = money("unallocated")
    received_on = column("received_on")
    method = column("method")


class CreditNoteList(List):
    name, permission = "credit-notes", "invoices.view_creditnote"
    related = ("invoice__customer",)
    credit_note_number = column("number", "credit_note_number")
    invoice_number = column("invoice__number", "invoice_number")
    customer_number = column("invoice__customer__number", "customer_number")
    currency = column("invoice__currency", "currency")
    amount = money("amount", "invoice__currency")
    tax = money("tax", "invoice__currency")
    reason = column("reason")
    note = column("note")
    issued_on = column("issued_on")


class Agreement(List):
    """A promise or a plan, which names invoices."""

    related = ("customer",)
    prefetched: ClassVar[Sequence[str]] = ("invoices",)
    customer_number = column("customer__number", "customer_number")
    customer_name = column("customer__name", "customer_name")
    invoices = column("", "invoices")
    status = column("status")
    currency = column("currency")

    def dehydrate_invoices(self, row: Any) -> str:
        return " | ".join(invoice.number for invoice in row.invoices.all())


class PromiseList(Agreement):
    name, permission = "promises", "invoices.view_promisetopay"
    amount = money("amount")
    due_date = column("due_date")
    method = column("method")
    created_at = column("created_at")


class PlanList(Agreement):
    name, permission = "plans", "invoices.view_paymentplan"
    prefetched = ("invoices", "instalments")
    total = money("total")
    instalments = column("", "instalments")
    created_at = column("created_at")

    def dehydrate_instalments(self, plan: Any) -> str:
        """“2026-03-31=50.00 | 2026-04-30=50.00”"""
        parts = [(part.due_date, amount_exact(part.amount, plan.currency)) for part in plan.instalments.all()]
        return " | ".join(f"{day}={amount}" for day, amount in parts)


class DisputeList(List):
    name, permission = "disputes", "invoices.view_dispute"
    related = ("invoice__customer",)
    invoice_number = column("invoice__number", "invoice_number")
    customer_number = column("invoice__customer__number", "customer_number")
    customer_name = column("invoice__customer__name", "customer_name")
    status = column("status")
    reason = column("reason")
    currency = column("invoice__currency", "currency")
    amount = money("amount", "invoice__currency")
    description = column("description")
    evidence = column("evidence")
    resolution = column("resolution")
    opened_at = column("opened_at")
    closed_at = column("closed_at")
