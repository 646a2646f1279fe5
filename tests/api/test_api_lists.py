"""Lists over the API: pages by cursor, orders, filters."""

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from invoices.models import Invoice
from tests.factories import CallFactory, CustomerFactory, InvoiceFactory
from tests.invoices.hands import paid

pytestmark = pytest.mark.django_db


def pages(client, path, **query):
    """The ids of every page, by following `next`; and those by following `previous` from the last."""
    found, page = [], client.get(path, query).json()
    while True:
        found.append([row["id"] for row in page["results"]])
        if page["next"] is None:
            break
        page = client.get(page["next"]).json()
    back = [[row["id"] for row in page["results"]]]
    while page["previous"] is not None:
        page = client.get(page["previous"]).json()
        back.insert(0, [row["id"] for row in page["results"]])
    return found, back


@pytest.mark.parametrize("ordering", ["due_date", "-due_date", "id", "-id", "number", "-created_at"])
def test_pages_hold_every_row_once_in_order_and_lead_back(api, viewer, ordering):
    customer = CustomerFactory.create()
    today = timezone.localdate()
    # Many due on one day.
    for n in range(11):
        InvoiceFactory.create(customer=customer, due_date=today - timedelta(days=n // 5))
    found, back = pages(api(viewer), "/api/invoices/", page_size=3, ordering=ordering)
    assert [len(page) for page in found] == [3, 3, 3, 2] and found == back
    name = ordering.lstrip("-")
    by = sorted(Invoice.objects.values_list(name, "id"), reverse=ordering.startswith("-"))
    assert [pk for page in found for pk in page] == [pk for _, pk in by]


def test_a_page_goes_on_where_the_last_one_ended_whatever_is_written_meanwhile(api, viewer):
    invoices = InvoiceFactory.create_batch(4, customer=CustomerFactory.create())
    client = api(viewer)
    first = client.get("/api/invoices/", {"page_size": 2, "ordering": "-id"}).json()
    InvoiceFactory.create()
    second = client.get(first["next"]).json()
    assert [row["id"] for row in second["results"]] == [invoices[1].pk, invoices[0].pk]
    assert second["count"] == 5


def test_calls_of_one_moment_are_paged_by_their_ids(api, viewer, noon):
    invoice = InvoiceFactory.create()
    calls = CallFactory.create_batch(5, invoice=invoice, status="completed")
    type(calls[0]).objects.update(requested_at=noon)
    found, back = pages(api(viewer), "/api/calls/", page_size=2)
    assert found == back and sorted(pk for page in found for pk in page) == sorted(
        str(call.pk) for call in calls
    )


@pytest.mark.parametrize(
    "cursor", ["", "x", "9" * 30, "\0", "ünïcode", "eyJvIjoiLWR1ZV9kYXRlIn0:forged", "a:b:c", "=" * 5000]
)
def test_a_cursor_that_was_not_given_out_is_404(api, viewer, cursor):
    assert api(viewer).get("/api/invoices/", {"cursor": cursor}).status_code == 404


def test_a_cursor_of_another_order_or_list_is_404(api, viewer):
    InvoiceFactory.create_batch(2)
    client = api(viewer)
    link = client.get("/api/invoices/", {"page_size": 1, "ordering": "id"}).json()["next"]
    assert client.get(link.replace("ordering=id", "ordering=number")).status_code == 404
    assert client.get(link.replace("/invoices/", "/payments/")).status_code in (200, 404)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cursor=st.text(max_size=80))
def test_no_text_is_a_cursor(api, viewer, cursor):
    assert api(viewer).get("/api/customers/", {"cursor": cursor}).status_code == 404


@pytest.mark.parametrize("page", ["1", "2", "0", str(2**63)])
def test_pages_have_no_numbers(api, viewer, page):
    assert api(viewer).get("/api/invoices/", {"page": page}).status_code == 404


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("page_size", "0"),
        ("page_size", "201"),
        ("page_size", "٥"),
        ("page_size", "x"),
        ("ordering", "balance"),
        ("ordering", "customer__birth_day"),
        ("due_from", "soon"),
        ("created_from", "2026-01-01"),
        ("created_from", "0001-01-01T00:00:00+14:00"),
        ("created_from", "a\0"),
        ("customer", str(2**63)),
    ],
)
def test_a_query_that_makes_no_sense_is_refused_at_its_name(api, viewer, name, value):
    answer = api(viewer).get("/api/invoices/", {name: value})
    assert (answer.status_code, list(answer.json())) == (400, [name])


def test_filters_narrow_a_list_and_its_count(api, viewer):
    customer, other = CustomerFactory.create_batch(2)
    today = timezone.localdate()
    mine = InvoiceFactory.create(customer=customer, due_date=today)
    InvoiceFactory.create(customer=other)
    client = api(viewer)

    def found(path, **query):
        body = client.get(path, query).json()
        assert body["count"] == len(body["results"])
        return [row["id"] for row in body["results"]]

    assert found("/api/invoices/", customer=customer.pk) == [mine.pk]
    assert found("/api/invoices/", due_from=today.isoformat()) == [mine.pk]
    assert found("/api/invoices/", created_until="2020-01-01T00:00:00Z") == []
    payment = paid(customer, "20.00")
    assert found("/api/payments/", customer=customer.pk) == [payment.pk]
    assert len(found("/api/allocations/", invoice=mine.pk)) == 1
    assert found("/api/allocations/", customer=other.pk) == []
    assert len(found("/api/contact-points/", customer=customer.pk, kind="phone")) == 1
    assert len(found("/api/consents/", customer=customer.pk)) == 1


def test_every_list_costs_the_same_for_any_length(api, admin_user, django_assert_max_num_queries):
    customers = CustomerFactory.create_batch(6)
    for customer in customers:
        InvoiceFactory.create(customer=customer)
        paid(customer, "1.00")
    client = api(admin_user)
    for name in ["customers", "contact-points", "consents", "invoices", "payments", "allocations"]:
        with django_assert_max_num_queries(8):
            assert len(client.get(f"/api/{name}/").json()["results"]) >= 6
