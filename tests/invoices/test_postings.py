"""Invoices, payments, refunds and credit notes: what each act does to the books."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from invoices.models import CreditNote, Event, Invoice, InvoiceLine, Payment, Refund
from invoices.money import amount_round, minor_units
from invoices.services.credits import credit_note_issue
from invoices.services.documents import (
    Line,
    invoice_create,
    invoice_draft_edit,
    invoice_issue,
    invoice_reissue,
    invoice_void,
    invoice_write_off,
)
from invoices.services.payments import (
    Instruction,
    payment_allocate,
    payment_clear,
    payment_fail,
    payment_record,
    payment_refund,
    payment_release,
)
from invoices.states import INVOICE_TRANSITIONS
from tests.factories import CustomerFactory
from tests.invoices.books import violations

TODAY = datetime.now(tz=UTC).date()
WHO: dict[str, Any] = {"source": "staff"}
pytestmark = pytest.mark.django_db


@pytest.fixture
def customer():
    return CustomerFactory.create()


@pytest.fixture(autouse=True)
def books():
    """Whatever a test posts, the books hold after it."""
    yield
    assert violations() == []


def owing(customer, number="INV-1", total="100.00", ago=10, **changes):
    fields = {
        "currency": "GBP",
        "issue_date": TODAY - timedelta(days=ago + 30),
        "due_date": TODAY - timedelta(days=ago),
        "total": total,
        **WHO,
        **changes,
    }
    return invoice_create(customer=customer, number=number, **fields)


def paid(customer, amount, **changes):
    fields = {"currency": "GBP", "received_on": TODAY, **WHO, **changes}
    return payment_record(customer=customer, amount=amount, **fields)


def credited(invoice, amount, number="CN-1", **changes):
    fields = {"reason": "return", "issued_on": TODAY, **WHO, **changes}
    return credit_note_issue(invoice=invoice, number=number, amount=amount, **fields)


def refunded(payment, amount, **changes):
    fields = {"refunded_on": TODAY, "reason": "Paid twice.", **WHO, **changes}
    return payment_refund(payment=payment, amount=amount, **fields)


def stands(invoice) -> Any:
    invoice.refresh_from_db()
    return invoice.status, invoice.balance


def fields_of(error):
    return list(error.value.message_dict)


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


def test_without_instruction_the_oldest_due_is_paid_first(customer):
    newer, older = owing(customer, "INV-1", ago=5), owing(customer, "INV-2", ago=50)
    paid(customer, "130.00")
    assert (stands(older), stands(newer)) == (("paid", 0), ("open", 70))


def test_an_instruction_comes_first_and_the_rest_goes_to_the_oldest(customer):
    newer, older = owing(customer, "INV-1", ago=5), owing(customer, "INV-2", ago=50)
    paid(customer, "130.00", instructions=[Instruction(newer)])
    assert (stands(newer), stands(older)) == (("paid", 0), ("open", 70))


def test_currencies_never_settle_each_other(customer):
    pounds = owing(customer)
    assert paid(customer, "100.00", currency="USD").unallocated == 100
    assert stands(pounds) == ("open", 100)
    with pytest.raises(ValidationError, match="is in GBP"):
        paid(customer, "100.00", currency="USD", instructions=[Instruction(pounds)])


def test_another_customers_invoice_takes_nothing(customer):
    theirs = owing(CustomerFactory.create())
    with pytest.raises(ValidationError) as error:
        paid(customer, "100.00", instructions=[Instruction(theirs)])
    assert fields_of(error) == ["instructions"]
    assert not Payment.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": "0"}, "amount"),
        ({"amount": "-1"}, "amount"),
        ({"amount": "1e400"}, "amount"),
        ({"amount": "Infinity"}, "amount"),
        ({"amount": "0.001"}, "amount"),
        ({"currency": "gbp"}, "currency"),
        ({"received_on": TODAY + timedelta(days=3)}, "received_on"),
        ({"method": "barter"}, "method"),
        ({"reference": "a\0b"}, "reference"),
        ({"reference": "R" * 65}, "reference"),
    ],
)
def test_an_impossible_payment_is_refused_at_its_field(customer, changes, field):
    with pytest.raises(ValidationError) as error:
        paid(customer, **{"amount": "1.00", **changes})
    assert fields_of(error) == [field]
    assert not Payment.objects.exists() and not Event.objects.filter(object_type="payment").exists()


def test_instructions_name_an_invoice_once_and_no_more_than_the_payment(customer):
    invoice = owing(customer)
    for instructions in (
        [Instruction(invoice, "10.00"), Instruction(invoice, "10.00")],
        [Instruction(invoice, "60.00")],
    ):
        with pytest.raises(ValidationError) as error:
            paid(customer, "50.00", instructions=instructions)
        assert fields_of(error) == ["instructions"]


def test_a_pending_payment_settles_nothing_until_it_has_come(customer):
    invoice = owing(customer)
    payment = paid(customer, "100.00", pending=True)
    assert stands(invoice) == ("open", 100)
    payment_clear(payment=payment, **WHO)
    assert stands(invoice) == ("paid", 0)
    with pytest.raises(ValidationError, match="not pending"):
        payment_clear(payment=payment, **WHO)


def test_a_pending_payment_is_put_as_instructed_when_it_has_come(customer):
    newer, older = owing(customer, "INV-1", ago=5), owing(customer, "INV-2", ago=50)
    with pytest.raises(ValidationError) as error:
        paid(customer, "100.00", pending=True, instructions=[Instruction(newer)])
    assert fields_of(error) == ["instructions"]
    payment = paid(customer, "100.00", pending=True)
    payment_clear(payment=payment, instructions=[Instruction(newer)], **WHO)
    assert (stands(newer), stands(older)) == (("paid", 0), ("open", 100))


def test_a_payment_that_failed_settles_nothing(customer):
    payment = paid(customer, "100.00", pending=True)
    payment_fail(payment=payment, reason="Returned by the bank.", **WHO)
    assert (payment.status, payment.unallocated) == ("failed", 0)
    with pytest.raises(ValidationError, match="has not come"):
        refunded(payment, "1.00")


def test_credit_is_spent_on_the_oldest_or_as_instructed(customer):
    payment = paid(customer, "150.00")
    newer, older = owing(customer, "INV-1", ago=5), owing(customer, "INV-2", ago=50)
    payment_allocate(payment=payment, instructions=[Instruction(newer, "30.00")], **WHO)
    payment_allocate(payment=payment, **WHO)
    assert (stands(newer), stands(older)) == (("open", 50), ("paid", 0))
    with pytest.raises(ValidationError, match="Nothing of this payment"):
        payment_allocate(payment=payment, **WHO)


def test_what_is_taken_off_is_owed_again_and_is_credit(customer):
    invoice = owing(customer)
    payment = paid(customer, "100.00")
    released = payment_release(payment=payment, invoice=invoice, amount="40.00", reason="Wrong one.", **WHO)
    assert stands(invoice) == ("open", 40)
    assert released.unallocated == 40
    with pytest.raises(ValidationError) as error:
        payment_release(payment=payment, invoice=invoice, amount="60.01", reason="Wrong one.", **WHO)
    assert fields_of(error) == ["amount"]


def test_a_refund_takes_credit_first_and_then_what_was_allocated_last(customer):
    older, newer = owing(customer, "INV-1", ago=50), owing(customer, "INV-2", ago=5)
    payment = paid(customer, "220.00")
    refunded(payment, "20.00")
    assert (stands(older), stands(newer)) == (("paid", 0), ("paid", 0))
    refunded(payment, "130.00")
    assert (stands(older), stands(newer)) == (("open", 30), ("open", 100))
    with pytest.raises(ValidationError) as error:
        refunded(payment, "70.01")
    assert fields_of(error) == ["amount"]
    assert Refund.objects.count() == 2


def test_a_refund_is_not_before_its_payment_and_says_why(customer):
    payment = paid(customer, "10.00")
    for changes, field in (
        ({"refunded_on": TODAY - timedelta(days=1)}, "refunded_on"),
        ({"reason": ""}, "reason"),
    ):
        with pytest.raises(ValidationError) as error:
            refunded(payment, "1.00", **changes)
        assert fields_of(error) == [field]


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
