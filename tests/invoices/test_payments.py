"""Payments and refunds: where the money goes, and what is owed again."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from invoices.models import Event, Payment, Refund
from invoices.services.payments import (
    Instruction,
    payment_allocate,
    payment_clear,
    payment_fail,
    payment_release,
)
from tests.factories import CustomerFactory
from tests.invoices.books import violations
from tests.invoices.hands import TODAY, WHO, fields_of, owing, paid, refunded, stands

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer():
    return CustomerFactory.create()


@pytest.fixture(autouse=True)
def books():
    """Whatever a test posts, the books hold after it."""
    yield
    assert violations() == []


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
