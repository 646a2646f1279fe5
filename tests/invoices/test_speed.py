"""However long the ledger is, its pages cost the same statements, and PostgreSQL answers them by its indexes.

A small sample of `make bench-ledger`.
"""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench.ledger_acts import SCAN, UNPLANNED, inside, plan_of, settle_ten
from bench.ledger_rows import (
    RARE_CUSTOMER,
    RARE_NAME,
    RARE_WORD,
    customers_of,
    ledger_add,
)
from invoices.models import Invoice
from invoices.paging import BoundedPaginator
from invoices.selectors import STATES
from tests.factories import InvoiceFactory
from tests.invoices.books import violations

PAYERS = 4
pytestmark = pytest.mark.django_db


def grow(first, count, open_count):
    ledger_add(first=first, count=count, open_count=open_count, payers=PAYERS, today=timezone.localdate())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def statements(act):
    with CaptureQueriesContext(connection) as captured:
        act()
    return [query["sql"] for query in captured.captured_queries]


def pages(client):
    """Name and act of each page that must not grow."""
    customer = customers_of([RARE_CUSTOMER])[0]
    queries = ["inv-1000321", "00321", "inv-1", "in", RARE_NAME, RARE_WORD, "lantern"]
    wanted = [
        ("/", {}),
        (f"/customers/{customer.pk}/", {}),
        *(("/invoices/", {"page": page}) for page in (1, 40)),
        *(("/invoices/", {"state": state}) for state in STATES),
        *(("/invoices/", {"q": query}) for query in [*queries, "(213) 070-0840", "c100120@", "zwqxk"]),
        ("/invoices/", {"q": "lantern", "state": "overdue"}),
    ]
    return [
        (f"{path} {query}", lambda path=path, query=query: client.get(path, query)) for path, query in wanted
    ]


def test_pages_cost_the_same_statements_at_any_size(browser, viewer):
    client = browser(viewer)
    grow(0, 1300, 120)
    before = {name: len(statements(act)) for name, act in pages(client)}
    grow(1300, 1000, 100)
    assert {name: len(statements(act)) for name, act in pages(client)} == before
    assert max(before.values()) <= 20
    assert violations() == []


def test_a_payment_that_settles_ten_invoices_is_posted_in_sixteen_statements():
    grow(0, 100, 40)
    for customer in customers_of(range(PAYERS)):
        sent = statements(lambda customer=customer: settle_ten(customer))
        assert inside(sent) <= 16, "\n".join(sent)
        assert not Invoice.objects.filter(customer=customer).exclude(status="paid").exists()
    assert violations() == []


def test_no_page_reads_a_whole_table(browser, viewer, monkeypatch):
    """Where a list is long against what is counted of it; reading all of a short one would be right."""
    monkeypatch.setattr(BoundedPaginator, "limit", 1000)
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no indexes for searches.")
    client = browser(viewer)
    grow(0, 12000, 400)
    scans = []
    for name, act in pages(client):
        for sql in statements(act):
            if not sql.startswith(UNPLANNED):
                scans += [f"{name}: {line}\n{sql}" for line in plan_of(sql).splitlines() if SCAN.search(line)]
    assert not scans, "\n".join(scans)


def test_a_long_list_is_counted_up_to_a_bound():
    InvoiceFactory.create_batch(5)
    pages = BoundedPaginator(Invoice.objects.all(), 2, limit=4)
    assert (pages.count, pages.num_pages, pages.is_bounded, pages.count_text) == (4, 2, True, "4 or more")
    assert pages.get_page(9**9).number == 2
    assert [invoice.pk for invoice in pages.page(1)] == [invoice.pk for invoice in Invoice.objects.all()[:2]]


def test_a_short_list_is_counted_to_its_end():
    InvoiceFactory.create_batch(3)
    pages = BoundedPaginator(Invoice.objects.filter(status="open"), 2)
    assert (pages.count, pages.num_pages, pages.is_bounded, pages.count_text) == (3, 2, False, "3")
    assert BoundedPaginator([1, 2, 3], 2, limit=2).count == 2


def test_a_list_is_counted_in_its_own_order():
    with CaptureQueriesContext(connection) as captured:
        assert BoundedPaginator(Invoice.objects.select_related("customer"), 2).count == 0
    [query] = captured.captured_queries
    assert 'ORDER BY "invoices_invoice"."due_date" DESC' in query["sql"] and "JOIN" not in query["sql"]
