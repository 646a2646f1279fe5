"""The doors to the documents: who gets them, how they are named, and that nobody keeps them."""

import pytest

from tests.factories import InvoiceFactory
from tests.pdf_text import pdf_text


@pytest.fixture
def invoice(db):
    return InvoiceFactory.create(number="INV/../5 “ghost”\\x")


def doors(invoice):
    return [
        f"/invoices/{invoice.pk}/pdf/",
        f"/customers/{invoice.customer_id}/statement.pdf",
        f"/api/invoices/{invoice.pk}/pdf/",
        f"/api/customers/{invoice.customer_id}/statement/",
    ]


def test_whoever_may_see_the_account_gets_both_by_every_door(browser, viewer, invoice):
    client = browser(viewer)
    for url in doors(invoice):
        answer = client.get(url)
        assert answer.status_code == 200, url
        assert answer["Content-Type"] == "application/pdf"
        assert answer["Cache-Control"] == "no-store"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer.content.startswith(b"%PDF")
        assert invoice.number in pdf_text(answer.content)


def test_the_file_has_a_name_that_is_safe_everywhere(browser, viewer, invoice):
    answer = browser(viewer).get(f"/invoices/{invoice.pk}/pdf/")
    assert answer["Content-Disposition"] == 'inline; filename="invoice-INV-..-5-ghost-x.pdf"'


def test_a_stranger_and_nobody_get_nothing(browser, stranger, invoice):
    for url in doors(invoice):
        assert browser(stranger).get(url).status_code == 403
        answer = browser().get(url)
        assert answer.status_code == (401 if url.startswith("/api/") else 302)


def test_what_is_not_there_is_not_found_and_nothing_is_written(browser, viewer, invoice):
    client = browser(viewer)
    for url in doors(invoice):
        missing = url.replace(f"/{invoice.pk}/", "/999/").replace(f"/{invoice.customer_id}/", "/999/")
        assert client.get(missing).status_code == 404
        assert client.post(url).status_code in (403, 405)


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "2999-01-01", "2026-1-1\x00"])
def test_a_first_day_that_is_none_is_refused_at_the_field(browser, viewer, invoice, day):
    answer = browser(viewer).get(f"/api/customers/{invoice.customer_id}/statement/", {"from": day})
    assert answer.status_code == 400
    assert list(answer.json()) == ["from"]
    page = browser(viewer).get(f"/customers/{invoice.customer_id}/statement.pdf", {"from": day})
    assert page.status_code == 400


def test_the_first_day_may_be_chosen(browser, viewer, invoice):
    url = f"/api/customers/{invoice.customer_id}/statement/"
    text = pdf_text(browser(viewer).get(url, {"from": "2026-01-01"}).content)
    assert "Jan 1, 2026" in text


def test_a_program_that_asks_for_pdf_gets_it_and_refusals_as_json(api, viewer, stranger, invoice):
    url = f"/api/invoices/{invoice.pk}/pdf/"
    assert api(viewer).get(url, HTTP_ACCEPT="application/pdf").status_code == 200
    refused = api(stranger).get(url, HTTP_ACCEPT="application/pdf")
    assert refused.status_code == 403
    assert "permission" in refused.json()["detail"]


def test_the_pages_lead_to_the_documents(browser, admin_user, invoice):
    client = browser(admin_user)
    invoice_url, statement_url = doors(invoice)[:2]
    assert invoice_url in client.get(f"/invoices/{invoice.pk}/").text
    assert invoice_url in client.get(f"/admin/invoices/invoice/{invoice.pk}/change/").text
    assert statement_url in client.get(f"/customers/{invoice.customer_id}/").text
    assert statement_url in client.get(f"/admin/invoices/customer/{invoice.customer_id}/change/").text


def test_the_documents_bear_the_name_that_calls_are_made_in(browser, admin_user, invoice):
    """The house rules may name another than the installation's settings."""
    from calls.models import HouseRules

    HouseRules.objects.update_or_create(pk=HouseRules.ONLY, defaults={"legal_name": "Midnight Goods plc"})
    text = pdf_text(browser(admin_user).get(f"/invoices/{invoice.pk}/pdf/").content)
    assert "Midnight Goods plc" in text
