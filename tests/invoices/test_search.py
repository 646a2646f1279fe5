"""What the search box finds, on both databases alike."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from invoices import search
from invoices.models import Customer, Invoice
from invoices.search import customers_matching, invoices_matching
from invoices.selectors import invoices_found
from invoices.services.contact_points import contact_point_add
from tests.factories import CustomerFactory, InvoiceFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def blake():
    customer = CustomerFactory.create(
        number="K-77120", name="Robert Blake", phone="+12135550101", email="rob.blake@example.org"
    )
    contact_point_add(customer=customer, kind="phone", value="+442079460155", basis="oral", source="test")
    return customer


@pytest.fixture
def invoice(blake):
    return InvoiceFactory.create(customer=blake, number="INV-90417", description="A walnut clock")


@pytest.fixture(autouse=True)
def others(db):
    return InvoiceFactory.create(number="INV-31000", description="50% of a_lantern")


def numbers(query):
    return {found.number for found in invoices_matching(query)}


@pytest.mark.parametrize(
    "query",
    [
        "INV-90417",
        "inv-90417",
        "0417",
        "walnut",
        "WALNUT CLO",
        "Robert Blake",
        "blake",
        "K-77120",
        "7120",
        "+12135550101",
        "213 555 0101",
        "(213) 555-0101",
        "020 7946 0155",
        "rob.blake@example.org",
        "Blake@Example",
        "  walnut  ",
        "wal\0nut",
    ],
)
def test_an_invoice_is_found_by(query, invoice):
    assert numbers(query) == {"INV-90417"}


@pytest.mark.parametrize("query", ["robert", "K-77", "0101", "07946 0155", "rob.blake@"])
def test_a_customer_is_found_by(query, blake):
    assert set(customers_matching(query)) == {blake}


def test_nothing_asked_is_everything(invoice, others):
    assert numbers(" ") == {invoice.number, others.number}
    assert customers_matching("").count() == 2


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("50%", {"INV-31000"}),
        ("% of", {"INV-31000"}),
        ("a_lan", {"INV-31000"}),
        ("w%t clock", set()),
        ("w_lnut", set()),
        ("%%%", set()),
        ("___", set()),
        ("%", set()),
        ("wal\\nut", set()),
        ("'; --", set()),
    ],
)
def test_wild_cards_stand_for_themselves(query, found, invoice):
    assert numbers(query) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("in", {"INV-90417", "INV-31000"}),
        ("I", {"INV-90417", "INV-31000"}),
        ("k-", {"INV-90417"}),
        ("wa", set()),
        ("17", set()),
        ("--", set()),
        ("-----", set()),
    ],
)
def test_one_or_two_letters_find_the_beginning_of_numbers_alone(query, found, invoice):
    assert numbers(query) == found


@pytest.mark.parametrize("query", ["\0", "x" * 10_000, "%" * 10_000, "é" * 10_000, "\0" * 10_000, "😀" * 200])
def test_strange_queries_do_no_harm(query, invoice):
    assert len(invoices_matching(query)) in (0, 2)
    assert len(customers_matching(query)) in (0, 2)


def test_a_search_stays_among_what_it_was_given(invoice, others):
    lately = Invoice.objects.filter(pk=others.pk)
    assert set(invoices_matching("inv", among=lately)) == {others}
    assert set(customers_matching("a", among=Customer.objects.none())) == set()
    assert set(invoices_found(query="inv", state="draft")) == set()
    assert set(invoices_found(query="inv", state="overdue")) == {invoice, others}


def test_what_is_found_can_be_filtered_and_ordered_further(invoice, others):
    found = invoices_matching("inv").filter(total__gt=1).order_by("number").select_related("customer")
    assert [each.number for each in found] == ["INV-31000", "INV-90417"]
    assert found.count() == 2


def test_the_latest_due_are_found_first(monkeypatch, blake):
    monkeypatch.setattr(search, "FOUND_AT_MOST", 2)
    today = timezone.localdate()
    for late in (1, 5, 3):
        due = today - timedelta(days=late)
        InvoiceFactory.create(customer=blake, issue_date=date(2020, 1, 1), due_date=due, description="Tuning")
    dues = [(today - found.due_date).days for found in invoices_matching("tuning")]
    assert dues[:2] == [1, 3]
