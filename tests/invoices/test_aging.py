"""How old what is owed is: by due date, net of what came in, each currency by itself."""

from dataclasses import fields
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from invoices.aging import AgingRow, aging, customer_credit
from invoices.models import Invoice
from invoices.selectors import totals_by_currency
from invoices.services.credits import credit_note_issue
from invoices.services.documents import invoice_void, invoice_write_off
from invoices.services.payments import Instruction, payment_record
from tests.factories import CustomerFactory, InvoiceFactory

TODAY = date(2026, 11, 24)
BUCKETS = [field.name for field in fields(AgingRow)][1:]
pytestmark = pytest.mark.django_db


def owing(days_late, **fields):
    due = TODAY - timedelta(days=days_late)
    return InvoiceFactory.create(issue_date=due - timedelta(days=30), due_date=due, **fields)


def paid(customer, amount, **fields):
    options = {"currency": "GBP", "received_on": TODAY, "source": "test", **fields}
    return payment_record(customer=customer, amount=amount, **options)


@pytest.mark.parametrize(
    ("days_late", "bucket"),
    [
        (-400, "current"),
        (-1, "current"),
        (0, "current"),
        (1, "days_1_30"),
        (30, "days_1_30"),
        (31, "days_31_60"),
        (60, "days_31_60"),
        (61, "days_61_90"),
        (90, "days_61_90"),
        (91, "over_90"),
        (4000, "over_90"),
    ],
)
def test_an_invoice_is_in_the_bucket_of_its_days(days_late, bucket):
    owing(days_late, total="10.00")
    [row] = aging(TODAY)
    assert {name: getattr(row, name) for name in BUCKETS} == {
        name: Decimal(10) if name == bucket else Decimal(0) for name in BUCKETS
    }
    assert row.total == Decimal(10)


def test_currencies_are_never_added():
    owing(5, total="10.00", currency="GBP")
    owing(5, total="7.50", currency="USD")
    owing(40, total="1000", currency="JPY")
    rows = {row.currency: row for row in aging(TODAY)}
    assert {currency: row.total for currency, row in rows.items()} == {
        "GBP": 10,
        "JPY": 1000,
        "USD": Decimal("7.5"),
    }
    assert list(rows) == ["GBP", "JPY", "USD"]
    assert dict(rows["JPY"].cells) == {
        "Current": "¥0",
        "1–30 days": "¥0",
        "31–60 days": "¥1,000",
        "61–90 days": "¥0",
        "Over 90 days": "¥0",
        "Total": "¥1,000",
    }


def test_what_was_paid_and_credited_is_not_owed():
    invoice = owing(5, total="100.00")
    paid(invoice.customer, "30.00")
    credit_note_issue(
        invoice=invoice, number="CN-1", amount="20.00", reason="goodwill", issued_on=TODAY, source="test"
    )
    [row] = aging(TODAY)
    assert row.days_1_30 == row.total == Decimal(50)


def test_only_open_invoices_are_owed():
    owing(5, issue=False)
    invoice_void(invoice=owing(5), reason="Twice.", source="test")
    invoice_write_off(invoice=owing(5), reason="Gone.", source="test")
    settled = owing(5, total="10.00")
    paid(settled.customer, "10.00")
    assert aging(TODAY) == []


def test_one_customers_age_is_their_own(django_assert_num_queries):
    mine, theirs = owing(5, total="10.00"), owing(5, total="99.00")
    with django_assert_num_queries(1):
        [row] = aging(TODAY, mine.customer)
    assert row.total == Decimal(10)
    assert aging(TODAY, CustomerFactory.create()) == []
    assert aging(TODAY, theirs.customer)[0].total == Decimal(99)


def test_credit_is_what_no_invoice_has_taken():
    invoice = owing(5, total="10.00")
    customer = invoice.customer
    assert customer_credit(customer) == []
    paid(customer, "14.00", instructions=[Instruction(invoice)])
    paid(customer, "2.50")
    paid(customer, "5.00", currency="USD")
    paid(customer, "9.00", currency="USD", pending=True)
    paid(CustomerFactory.create(), "77.00")
    assert customer_credit(customer) == [("GBP", Decimal("6.5")), ("USD", Decimal(5))]


def test_both_pages_show_ages_and_credit(browser, viewer):
    invoice = owing(400, total="1234.50", currency="USD")
    paid(invoice.customer, "3.25")
    text = browser(viewer).get(f"/customers/{invoice.customer_id}/").text
    for shown in ("Over 90 days", "$1,234.50", "£3.25"):
        assert shown in text
    assert "Over 90 days" in browser(viewer).get("/").text


def test_empty_pages_say_what_belongs_there(browser, viewer):
    text = browser(viewer).get(f"/customers/{CustomerFactory.create().pk}/").text
    assert "No invoice is open." in text and "What is paid beyond the open invoices" in text
    assert "No invoice is open." in browser(viewer).get("/").text


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    owed=st.lists(
        st.tuples(
            st.integers(-200, 400),
            st.decimals("0.01", "99999.99", places=2),
            st.sampled_from(["GBP", "USD"]),
            st.sampled_from(["open", "open", "draft", "uncollectible"]),
        ),
        max_size=12,
    )
)
def test_buckets_come_to_what_is_open(owed):
    customer = CustomerFactory.create()
    Invoice.objects.bulk_create(
        Invoice(
            customer=customer,
            number=f"{customer.number}/{n}",
            status=status,
            currency=currency,
            total=amount,
            balance=amount,
            issue_date=TODAY - timedelta(days=days_late + 30),
            due_date=TODAY - timedelta(days=days_late),
        )
        for n, (days_late, amount, currency, status) in enumerate(owed)
    )
    rows = aging(TODAY, customer)
    by_hand = {
        currency: sum(amount for _, amount, its, status in owed if (its, status) == (currency, "open"))
        for currency in {its for _, _, its, status in owed if status == "open"}
    }
    assert {row.currency: row.total for row in rows} == by_hand
    assert {row.currency: row.total for row in rows} == {
        total.currency: total.open_amount for total in totals_by_currency(customer=customer)
    }
