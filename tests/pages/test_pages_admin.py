"""The admin: the same button, and nothing that goes round the books."""

import pytest

from calls.models import Call
from invoices.models import Customer, Event, Invoice
from invoices.services.payments import payment_record
from tests.factories import CallFactory, CustomerFactory, DecisionFactory, InvoiceFactory, LineFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(browser, admin_user):
    return browser(admin_user)


def test_every_list_and_row_opens_for_every_role(browser, admin_user, collector, viewer, noon):
    invoice = InvoiceFactory.create()
    payment = payment_record(
        customer=invoice.customer,
        currency="GBP",
        amount="1",
        received_on=noon.date(),
        reference="P",
        source="staff",
    )
    call = CallFactory.create(invoice=invoice, status="completed", disposition="hung_up")
    LineFactory.create(call=call)
    DecisionFactory.create(call=call, allowed=False, reasons=[{"rule": "r", "citation": "c", "text": "t"}])
    rows = {
        "invoices/customer": invoice.customer_id,
        "invoices/invoice": invoice.pk,
        "invoices/payment": payment.pk,
        "invoices/promisetopay": None,
        "invoices/event": Event.objects.earliest("id").pk,
        "calls/call": call.pk,
    }
    for user in [admin_user, collector, viewer]:
        client = browser(user)
        for model, pk in rows.items():
            assert client.get(f"/admin/{model}/").status_code == 200, (user, model)
            if pk is not None:
                assert client.get(f"/admin/{model}/{pk}/change/").status_code == 200, (user, model)


def test_the_invoice_has_the_button_outside_the_admins_own_form(browser, collector):
    text = browser(collector).get(f"/admin/invoices/invoice/{InvoiceFactory.create().pk}/change/").text
    button = text.index("Ring from the Beyond")
    assert text.index("/calls/") < button
    assert "</form>" in text[button : button + 200]
    assert "hx-ws-2" in text and "phantompay.css" in text and "/ws/invoices/" in text


def test_a_viewer_has_no_button_there_either(browser, viewer):
    assert (
        "Ring from the Beyond"
        not in browser(viewer).get(f"/admin/invoices/invoice/{InvoiceFactory.create().pk}/change/").text
    )


def test_a_customer_is_made_and_corrected_with_events(admin, admin_user):
    fields = {
        "number": "7",
        "name": "Ruth Howard",
        "kind": "person",
        "phone": "+12135550199",
        "country": "US",
        "time_zone": "America/Los_Angeles",
        "birth_month": "3",
        "birth_day": "14",
    }
    assert admin.post("/admin/invoices/customer/add/", fields).status_code == 302
    customer = Customer.objects.get()
    correct = f"/admin/invoices/customer/{customer.pk}/act/edit/"
    assert admin.post(correct, {**fields, "name": "Ruth Hill"}).status_code == 302
    created, corrected = Event.objects.filter(object_type="customer")
    assert (created.kind, created.actor) == ("created", admin_user)
    assert (corrected.before, corrected.after) == ({"name": "Ruth Howard"}, {"name": "Ruth Hill"})
    assert "Give both month and day" in admin.post(correct, {**fields, "birth_day": ""}).text


def test_an_invoice_is_made_with_its_whole_balance(admin):
    fields = {
        "customer": CustomerFactory.create().pk,
        "number": "INV-1",
        "currency": "USD",
        "total": "12.50",
        "issue_date": "2026-11-01",
        "due_date": "2026-11-30",
        "issue": "on",
        "idempotency_key": "k",
    }
    for wrong, refusal in [
        ({"total": "1.005"}, "decimals at most"),
        ({"due_date": "2026-10-01"}, "before the issue date"),
    ]:
        assert refusal in admin.post("/admin/invoices/invoice/add/", {**fields, **wrong}).text
    assert admin.post("/admin/invoices/invoice/add/", fields).status_code == 302
    invoice = Invoice.objects.get()
    assert (invoice.status, str(invoice.balance_exact)) == ("open", "12.50")
    assert Event.objects.filter(object_type="invoice", kind="created").count() == 1


def test_an_issued_invoice_is_only_shown_and_a_draft_is_corrected(admin):
    issued, draft = InvoiceFactory.create(), InvoiceFactory.create(issue=False)
    fields = {
        "issue_date": "2026-11-01",
        "due_date": "2026-12-30",
        "description": "Corrected",
        "idempotency_key": "k",
    }
    assert admin.post(f"/admin/invoices/invoice/{issued.pk}/change/", fields).status_code == 403
    refused = admin.post(f"/admin/invoices/invoice/{issued.pk}/act/edit/", fields)
    assert "An issued invoice can&#x27;t be changed" in refused.text
    assert admin.post(f"/admin/invoices/invoice/{draft.pk}/act/edit/", fields).status_code == 302
    issued.refresh_from_db()
    draft.refresh_from_db()
    assert (issued.description, draft.description) == ("Lanterns", "Corrected")
    assert draft.total == draft.balance != 1


def test_nothing_is_deleted(admin):
    invoice, call = InvoiceFactory.create(), CallFactory.create()
    for path in [
        f"/admin/invoices/invoice/{invoice.pk}/delete/",
        f"/admin/invoices/customer/{invoice.customer_id}/delete/",
        f"/admin/calls/call/{call.pk}/delete/",
        f"/admin/invoices/event/{Event.objects.earliest('id').pk}/delete/",
    ]:
        assert admin.post(path, {"post": "yes"}).status_code == 403
    admin.post(
        "/admin/invoices/invoice/",
        {"action": "delete_selected", "_selected_action": invoice.pk, "post": "yes"},
    )
    assert Invoice.objects.filter(pk=invoice.pk).exists() and Call.objects.exists()


def test_a_calls_secrets_stay_out_of_the_admin(admin):
    call = CallFactory.create(stream_token_hash="h" * 64)
    assert "h" * 64 not in admin.get(f"/admin/calls/call/{call.pk}/change/").text


def test_lists_cost_the_same_for_any_length(admin, django_assert_max_num_queries):
    CallFactory.create_batch(10, status="completed", disposition="hung_up")
    for model in ["invoices/invoice", "invoices/customer", "invoices/event", "calls/call"]:
        with django_assert_max_num_queries(12):
            admin.get(f"/admin/{model}/")
