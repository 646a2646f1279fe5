"""Invoices and statements as PDF: what is on the paper, in the customer's own writing."""

import logging
from datetime import date
from decimal import Decimal

import pytest

from invoices.documents.invoice_pdf import invoice_pdf
from invoices.documents.labels import LABELS
from invoices.documents.statement import statement_of
from invoices.documents.statement_pdf import statement_pdf
from invoices.documents.words import Words
from invoices.services.documents import Line, invoice_void
from tests.factories import CustomerFactory, InvoiceFactory
from tests.invoices.hands import WHO, credited, owing, paid
from tests.pdf_text import pdf_pages, pdf_text

NBSP = "\N{NO-BREAK SPACE}"


@pytest.fixture(autouse=True)
def _house(settings):
    settings.BUSINESS_ADDRESS = "12 Crypt Lane|London EC1A 1AA"
    settings.PAYMENT_INSTRUCTIONS = "Bank transfer|IBAN GB00 MOON 0000"


def written(invoice):
    return pdf_text(invoice_pdf(invoice)).split("\n")


def customer(locale="en_GB", **fields):
    return CustomerFactory.create(locale=locale, **fields)


def test_an_invoice_has_all_that_an_invoice_has(db):
    owner = customer("en_GB", name="Alice Walker", address="1 High Street", postal_code="N1 1AA")
    invoice = InvoiceFactory.create(
        customer=owner,
        total=None,
        lines=[Line("Lantern", "12.50", "2", "20"), Line("Delivery, by night", "5.00")],
        issue_date=date(2026, 11, 1),
        due_date=date(2026, 12, 1),
    )
    paid(owner, "10.00")
    credited(invoice, "5.00")
    invoice.refresh_from_db()

    text = written(invoice)
    for expected in (
        "Moonlight Supplies Limited",
        "12 Crypt Lane",
        "Alice Walker",
        "1 High Street",
        "N1 1AA London",
        invoice.number,
        "1 November 2026",
        "1 December 2026",
        "Lantern",
        "Delivery, by night",
        "£12.50",
        "20%",
        "£25.00",
        "Tax 20%",
        "£35.00",
        "-£10.00",
        "-£5.00",
        "£20.00",
        "IBAN GB00 MOON 0000",
        f"Reference: {invoice.number}",
    ):
        assert expected in text, expected
    assert text.index("Balance due") > text.index("Total")


@pytest.mark.parametrize(
    ("locale", "currency", "total", "expected"),
    [
        ("de_DE", "EUR", "1234.50", ["Rechnung", f"1.234,50{NBSP}€", "1. November 2026", "Fällig am"]),
        ("fr_FR", "EUR", "1234.50", ["Facture", "1\u202f234,50\u00a0€", "1 novembre 2026"]),
        ("es_ES", "EUR", "12345.50", ["Factura", f"12.345,50{NBSP}€", "1 de noviembre de 2026"]),
        ("it_IT", "EUR", "1234.50", ["Fattura", f"1.234,50{NBSP}€", "1 novembre 2026"]),
        ("en_US", "JPY", "1500", ["Invoice", "¥1,500", "November 1, 2026"]),
        ("en_US", "KWD", "1.125", [f"KWD{NBSP}1.125"]),
        # A language without labels: English, its own numbers.
        ("pl_PL", "PLN", "1234.50", ["Invoice", f"1{NBSP}234,50{NBSP}zł", "November 1, 2026"]),
        ("ru_RU", "RUB", "1234.50", ["Invoice", f"1{NBSP}234,50{NBSP}₽"]),
        # From right to left, letters that the font lacks, nonsense: English throughout.
        ("ar_EG", "EGP", "1234.50", ["Invoice", f"EGP{NBSP}1,234.50", "November 1, 2026"]),
        ("ja_JP", "JPY", "1500", ["Invoice", "¥1,500", "November 1, 2026"]),
        ("xx_nowhere", "USD", "10.00", ["Invoice", "$10.00"]),
    ],
)
def test_it_is_written_as_the_customer_writes(db, locale, currency, total, expected):
    invoice = InvoiceFactory.create(
        customer=customer(locale),
        currency=currency,
        total=total,
        issue_date=date(2026, 11, 1),
        due_date=date(2026, 12, 1),
    )
    text = written(invoice)
    for each in expected:
        assert each in text, (each, text)
    assert "\N{REPLACEMENT CHARACTER}" not in "".join(text)


def test_two_hundred_lines_go_over_pages_each_with_headings_and_a_number(db):
    lines = [Line(f"Lantern {place}", "1.00") for place in range(1, 201)]
    content = invoice_pdf(InvoiceFactory.create(customer=customer(), total=None, lines=lines))

    pages = pdf_pages(content)
    assert len(pages) > 3
    for place, page in enumerate(pages, start=1):
        assert "Description" in page
        assert f"Page {place} of \n{len(pages)}" in page
    found = [line for page in pages for line in page.split("\n") if line.startswith("Lantern ")]
    assert found == [line.description for line in lines]
    assert "£200.00" in pages[-1].split("\n")


def test_a_draft_and_a_void_invoice_say_so_and_ask_for_no_money(db):
    draft = InvoiceFactory.create(customer=customer(), issue=False)
    assert "Draft" in written(draft)
    assert "How to pay" not in written(draft)
    void = invoice_void(invoice=InvoiceFactory.create(), reason="Wrong.", **WHO)
    assert {"Void", "Voided"} <= set(written(void))
    assert "How to pay" not in written(void)


def test_names_of_many_scripts_are_written_with_their_letters(db):
    owner = customer("de_DE", name="Βασίλης Παπαδόπουλος", city="Łódź", address="ул. Ленина 1")
    text = written(InvoiceFactory.create(customer=owner))
    assert {"Βασίλης Παπαδόπουλος", "ул. Ленина 1"} <= set(text)


def test_what_the_font_lacks_stops_no_document_and_reaches_no_log(db, caplog):
    owner = customer(name="株式会社ムーン 🎃 عميل", address="x" * 300)
    with caplog.at_level(logging.INFO):
        assert invoice_pdf(InvoiceFactory.create(customer=owner)).startswith(b"%PDF")
    assert "株" not in caplog.text


def test_every_language_has_every_label():
    english = {name: text.count("{") for name, text in LABELS["en"].items()}
    for language, labels in LABELS.items():
        assert {name: text.count("{") for name, text in labels.items()} == english, language
        assert Words(f"{language}_{language.upper()}").label("invoice") == labels["invoice"]


def test_a_statement_tells_opening_movements_closing_and_age_by_currency(db):
    owner = customer()
    owing(owner, "INV-OLD", "100.00", ago=200)
    owing(owner, "INV-NEW", "60.00", ago=20)
    owing(owner, "INV-YEN", "1500", ago=-5, currency="JPY")
    paid(owner, "30.00", reference="BANK-7")
    account = statement_of(owner)

    text = pdf_text(statement_pdf(account)).split("\n")
    assert text.index("GBP") < text.index("JPY")
    pounds = text[text.index("GBP") : text.index("JPY")]
    assert pounds[pounds.index("Opening balance") + 1] == "£100.00"
    assert pounds[pounds.index("Invoice INV-NEW") + 1 :][:2] == ["£60.00", "£160.00"]
    assert pounds[pounds.index("Payment BANK-7") + 1 :][:2] == ["-£30.00", "£130.00"]
    assert pounds[pounds.index("Closing balance") + 1] == "£130.00"
    assert "Invoice INV-OLD" not in pounds
    assert pounds[pounds.index("Total") + 1 :][:6] == [
        "£0.00",
        "£60.00",
        "£0.00",
        "£0.00",
        "£70.00",
        "£130.00",
    ]
    yen = text[text.index("JPY") :]
    assert yen[yen.index("Closing balance") + 1] == "JP¥1,500"
    assert f"Reference: {owner.number}" in yen


def test_a_statement_of_nothing_says_so(db):
    text = pdf_text(statement_pdf(statement_of(customer())))
    assert "nothing is owed" in text
    assert "How to pay" not in text


def test_an_account_that_is_paid_ahead_shows_the_credit_and_asks_for_nothing(db):
    owner = customer()
    owing(owner, total="10.00")
    paid(owner, "25.00")
    [account] = statement_of(owner).accounts
    assert (account.closing, account.credit) == (Decimal("-15"), Decimal("15"))
    text = pdf_text(statement_pdf(statement_of(owner)))
    assert "of which paid ahead" in text
    assert "How to pay" not in text
