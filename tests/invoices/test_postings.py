"""Invoices, payments, refunds and credit notes: what each act does to the books."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from invoices.models import CreditNote, Event, Invoice, InvoiceLine
from invoices.money import amount_round, minor_units
from invoices.services.documents import (
    Line,
    invoice_draft_edit,
    invoice_issue,
    invoice_reissue,
    invoice_void,
    invoice_write_off,
)
from invoices.services.payments import (
    Instruction,
)
from invoices.states import INVOICE_TRANSITIONS
from tests.factories import CustomerFactory
from tests.invoices.books import violations
from tests.invoices.hands import TODAY, WHO, credited, fields_of, owing, paid, stands

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer():
    return CustomerFactory.create()


@pytest.fixture(autouse=True)
def books():
    """Whatever a test posts, the books hold after it."""
    yield
    assert violations() == []


def test_lines_with_tax_come_to_the_total(customer):
    invoice = owing(
        customer,
        total=None,
        lines=[
            Line("Lanterns", "12.35", quantity="3", tax_rate="20"),
            Line("Delivery", "4.99"),
        ],
    )
    assert (invoice.total, invoice.tax, invoice.balance) == (
        Decimal("49.45"),
        Decimal("7.41"),
        Decimal("49.45"),
    )
    assert [(line.net, line.tax) for line in invoice.lines.all()] == [
        (Decimal("37.05"), Decimal("7.41")),
        (Decimal("4.99"), 0),
    ]


def test_a_total_alone_is_one_untaxed_line(customer):
    (line,) = owing(customer, description="Lanterns").lines.all()
    assert (line.description, line.net, line.tax) == ("Lanterns", 100, 0)


def test_the_customers_terms_give_the_due_day(customer):
    customer.payment_terms_days = 14
    assert owing(customer, due_date=None).due_date == TODAY - timedelta(days=26)


@given(
    currency=st.sampled_from(["USD", "JPY", "BHD", "CLF"]),
    units=st.integers(1, 10**9),
    quantity=st.decimals("0.0001", "999", places=4),
    rate=st.decimals("0", "100", places=3),
)
def test_computed_amounts_are_exact_to_the_minor_unit_and_off_by_half_of_one_at_most(
    currency, units, quantity, rate
):
    step = Decimal(1).scaleb(-minor_units(currency))
    exact = units * step * quantity * (1 + rate / 100)
    rounded = amount_round(exact, currency)
    assert abs(rounded - exact) <= step / 2
    assert rounded % step == 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"total": None}, "total"),
        ({"total": "-1"}, "total"),
        ({"total": "NaN"}, "total"),
        ({"total": "1e400"}, "total"),
        ({"total": "1.001"}, "total"),
        ({"total": "1.5", "currency": "JPY"}, "total"),
        ({"total": "1.0001", "currency": "BHD"}, "total"),
        ({"currency": "XYZ"}, "currency"),
        ({"currency": "XXX"}, "currency"),
        ({"due_date": TODAY - timedelta(days=90)}, "due_date"),
        ({"due_date": date(2200, 1, 1)}, "due_date"),
        ({"issue_date": date(1970, 1, 1)}, "issue_date"),
        ({"issue_date": date.max, "due_date": None}, "issue_date"),
        ({"description": "a\0b"}, "description"),
        ({"number": "a\0b"}, "number"),
        ({"number": " "}, "number"),
        ({"number": "N" * 33}, "number"),
        ({"lines": [Line("Lanterns", "1.001")], "total": None}, "lines"),
        ({"lines": [Line("Lanterns", "-1")], "total": None}, "lines"),
        ({"lines": [Line("Lanterns", "1", quantity="0")], "total": None}, "lines"),
        ({"lines": [Line("Lanterns", "1", quantity="NaN")], "total": None}, "lines"),
        ({"lines": [Line("Lanterns", "1", tax_rate="101")], "total": None}, "lines"),
        ({"lines": [Line("Lanterns", "1e10", quantity="1000")], "total": None}, "lines"),
        ({"lines": [Line("", "1")], "total": None}, "lines"),
        ({"lines": [Line("Lanterns", "0")], "total": None}, "lines"),
        ({"lines": [Line("Lanterns", "1")], "total": "2"}, "total"),
        ({"lines": [Line("Lanterns", "1", quantity=Decimal(10**30))], "total": None}, "lines"),
    ],
)
def test_an_impossible_invoice_is_refused_at_its_field(customer, changes, field):
    with pytest.raises(ValidationError) as error:
        owing(customer, **changes)
    assert fields_of(error) == [field]
    assert not Invoice.objects.exists() and not InvoiceLine.objects.exists()


def test_a_number_is_given_once(customer):
    owing(customer)
    with pytest.raises(ValidationError) as error:
        owing(customer)
    assert fields_of(error) == ["number"]


def test_a_draft_is_edited_and_issued_and_then_stands(customer):
    draft = owing(customer, issue=False)
    invoice_draft_edit(invoice=draft, lines=[Line("Lamps", "50.00", quantity="3")], **WHO)
    invoice_issue(invoice=draft, **WHO)
    assert stands(draft) == ("open", 150)
    with pytest.raises(ValidationError, match="can't be changed"):
        invoice_draft_edit(invoice=draft, description="Other", **WHO)
    with pytest.raises(ValidationError):
        invoice_issue(invoice=draft, **WHO)
    event = Event.objects.get(kind="corrected")
    assert (event.before, event.after) == ({"total": "100.0000"}, {"total": "150.00"})


def test_a_draft_takes_no_payment(customer):
    draft = owing(customer, issue=False)
    assert paid(customer, "100.00").unallocated == 100
    with pytest.raises(ValidationError, match="is not open"):
        paid(customer, "1.00", instructions=[Instruction(draft)])


def test_a_credit_note_lowers_what_is_owed_and_settles_at_zero(customer):
    invoice = owing(customer)
    credited(invoice, "30.00")
    assert stands(invoice) == ("open", 70)
    credited(invoice, "70.00", "CN-2")
    assert stands(invoice) == ("paid", 0)
    with pytest.raises(ValidationError) as error:
        credited(invoice, "0.01", "CN-3")
    assert fields_of(error) == ["amount"]


def test_crediting_what_was_paid_gives_the_customer_credit(customer):
    invoice = owing(customer)
    payment = paid(customer, "80.00")
    credited(invoice, "50.00")
    payment.refresh_from_db()
    assert (stands(invoice), payment.unallocated) == (("paid", 0), 30)


def test_the_tax_of_all_credit_notes_is_the_tax_of_the_invoice(customer):
    invoice = owing(customer, total=None, lines=[Line("Lanterns", "83.33", tax_rate="20")])
    for index in range(3):
        credited(invoice, "33.33" if index < 2 else "33.34", f"CN-{index}")
    assert sum(note.tax for note in invoice.credit_notes.all()) == invoice.tax


def test_voiding_frees_what_was_paid(customer):
    invoice = owing(customer)
    payment = paid(customer, "40.00")
    invoice_void(invoice=invoice, reason="Issued twice.", **WHO)
    payment.refresh_from_db()
    assert (stands(invoice), payment.unallocated) == (("void", 0), 40)


def test_a_reissued_invoice_takes_over_what_was_paid(customer):
    old = owing(customer)
    paid(customer, "40.00")
    new = invoice_reissue(
        invoice=old, number="INV-2", reason="Wrong price.", total="60.00", issue_date=TODAY, **WHO
    )
    assert (stands(old), stands(new), new.replaces_id) == (("void", 0), ("open", 20), old.pk)


def test_a_written_off_invoice_keeps_its_balance_and_can_still_be_paid(customer):
    invoice = owing(customer)
    invoice_write_off(invoice=invoice, reason="The business has closed.", **WHO)
    assert stands(invoice) == ("uncollectible", 100)
    assert paid(customer, "10.00").unallocated == 10
    paid(customer, "100.00", instructions=[Instruction(invoice)])
    assert stands(invoice) == ("paid", 0)


ACTS: dict[str, Any] = {"open": invoice_issue, "void": invoice_void, "uncollectible": invoice_write_off}


def brought_to(status, customer):
    invoice = owing(customer, issue=status != "draft")
    if status == "paid":
        paid(customer, "100.00")
    elif status in ("void", "uncollectible"):
        ACTS[status](invoice=invoice, reason="Brought there.", **WHO)
    return invoice


@pytest.mark.parametrize("before", sorted(INVOICE_TRANSITIONS))
@pytest.mark.parametrize("to", sorted(ACTS))
def test_an_invoice_goes_only_where_its_table_leads(customer, before, to):
    invoice = brought_to(before, customer)
    reason = {} if to == "open" else {"reason": "Tried."}
    allowed = to in INVOICE_TRANSITIONS[before] and (before, to) != ("paid", "open")
    if allowed:
        ACTS[to](invoice=invoice, **reason, **WHO)
    else:
        with pytest.raises(ValidationError):
            ACTS[to](invoice=invoice, **reason, **WHO)
    invoice.refresh_from_db()
    assert invoice.status == (to if allowed else before)


def test_each_change_tells_what_the_balance_was_and_is(customer):
    invoice = owing(customer)
    paid(customer, "40.00")
    credited(invoice, "80.00")
    told: list[Any] = [
        (event.kind, event.before.get("balance"), event.after.get("balance"))
        for event in Event.objects.filter(
            object_type="invoice", kind__in=["payment_posted", "payment_released", "credited"]
        )
    ]
    assert [(kind, Decimal(before), Decimal(after)) for kind, before, after in told] == [
        ("payment_posted", Decimal(100), Decimal(60)),
        ("payment_released", Decimal(60), Decimal(80)),
        ("credited", Decimal(80), Decimal(0)),
    ]
    assert set(Event.objects.filter(customer=customer).values_list("source", flat=True)) >= {"staff"}


def test_a_credit_note_number_is_given_once(customer):
    invoice = owing(customer)
    credited(invoice, "1.00")
    with pytest.raises(ValidationError) as error:
        credited(invoice, "1.00")
    assert fields_of(error) == ["number"]
    assert CreditNote.objects.count() == 1
    assert stands(invoice) == ("open", 99)
