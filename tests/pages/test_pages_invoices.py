"""The invoice's page and the list."""

from datetime import timedelta

import pytest
from django.utils import timezone

from invoices.services import invoice_transition, payment_record, promise_record
from tests.factories import CustomerFactory, InvoiceFactory

pytestmark = pytest.mark.django_db


def test_the_page_shows_balance_payments_promises_and_their_history(browser, viewer):
    invoice = InvoiceFactory.create(total="1234.50", currency="USD")
    today = timezone.localdate()
    payment_record(invoice=invoice, amount="234.50", received_on=today, reference="BANK-1", source="staff")
    promise_record(
        invoice=invoice, amount="1000", due_date=today + timedelta(days=5), today=today, source="agent"
    )
    text = browser(viewer).get(f"/invoices/{invoice.pk}/").text
    for shown in [
        "$1,234.50",
        "$234.50",
        "$1,000.00",
        "BANK-1",
        "Payment posted",
        "Promise to pay recorded",
        "Overdue",
    ]:
        assert shown in text, shown


def test_the_page_shows_the_customers_own_time(browser, viewer, noon):
    customer = CustomerFactory.create(
        time_zone="Australia/Sydney", city="Sydney", country="AU", phone="+61255500110"
    )
    text = browser(viewer).get(f"/invoices/{InvoiceFactory.create(customer=customer).pk}/").text
    assert "<strong>23:00</strong> Tuesday" in text


def test_text_of_customers_is_never_markup(browser, viewer):
    invoice = InvoiceFactory.create(
        customer=CustomerFactory.create(name="<script>alert(1)</script>"), description="<b>bold</b>"
    )
    for path in [f"/invoices/{invoice.pk}/", "/invoices/", f"/customers/{invoice.customer_id}/", "/"]:
        text = browser(viewer).get(path).text
        assert "<script>alert" not in text and "<b>bold" not in text


def test_search_finds_number_description_and_customer(browser, viewer):
    wanted = InvoiceFactory.create(
        number="INV-FIND", description="Walnut clock", customer=CustomerFactory.create(name="Robert Blake")
    )
    other = InvoiceFactory.create()
    for query in ["inv-find", "walnut", "blake", wanted.customer.number]:
        text = browser(viewer).get("/invoices/", {"q": query}).text
        assert wanted.number in text and other.number not in text, query


def test_states_filter_by_what_staff_call_them(browser, viewer):
    today = timezone.localdate()
    invoices = {
        "overdue": InvoiceFactory.create(),
        "open": InvoiceFactory.create(due_date=today + timedelta(days=3)),
        "draft": InvoiceFactory.create(issue=False),
        "paid": InvoiceFactory.create(),
        "void": InvoiceFactory.create(),
        "part_paid": InvoiceFactory.create(due_date=today),
    }
    payment_record(
        invoice=invoices["paid"], amount="120.50", received_on=today, reference="P1", source="staff"
    )
    payment_record(
        invoice=invoices["part_paid"], amount="20", received_on=today, reference="P2", source="staff"
    )
    invoice_transition(invoice=invoices["void"], to="void", source="staff")
    shown = {
        state: {key for key, invoice in invoices.items() if invoice.number in text}
        for state in invoices
        if (text := browser(viewer).get("/invoices/", {"state": state}).text)
    }
    assert shown == {
        "overdue": {"overdue"},
        "open": {"overdue", "open", "part_paid"},
        "draft": {"draft"},
        "paid": {"paid"},
        "void": {"void"},
        "part_paid": {"part_paid"},
    }


def test_strange_queries_answer_a_page(browser, viewer):
    InvoiceFactory.create()
    for query in [{"q": "\0"}, {"q": "%" * 500}, {"page": "9" * 50}, {"page": "-1"}, {"state": "nonsense"}]:
        assert browser(viewer).get("/invoices/", query).status_code == 200


def test_the_list_is_paged_and_costs_the_same_for_any_length(browser, viewer, django_assert_max_num_queries):
    client = browser(viewer)
    InvoiceFactory.create_batch(30)
    with django_assert_max_num_queries(8):
        text = client.get("/invoices/").text
    assert "Page 1 of 2" in text


def test_empty_lists_say_what_to_do(browser, viewer):
    assert "No invoices yet" in browser(viewer).get("/invoices/").text
    assert "Ring from the Beyond" in browser(viewer).get("/calls/").text
    assert "Nothing fits" in browser(viewer).get("/invoices/", {"q": "zzz"}).text


def test_the_dashboard_never_adds_currencies(browser, viewer):
    InvoiceFactory.create(total="100.00", currency="GBP")
    InvoiceFactory.create(total="200.00", currency="USD")
    InvoiceFactory.create(total="40.00", currency="USD", due_date=timezone.localdate() + timedelta(days=1))
    text = browser(viewer).get("/").text
    for shown in ["£100.00", "$240.00", "$200.00"]:
        assert shown in text
    assert "340" not in text


def test_amounts_have_their_currencys_decimals(browser, viewer):
    text = browser(viewer).get(f"/invoices/{InvoiceFactory.create(total='5000', currency='JPY').pk}/").text
    assert "¥5,000<" in text
