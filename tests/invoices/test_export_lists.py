"""Lists as files: whole, exact, harmless to a spreadsheet, and readable by an import."""

import csv
import io
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.handlers.asgi import ASGIRequest
from django.db import connections
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from invoices.files.escaping import neutralise, restore
from invoices.files.exporting import rows_response
from invoices.files.reading import Layout, rows_of
from invoices.models import Customer, Event
from invoices.services.contact_points import contact_point_add
from invoices.services.credits import credit_note_issue
from invoices.services.disputes import dispute_open
from invoices.services.payments import Instruction, payment_record
from invoices.services.plans import Part, plan_create
from invoices.services.promises import promise_record
from tests.factories import CallFactory, CustomerFactory, InvoiceFactory
from tests.invoices.hands import TODAY
from tests.invoices.import_hands import imported

DANGEROUS = "=+-@\t\r＝＋－＠"
CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
SIGNS = st.text(st.sampled_from([*DANGEROUS, "'", " ", ",", '"', "\n", "a", "1"]), max_size=6)


def table(response):
    """The rows of a CSV that was sent, by column."""
    assert response.status_code == 200
    assert response.streaming
    data = b"".join(response)
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@given(st.lists(CELLS | SIGNS, min_size=1, max_size=4))
def test_what_goes_out_is_harmless_and_comes_in_again_as_it_was(cells):
    response = rows_response(
        RequestFactory().get("/"), ["n", *"abcd"[: len(cells)]], [["x", *cells]], name="any"
    )
    data = b"".join(response)
    _, row = rows_of(io.BytesIO(data), Layout("csv", "utf-8-sig", ","))
    assert [restore(str(cell)) for cell in row.cells] == ["x", *cells]
    assert not any(str(cell)[:1] in DANGEROUS for cell in row.cells if cell)


@pytest.mark.parametrize("value", ['=HYPERLINK("http://e","x")', "+44", "-5", "@SUM(A1)", "\tx", "\rx"])
def test_what_a_spreadsheet_would_compute_is_made_text(value):
    assert neutralise(value) == f"'{value}"
    assert neutralise("Plain – text") == "Plain – text"


@pytest.mark.django_db
def test_the_list_of_invoices_honours_its_filters_and_is_exact(browser, viewer):
    customer = CustomerFactory.create(number="C-1", name="=cmd|' /C calc'!A0")
    InvoiceFactory.create(customer=customer, number="INV-1", total="1234.50", currency="USD")
    InvoiceFactory.create(customer=customer, number="INV-2", total="5000", currency="JPY")
    InvoiceFactory.create(number="INV-3", due_date=TODAY, total="1.125", currency="BHD")
    rows = table(browser(viewer).get("/invoices/export/", {"state": "overdue", "q": "INV-"}))
    assert {row["invoice_number"]: (row["total"], row["balance"]) for row in rows} == {
        "INV-1": ("1234.50", "1234.50"),
        "INV-2": ("5000", "5000"),
    }
    assert rows[0]["customer_name"] == "'=cmd|' /C calc'!A0"
    assert {row["due_date"] for row in rows} == {str(each.due_date) for each in customer.invoices.all()}
    everything = table(browser(viewer).get("/invoices/export/"))
    assert {row["total"] for row in everything} == {"1234.50", "5000", "1.125"}
    event = Event.objects.filter(kind="list_exported").last()
    assert event is not None
    assert event.actor == viewer


@pytest.fixture
def story(db):
    """One row of each list."""
    invoice = InvoiceFactory.create(number="INV-1", customer__number="C-1")
    contact_point_add(customer=invoice.customer, kind="phone", value="+442079460108", source="test")
    who: Any = {"source": "test"}
    payment_record(
        customer=invoice.customer, currency="GBP", amount="10.5", received_on=TODAY, reference="BANK-1",
        instructions=[Instruction(invoice)], **who,
    )  # fmt: skip
    promise_record(invoices=[invoice], amount="20", due_date=TODAY.replace(year=2027), today=TODAY, **who)
    credit_note_issue(invoice=invoice, number="CN-1", amount="5", reason="return", issued_on=TODAY, **who)
    other = InvoiceFactory.create(number="INV-2", customer=invoice.customer)
    plan_create(
        invoices=[other],
        parts=[Part(TODAY.replace(year=2027), "60"), Part(TODAY.replace(year=2028), "60.50")],
        **who,
    )
    dispute_open(invoice=invoice, reason="faulty", amount="3", **who)
    CallFactory.create(invoice=invoice, status="completed", disposition="promise_to_pay")
    return invoice


ADMIN = {
    "invoices/customer": {"customer_number": "C-1", "other_phone": "'+442079460108", "birth_month": "2"},
    "invoices/payment": {
        "reference": "BANK-1",
        "amount": "10.50",
        "unallocated": "0.00",
        "method": "bank_transfer",
    },
    "invoices/creditnote": {"credit_note_number": "CN-1", "amount": "5.00", "reason": "return"},
    "invoices/promisetopay": {"amount": "20.00", "invoices": "INV-1", "status": "open"},
    "invoices/paymentplan": {"total": "120.50", "invoices": "INV-2"},
    "invoices/dispute": {"invoice_number": "INV-1", "amount": "3.00", "reason": "faulty"},
    "calls/call": {"invoice_number": "INV-1", "to_number": "'+442079460107", "disposition": "promise_to_pay"},
}


@pytest.mark.parametrize("path", list(ADMIN))
def test_every_list_of_the_admin_goes_out(browser, viewer, stranger, story, path):
    client = browser(viewer)
    assert "Export this list as CSV" in client.get(f"/admin/{path}/").text
    [row] = table(client.get(f"/admin/{path}/export/"))
    assert {name: row[name] for name in ADMIN[path]} == ADMIN[path]
    stranger.is_staff = True
    stranger.save()
    assert browser(stranger).get(f"/admin/{path}/export/").status_code == 403


def test_the_admins_filters_and_ticks_count(browser, viewer, story):
    client = browser(viewer)
    rows = table(client.get("/admin/invoices/invoice/export/", {"q": "INV-2"}))
    assert [row["invoice_number"] for row in rows] == ["INV-2"]
    ticked = {"action": "export_ticked", "_selected_action": [story.pk], "index": "0"}
    rows = table(client.post("/admin/invoices/invoice/", ticked))
    assert [row["invoice_number"] for row in rows] == ["INV-1"]


def test_the_list_of_calls_honours_its_filters(browser, viewer, story):
    client = browser(viewer)
    assert [row["customer_number"] for row in table(client.get("/calls/export/"))] == ["C-1"]
    assert table(client.get("/calls/export/", {"show": "failed"})) == []
    assert len(table(client.get("/calls/export/", {"invoice": story.pk}))) == 1


def test_who_may_not_see_a_list_may_not_have_it(browser, stranger):
    for path in ("/invoices/export/", "/calls/export/"):
        assert browser(stranger).get(path).status_code == 403
        assert browser().get(path).status_code == 302


@pytest.mark.parametrize("kind", ["customers", "invoices", "payments"])
def test_what_was_exported_is_unchanged_when_it_is_imported(browser, viewer, story, settings, tmp_path, kind):
    settings.MEDIA_ROOT = tmp_path
    path = f"/admin/invoices/{kind.rstrip('s')}/export/"
    data = b"".join(browser(viewer).get(path))
    run = imported(kind, file=SimpleUploadedFile("export.csv", data))
    assert run.made["unchanged"] > 0
    assert run.made == {"new": 0, "unchanged": run.made["unchanged"], "changed": 0, "refused": 0}


@pytest.mark.django_db(transaction=True)
async def test_a_long_list_is_sent_while_it_is_read(viewer):
    """Behind ASGI: the first rows have left before the last are asked for."""
    await sync_to_async(CustomerFactory.create_batch)(3)
    read = []

    def rows():
        for customer in Customer.objects.order_by("number").iterator():
            for part in range(400):
                read.append(part)
                yield [customer.number, str(part)]

    request = ASGIRequest({"type": "http", "method": "GET", "path": "/", "headers": []}, io.BytesIO())
    response = rows_response(request, ["number", "part"], rows(), name="any")
    parts = response.__aiter__()
    await anext(parts)
    await anext(parts)
    assert len(read) < 300
    rest = [part async for part in parts]
    assert len(read) == 1200
    assert len(rest) > 3
    await sync_to_async(connections.close_all)()
