"""The invoice's page and the list."""

from datetime import time, timedelta

import pytest
from django.utils import timezone

from invoices.services.contact_points import contact_point_add, contact_point_mark_wrong
from invoices.services.contact_rules import contact_record, hold_set, note_add, wish_record
from invoices.services.credits import credit_note_issue
from invoices.services.disputes import dispute_open
from invoices.services.documents import Line, invoice_void
from invoices.services.payments import Instruction, payment_record
from invoices.services.plans import Part, plan_create
from invoices.services.promises import promise_record
from tests.factories import CustomerFactory, InvoiceFactory

pytestmark = pytest.mark.django_db


def pay(invoice, amount, reference):
    return payment_record(
        customer=invoice.customer,
        currency=invoice.currency,
        amount=amount,
        received_on=timezone.localdate(),
        reference=reference,
        instructions=[Instruction(invoice)],
        source="staff",
    )


def test_the_page_shows_balance_payments_promises_and_their_history(browser, viewer):
    invoice = InvoiceFactory.create(total="1234.50", currency="USD")
    today = timezone.localdate()
    pay(invoice, "234.50", "BANK-1")
    promise_record(
        invoices=[invoice], amount="1000", due_date=today + timedelta(days=5), today=today, source="agent"
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


def test_the_page_shows_lines_credit_plan_and_dispute(browser, viewer):
    today = timezone.localdate()
    invoice = InvoiceFactory.create(
        total=None,
        lines=[Line("Lanterns, six", "100", quantity="1.5", tax_rate="20")],
        description="Lanterns",
    )
    credit_note_issue(
        invoice=invoice, number="CN-1", amount="30", reason="return", issued_on=today, source="staff"
    )
    plan_create(
        invoices=[invoice],
        parts=[Part(today + timedelta(days=5), "75"), Part(today + timedelta(days=35), "75")],
        source="staff",
    )
    dispute_open(invoice=invoice, reason="faulty", amount="50", description="One is broken.", source="staff")
    hold_set(customer=invoice.customer, invoice=invoice, kind="dispute", evidence="Photo.", source="staff")
    text = browser(viewer).get(f"/invoices/{invoice.pk}/").text
    for shown in [
        "Lanterns, six",
        ">1.5<",
        "£30.00",
        "20 %",
        "£180.00",
        "CN-1",
        "goods returned",
        "£150.00",
        "£75.00",
        "faulty goods or service",
        "One is broken.",
        "Dispute opened",
        "Payment plan agreed",
        "Hold set",
    ]:
        assert shown in text, shown


def test_the_customers_page_shows_what_contact_is_allowed_and_wished_for(browser, viewer):
    customer = CustomerFactory.create()
    hold_set(customer=customer, kind="hardship", evidence="Lost the job.", source="staff")
    wish_record(
        customer=customer,
        kind="only_between",
        said="After five.",
        time_from=time(17),
        weekdays=[0],
        source="staff",
    )
    contact_record(
        customer=customer,
        direction="inbound",
        outcome="conversation",
        note="Asked for a copy.",
        source="staff",
    )
    note_add(customer=customer, text="<b>Be kind.</b>", source="staff")
    text = browser(viewer).get(f"/customers/{customer.pk}/").text
    for shown in [
        "+44 20 7946 0107",
        "alice@example.com",
        "Number given for this account; entered by test",
        "Hardship",
        "Lost the job.",
        "Only from 17:00 on Mon",
        "After five.",
        "Asked for a copy.",
        "&lt;b&gt;Be kind.",
        "Customer created",
        "Wish recorded",
    ]:
        assert shown in text, shown


def test_an_empty_customers_page_says_what_belongs_there(browser, viewer):
    customer = CustomerFactory.create(phone_basis="", email="")
    contact_point_mark_wrong(contact_point=customer.contact_points.get(kind="phone"), source="staff")
    text = browser(viewer).get(f"/customers/{customer.pk}/").text
    for shown in [
        "nobody can be rung",
        "None is written down",
        "A hold is set where",
        "Not at work",
        "Notes stay",
    ]:
        assert shown in text, shown
    assert "Somebody else" in text


def test_a_customers_page_costs_the_same_for_any_history(browser, viewer, django_assert_max_num_queries):
    customer = CustomerFactory.create()
    InvoiceFactory.create_batch(5, customer=customer)
    for number in range(5):
        contact_point_add(
            customer=customer, kind="phone", value=f"+44207946010{number}", basis="oral", source="staff"
        )
        hold_set(customer=customer, kind="manual", evidence="E.", source="staff")
        contact_record(customer=customer, direction="inbound", outcome="no_answer", source="staff")
    client = browser(viewer)
    with django_assert_max_num_queries(19):
        assert client.get(f"/customers/{customer.pk}/").status_code == 200


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
    pay(invoices["paid"], "120.50", "P1")
    pay(invoices["part_paid"], "20", "P2")
    invoice_void(invoice=invoices["void"], reason="Issued twice.", source="staff")
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
