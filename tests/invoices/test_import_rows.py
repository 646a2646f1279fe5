"""What a file of customers, invoices or payments does to the ledger."""

import io
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from openpyxl import Workbook

from invoices.models import ContactPoint, Customer, Event, Invoice, Payment
from tests.factories import CustomerFactory, InvoiceFactory
from tests.invoices.books import violations
from tests.invoices.import_hands import CUSTOMER, INVOICE, PAYMENT, checked, file_of, imported, refused

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def test_a_customer_comes_in_whole(collector):
    more = {"other_phone": "020 7946 0108", "other_email": "b@example.com", "payment_terms_days": "14"}
    run = imported("customers", {**CUSTOMER, **more}, actor=collector)
    assert (run.status, run.made["new"]) == ("done", 1)
    customer = Customer.objects.get(number="C-1")
    assert (customer.name, str(customer.phone), customer.email) == (
        "Zoë Müller",
        "+442079460107",
        "zoe@example.com",
    )
    assert (customer.birth_month, customer.birth_day, customer.payment_terms_days) == (2, 28, 14)
    assert set(customer.contact_points.values_list("value", flat=True)) == {
        "+442079460107",
        "zoe@example.com",
        "+442079460108",
        "b@example.com",
    }
    event = customer.events.get(kind="created")
    assert (event.source, event.actor) == ("import", collector)


def test_the_ground_to_ring_is_the_files():
    imported("customers", {**CUSTOMER, "phone_basis": "none"}, {**CUSTOMER, "customer_number": "C-2"})
    assert not Customer.objects.get(number="C-1").consents.exists()
    assert Customer.objects.get(number="C-2").consents.get().basis == "number_given"


def test_a_check_writes_nothing_and_says_what_would_be():
    CustomerFactory.create(number="C-9")
    events = Event.objects.exclude(object_type="import").count()
    run = checked(
        "customers",
        CUSTOMER,
        {**CUSTOMER, "customer_number": "C-9"},
        {**CUSTOMER, "customer_number": "C-2", "time_zone": "Moon/Base", "phone": "soon", "country": ""},
    )
    assert run.status == "ready"
    assert run.found == {"new": 1, "unchanged": 0, "changed": 0, "refused": 2}
    assert [(row["row"], row["outcome"]) for row in run.preview] == [
        (2, "new"),
        (3, "refused"),
        (4, "refused"),
    ]
    assert run.preview[0]["values"]["birth_date"] == "1985-02-28"
    assert set(refused(run)) >= {(4, "phone"), (4, "country"), (3, "name"), (3, "address")}
    assert Customer.objects.count() == 1
    assert Event.objects.exclude(object_type="import").count() == events


@pytest.mark.parametrize(
    ("kind", "row"), [("customers", CUSTOMER), ("invoices", INVOICE), ("payments", PAYMENT)]
)
def test_the_same_file_twice_changes_nothing(kind, row):
    for needed, its_row in [("customers", CUSTOMER), ("invoices", INVOICE)]:
        if needed != kind:
            imported(needed, its_row)
    assert imported(kind, row).made["new"] == 1
    rows = [model.objects.count() for model in (Customer, ContactPoint, Invoice, Payment)]
    events = Event.objects.exclude(object_type="import").count()
    again = imported(kind, row)
    assert again.made == {"new": 0, "unchanged": 1, "changed": 0, "refused": 0}
    assert [model.objects.count() for model in (Customer, ContactPoint, Invoice, Payment)] == rows
    assert Event.objects.exclude(object_type="import").count() == events


def test_a_customer_who_differs_is_refused_unless_the_import_corrects():
    imported("customers", CUSTOMER)
    moved = {**CUSTOMER, "city": "Leeds", "phone": "+442079460199", "address": ""}
    assert set(refused(imported("customers", moved))) == {(2, "city"), (2, "phone")}
    run = imported("customers", moved, corrects=True)
    assert run.made["changed"] == 1
    customer = Customer.objects.get()
    assert (customer.city, str(customer.phone)) == ("Leeds", "+442079460199")
    assert customer.address == "12 Lantern Row", "an empty cell leaves what is here"
    assert customer.events.filter(kind="corrected", source="import").count() == 1


def test_an_invoice_comes_in_by_its_total_or_by_its_lines():
    customer = CustomerFactory.create(number="C-1", payment_terms_days=10)
    whole = {**INVOICE, "due_date": ""}
    assert imported("invoices", whole).made["new"] == 1
    invoice = Invoice.objects.get(number="INV-1")
    assert (invoice.status, invoice.total, str(invoice.due_date)) == ("open", Decimal("120.50"), "2026-03-11")
    line = {
        **INVOICE,
        "invoice_number": "INV-2",
        "total": "",
        "quantity": "2",
        "unit_price": "10.00",
        "tax_rate": "20",
    }
    run = imported(
        "invoices",
        {**line, "line_description": "Lanterns"},
        {**line, "line_description": "Oil", "quantity": "1"},
        {**INVOICE, "invoice_number": "INV-3"},
    )
    assert run.made["new"] == 2
    invoice = Invoice.objects.get(number="INV-2")
    assert [(each.description, int(each.net)) for each in invoice.lines.all()] == [
        ("Lanterns", 20),
        ("Oil", 10),
    ]
    assert (int(invoice.total), invoice.customer) == (36, customer)
    assert violations() == []


def test_an_invoice_is_never_made_without_one_of_its_lines():
    CustomerFactory.create(number="C-1")
    line = {**INVOICE, "total": "", "unit_price": "10.00"}
    run = imported("invoices", line, {**line, "unit_price": "1.000"}, line)
    assert (run.made["refused"], refused(run)) == (1, [(3, "unit_price")])
    run = imported("invoices", line, {**line, "invoice_number": "4.1E+09"}, line)
    assert (run.made["refused"], Invoice.objects.count()) == (1, 0)


def test_an_invoice_that_conflicts_with_what_is_here_is_refused_and_left():
    invoice = InvoiceFactory.create(number="INV-1", customer__number="C-1")
    row = {**INVOICE, "issue_date": str(invoice.issue_date), "due_date": str(invoice.due_date)}
    run = imported("invoices", row, {**row, "total": "130.00"})
    assert run.made == {"new": 0, "unchanged": 1, "changed": 0, "refused": 1}
    [problem] = run.problems.filter(of_run=True)
    assert (problem.row, problem.column) == (3, "total")
    assert "120.50" in problem.reason
    invoice.refresh_from_db()
    assert invoice.total == Decimal("120.50")


def test_a_number_that_a_file_has_twice_with_other_values_is_reported_by_check_and_run(monkeypatch):
    monkeypatch.setattr("invoices.files.work.BATCH", 1)
    CustomerFactory.create(number="C-1")
    rows = [INVOICE, INVOICE, {**INVOICE, "total": "1"}]
    expected = {"new": 1, "unchanged": 1, "changed": 0, "refused": 1}
    assert checked("invoices", *rows).found == expected
    assert imported("invoices", *rows).made == expected


def test_a_payment_goes_where_the_payer_said_and_then_to_what_is_oldest():
    customer = CustomerFactory.create(number="C-1")
    old = InvoiceFactory.create(customer=customer, number="INV-1", total="50")
    new = InvoiceFactory.create(
        customer=customer, number="INV-2", total="50", due_date=old.due_date.replace(year=2027)
    )
    run = imported("payments", {**PAYMENT, "customer_number": "", "amount": "70", "invoices": "INV-2=30.00"})
    assert run.made["new"] == 1, refused(run)
    old.refresh_from_db()
    new.refresh_from_db()
    assert (int(old.balance), int(new.balance)) == (10, 20)
    assert violations() == []


def test_a_payment_that_conflicts_with_what_is_here_is_refused():
    InvoiceFactory.create(number="INV-1", customer__number="C-1")
    CustomerFactory.create(number="C-2")
    run = imported(
        "payments",
        PAYMENT,
        {**PAYMENT, "amount": "21.00"},
        {**PAYMENT, "customer_number": "C-2", "invoices": ""},
        {**PAYMENT, "reference": "BANK-2", "invoices": "INV-1=900.00"},
        {**PAYMENT, "reference": "BANK-3", "invoices": "INV-7"},
        {**PAYMENT, "reference": "BANK-4", "received_on": "2099-01-01"},
        {**PAYMENT, "reference": "BANK-5", "amount": "-5"},
    )
    assert run.made == {"new": 1, "unchanged": 0, "changed": 0, "refused": 6}
    columns = [
        (3, "amount"),
        (4, "customer_number"),
        (5, "invoices"),
        (6, "invoices"),
        (7, "received_on"),
        (8, "amount"),
    ]
    assert refused(run) == columns
    assert Payment.objects.get().amount == Decimal("20.50")


def test_a_workbook_comes_in_like_a_csv():
    book = Workbook()
    book.active.append([*CUSTOMER, "payment_terms_days"])
    book.active.append([*CUSTOMER.values(), 14])
    book.active.append(["=1+1", *list(CUSTOMER.values())[1:], 14])
    file = io.BytesIO()
    book.save(file)
    run = imported("customers", file=SimpleUploadedFile("rows.xlsx", file.getvalue()))
    assert (run.made["new"], refused(run)) == (1, [(3, "customer_number")])
    assert Customer.objects.get().payment_terms_days == 14


def test_a_large_file_comes_in_from_where_the_web_server_has_put_it():
    upload = TemporaryUploadedFile("rows.csv", "text/csv", 0, None)
    upload.write(file_of({**CUSTOMER, "address": "x" * 200}).read())
    upload.size = upload.tell()
    assert imported("customers", file=upload).made["new"] == 1
    upload.close()


def test_text_that_looks_like_a_formula_is_text():
    run = imported("customers", {**CUSTOMER, "name": '=HYPERLINK("http://evil.example","x")'})
    assert run.made["new"] == 1
    assert Customer.objects.get().name == '=HYPERLINK("http://evil.example","x")'
