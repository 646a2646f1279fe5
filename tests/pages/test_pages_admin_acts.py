"""The acts of the admin: each posts through its service and leaves its event; refusals stand at their field."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib import admin as admin_module
from django.utils import timezone

from invoices.admin.base import LedgerAdmin
from invoices.models import (
    Consent,
    Contact,
    ContactPoint,
    CreditNote,
    Customer,
    Dispute,
    Event,
    Hold,
    Invoice,
    Note,
    Payment,
    PaymentPlan,
    PromiseToPay,
    Refund,
    Wish,
)
from invoices.services.contact_points import contact_point_add
from invoices.services.contact_rules import hold_set, wish_record
from invoices.services.disputes import dispute_open
from invoices.services.payments import payment_record
from invoices.services.plans import Part, plan_create
from invoices.services.promises import promise_record
from tests.factories import InvoiceFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]

# Webhooks and tokens are the admin's alone, and have tests of their own.
ACTS = [
    (model._meta.model_name, act)
    for model, shown in admin_module.site._registry.items()
    if isinstance(shown, LedgerAdmin) and model._meta.app_label == "invoices"
    for act in shown.acts
    if not model.__name__.startswith(("Webhook", "ApiToken"))
]
MAKES = [
    (model._meta.model_name, shown.add_act)
    for model, shown in admin_module.site._registry.items()
    if isinstance(shown, LedgerAdmin) and shown.add_act
]
ADMIN_ONLY = {
    ("invoice", "credit"),
    ("invoice", "void"),
    ("invoice", "write-off"),
    ("invoice", "reissue"),
    ("payment", "clear"),
    ("payment", "fail"),
    ("payment", "allocate"),
    ("payment", "release"),
    ("payment", "refund"),
    ("dispute", "uphold"),
    ("dispute", "reject"),
}


@pytest.fixture
def admin(browser, admin_user):
    return browser(admin_user)


@pytest.fixture
def invoice():
    return InvoiceFactory.create()


def pay(invoice, **fields):
    fields = {"currency": "GBP", "amount": "20", "received_on": invoice.due_date, "source": "test", **fields}
    return payment_record(customer=invoice.customer, **fields)


def row_for(model, act, invoice):
    """A row on which the act is possible."""
    match model, act:
        case "customer", _:
            return invoice.customer
        case "contactpoint", "primary":
            return contact_point_add(
                customer=invoice.customer, kind="email", value="b@example.com", source="test"
            )
        case "contactpoint", _:
            return invoice.customer.phone
        case "hold", _:
            return hold_set(customer=invoice.customer, kind="manual", evidence="Asked", source="test")
        case "wish", _:
            return wish_record(
                customer=invoice.customer, kind="not_by", channel="sms", said="No texts", source="test"
            )
        case "invoice", "edit" | "issue":
            return InvoiceFactory.create(issue=False)
        case "invoice", _:
            return invoice
        case "payment", "clear" | "fail":
            return pay(invoice, pending=True)
        case "payment", "allocate":
            payment = pay(invoice, amount="500")
            InvoiceFactory.create(customer=invoice.customer)
            return payment
        case "payment", _:
            return pay(invoice)
        case "promisetopay", _:
            return promise_record(invoices=[invoice], amount="10", due_date=_soon(), source="test")
        case "paymentplan", _:
            parts = [Part(_soon(), "10"), Part(_soon(20), "10")]
            return plan_create(invoices=[invoice], parts=parts, source="test")
        case "dispute", _:
            return dispute_open(invoice=invoice, reason="faulty", amount="10", source="test")
    raise AssertionError(f"no row for {model} {act}: add one here")


def _soon(days=10):
    return timezone.localdate() + timedelta(days=days)


FIELDS = {
    "payment": {"currency": "GBP", "amount": "5", "received_on": "2026-11-20", "method": "cash"},
    "promise": {"amount": "5", "due_date": "2026-12-01"},
    "plan": {
        "instalments-TOTAL_FORMS": "2",
        "instalments-INITIAL_FORMS": "0",
        "instalments-0-due_date": "2026-12-01",
        "instalments-0-amount": "5",
        "instalments-1-due_date": "2027-01-01",
        "instalments-1-amount": "5",
    },
    "dispute": {"reason": "faulty", "amount": "5"},
    "credit": {"number": "CN-1", "amount": "5", "reason": "goodwill", "issued_on": "2026-11-20"},
    "edit": {"issue_date": "2026-11-01", "due_date": "2026-12-01", "description": "New"},
    "reissue": {
        "number": "INV-NEW",
        "issue_date": "2026-11-24",
        "reason": "Wrong",
        "lines-TOTAL_FORMS": "1",
        "lines-INITIAL_FORMS": "0",
        "lines-0-description": "Lamp",
        "lines-0-unit_price": "10",
        "lines-0-tax_rate": "20",
    },
    "refund": {"amount": "5", "refunded_on": "2026-11-24", "reason": "Sent back"},
    "uphold": {"credit_note_number": "CN-2", "issued_on": "2026-11-24", "resolution": "Broken"},
    "reject": {"resolution": "It was whole"},
    "withdraw": {"resolution": "Found it", "reason": "Not any more"},
    "hold": {"kind": "hardship", "evidence": "A letter"},
    "wish": {"kind": "not_by", "channel": "sms", "said": "No texts"},
    "contact": {"direction": "inbound", "outcome": "conversation", "channel": "voice"},
    "note": {"text": "Ring the bell twice."},
    "consent": {"channel": "voice", "act": "given", "basis": "oral", "evidence": "Said so"},
    "contact-point": {"kind": "phone", "value": "+442079460999", "line_type": "unknown"},
    "allow": {"allows_voice": "on"},
}


def fields_for(model, act, row, invoice):
    given: dict[str, Any] = {"reason": "Because", "idempotency_key": "once", **FIELDS.get(act, {})}
    if act in ("promise", "plan"):
        given["invoices"] = [invoice.pk]
    if (model, act) == ("payment", "release"):
        given["invoice"] = invoice.pk
    if (model, act) == ("customer", "edit"):
        given = {"number": row.number, "name": "Another", "kind": "person", "country": "GB"}
        given |= {"phone": row.phone.value, "email": row.email, "time_zone": "Europe/London"}
    return given


@pytest.mark.parametrize(("model", "act"), ACTS, ids=[f"{model}-{act.name}" for model, act in ACTS])
def test_every_act_posts_through_its_service_and_leaves_an_event(admin, admin_user, invoice, model, act):
    row = row_for(model, act.name, invoice)
    url = f"/admin/invoices/{model}/{row.pk}/act/{act.name}/"
    page = f"/admin/invoices/{model}/{row.pk}/change/"
    assert url in admin.get(page).text
    assert act.title in admin.get(url).text
    last = Event.objects.latest("id").pk
    answer = admin.post(url, fields_for(model, act.name, row, invoice))
    assert answer.status_code == 302, answer.context["form"].errors
    written = Event.objects.filter(pk__gt=last)
    assert written and {(event.source, event.actor) for event in written} == {("staff", admin_user)}
    assert admin.get(answer.url).status_code == 200


@pytest.mark.parametrize(("model", "act"), ACTS, ids=[f"{model}-{act.name}" for model, act in ACTS])
def test_a_viewer_is_offered_no_act_and_refused_every_one(browser, viewer, invoice, model, act):
    row, client = row_for(model, act.name, invoice), browser(viewer)
    url = f"/admin/invoices/{model}/{row.pk}/act/{act.name}/"
    page = client.get(f"/admin/invoices/{model}/{row.pk}/change/")
    assert page.status_code == 200 and "/act/" not in page.text
    last = Event.objects.latest("id").pk
    assert client.get(url).status_code == 403
    assert client.post(url, fields_for(model, act.name, row, invoice)).status_code == 403
    assert Event.objects.latest("id").pk == last


@pytest.mark.parametrize(("model", "act"), MAKES, ids=[model for model, _ in MAKES])
def test_a_viewer_makes_nothing(browser, viewer, model, act):
    url = f"/admin/invoices/{model}/add/"
    assert browser(viewer).get(url).status_code == browser(viewer).post(url, {}).status_code == 403


@pytest.mark.parametrize(("model", "act"), ACTS, ids=[f"{model}-{act.name}" for model, act in ACTS])
def test_a_collector_writes_down_what_was_agreed_and_gives_nothing_away(
    browser, collector, invoice, model, act
):
    row = row_for(model, act.name, invoice)
    url = f"/admin/invoices/{model}/{row.pk}/act/{act.name}/"
    answer = browser(collector).post(url, fields_for(model, act.name, row, invoice))
    assert answer.status_code == (403 if (model, act.name) in ADMIN_ONLY else 302)


def test_an_act_needs_a_csrf_token_and_a_get_changes_nothing(browser, admin_user, invoice):
    url = f"/admin/invoices/invoice/{invoice.pk}/act/void/"
    client = browser(admin_user, enforce_csrf_checks=True)
    assert client.get(url).status_code == 200
    assert client.post(url, {"reason": "x"}).status_code == 403
    invoice.refresh_from_db()
    assert invoice.status == Invoice.Status.OPEN


@pytest.mark.parametrize(
    ("act", "made"),
    [
        ("payment", Payment),
        ("promise", PromiseToPay),
        ("plan", PaymentPlan),
        ("dispute", Dispute),
        ("credit", CreditNote),
    ],
)
def test_a_double_click_posts_once(admin, invoice, act, made):
    url, fields = (
        f"/admin/invoices/invoice/{invoice.pk}/act/{act}/",
        fields_for("invoice", act, None, invoice),
    )
    assert admin.post(url, fields).status_code == admin.post(url, fields).status_code == 302
    assert made.objects.count() == 1
    other = admin.post(url, {**fields, **{name: "6" for name in fields if name.endswith("amount")}})
    assert "sent before with other content" in other.text and made.objects.count() == 1


def test_a_refund_is_posted_once(admin, invoice):
    payment = pay(invoice)
    for _ in range(2):
        admin.post(
            f"/admin/invoices/payment/{payment.pk}/act/refund/",
            fields_for("payment", "refund", payment, invoice),
        )
    assert Refund.objects.count() == 1


def test_an_invoice_is_made_with_taxed_lines(admin, invoice):
    fields = {
        "customer": invoice.customer_id,
        "number": "INV-L",
        "currency": "GBP",
        "issue_date": "2026-11-01",
        "idempotency_key": "k",
        "lines-TOTAL_FORMS": "3",
        "lines-INITIAL_FORMS": "0",
        "lines-0-description": "Lamps",
        "lines-0-quantity": "3",
        "lines-0-unit_price": "10.00",
        "lines-0-tax_rate": "20",
        "lines-2-description": "Post",
        "lines-2-unit_price": "4.50",
    }
    assert admin.post("/admin/invoices/invoice/add/", fields).status_code == 302
    made = Invoice.objects.get(number="INV-L")
    assert (made.total, made.tax) == (Decimal("40.50"), Decimal(6))
    assert (made.lines.count(), made.status) == (2, "draft")
    bad = admin.post(
        "/admin/invoices/invoice/add/",
        {**fields, "number": "INV-M", "idempotency_key": "m", "lines-0-unit_price": "NaN"},
    )
    assert "Line 1: Enter an amount above zero." in bad.text
    assert not Invoice.objects.filter(number="INV-M").exists()


@pytest.mark.parametrize("amount", ["-5", "0", "NaN", "Infinity", "1e400", "1.005", "five", "1\0", "9" * 41])
@pytest.mark.parametrize("act", ["payment", "promise", "dispute", "credit"])
def test_a_bad_amount_is_refused_at_its_field(admin, invoice, act, amount):
    last = Event.objects.latest("id").pk
    answer = admin.post(
        f"/admin/invoices/invoice/{invoice.pk}/act/{act}/",
        {**fields_for("invoice", act, None, invoice), "amount": amount},
    )
    assert answer.status_code == 200 and "amount" in answer.context["form"].errors
    assert Event.objects.latest("id").pk == last


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("currency", "XQZ"),
        ("currency", "usd"),
        ("due_date", "2026-10-01"),
        ("due_date", "9999-12-31"),
        ("number", "I\0"),
        ("customer", "99999999999999999999999"),
        ("customer", "abc"),
        ("customer", "1\0"),
        ("total", "1e400"),
    ],
)
def test_a_bad_invoice_is_refused_at_its_field(admin, invoice, field, value):
    fields = {
        "customer": invoice.customer_id,
        "number": "INV-B",
        "currency": "USD",
        "issue_date": "2026-11-01",
        "total": "10",
        "idempotency_key": "k",
    }
    answer = admin.post("/admin/invoices/invoice/add/", {**fields, field: value})
    assert answer.status_code == 200 and field in answer.context["form"].errors
    assert Invoice.objects.count() == 1


def test_another_customers_rows_are_refused(admin, invoice):
    other = InvoiceFactory.create()
    number = other.customer.contact_points.get(kind="phone")
    at = f"/admin/invoices/customer/{invoice.customer_id}/act"
    crafted: list[tuple[str, dict[str, Any], str]] = [
        ("payment", {"invoice": other.pk}, "invoice"),
        ("promise", {"invoices": [other.pk]}, "invoices"),
        ("promise", {"invoices": ["9" * 30]}, "invoices"),
        ("hold", {"invoice": other.pk}, "invoice"),
        ("consent", {"contact_point": number.pk}, "contact_point"),
        ("contact", {"invoices": [other.pk]}, "invoices"),
    ]
    last = Event.objects.latest("id").pk
    for act, fields, at_field in crafted:
        answer = admin.post(f"{at}/{act}/", {**fields_for("customer", act, None, invoice), **fields})
        assert at_field in answer.context["form"].errors, act
    listed = {
        **FIELDS["payment"],
        "customer": invoice.customer_id,
        "invoice": other.pk,
        "idempotency_key": "x",
    }
    assert "invoice" in admin.post("/admin/invoices/payment/add/", listed).context["form"].errors
    two = {**FIELDS["promise"], "invoices": [invoice.pk, other.pk], "idempotency_key": "y"}
    assert "invoices" in admin.post("/admin/invoices/promisetopay/add/", two).context["form"].errors
    assert Event.objects.latest("id").pk == last


@pytest.mark.parametrize(
    "model", [Customer, ContactPoint, Consent, Hold, Wish, Contact, Note, Invoice, Event]
)
def test_long_and_strange_queries_are_answered(admin, invoice, model):
    at = f"/admin/invoices/{model._meta.model_name}/"
    for query in ["q=" + "x" * 10_000, "q=%00", "q=7", "nothing=%00", "q=%25'\"", "p=99999", "o=99"]:
        assert admin.get(f"{at}?{query}", follow=True).status_code == 200, query
    assert admin.get(f"{at}{'9' * 30}/change/", follow=True).status_code == 200


def test_the_timeline_says_who_what_before_and_after_and_why(admin, admin_user, invoice):
    admin.post(f"/admin/invoices/invoice/{invoice.pk}/act/write-off/", {"reason": "The business has closed."})
    text = admin.get(f"/admin/invoices/invoice/{invoice.pk}/change/").text
    for told in [admin_user.username, "Written off as uncollectible", "open → uncollectible", "has closed."]:
        assert told in text


def test_credit_without_an_invoice_to_put_it_to_stays_credit(admin, invoice):
    payment = pay(invoice, amount="500")
    answer = admin.post(f"/admin/invoices/payment/{payment.pk}/act/allocate/", {})
    assert "owes nothing in GBP" in answer.text
