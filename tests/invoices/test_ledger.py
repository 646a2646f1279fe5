"""Customers, invoices, payments and promises, through their services."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from invoices.models import Event, Invoice, PromiseToPay
from invoices.money import amount_clean, amount_text
from invoices.services.documents import invoice_create, invoice_void
from invoices.services.idempotency import KeyReused
from invoices.services.parties import customer_create
from invoices.services.payments import Instruction, payment_record
from invoices.services.promises import promise_record
from tests.factories import CustomerFactory

TODAY = date(2026, 11, 24)
pytestmark = pytest.mark.django_db


@pytest.fixture
def customer():
    return customer_create(
        number="C-1",
        name="Robert Blake",
        phone="+12135550101",
        country="US",
        time_zone="America/Los_Angeles",
        birth_month=3,
        birth_day=14,
        source="api",
    )


@pytest.fixture
def invoice(customer):
    return make_invoice(customer)


def make_invoice(customer, **changes):
    fields = {
        "number": "INV-1",
        "currency": "USD",
        "total": "120.50",
        "issue_date": TODAY - timedelta(days=40),
        "due_date": TODAY - timedelta(days=10),
        "source": "api",
    }
    return invoice_create(customer=customer, **{**fields, **changes})


def pay(invoice, amount, reference="P-1", **changes):
    return payment_record(
        customer=invoice.customer,
        currency="USD",
        amount=amount,
        received_on=TODAY,
        reference=reference,
        instructions=[Instruction(invoice)],
        **{"source": "staff", **changes},
    )


def test_a_new_invoice_owes_its_whole_total(invoice):
    assert (invoice.status, invoice.balance, invoice.balance_text) == ("open", Decimal("120.50"), "$120.50")


@pytest.mark.parametrize("total", ["NaN", "Infinity", "1e400", "-1", "0", "0.001", "abc", ""])
def test_an_impossible_amount_is_an_error_at_its_field(customer, total):
    with pytest.raises(ValidationError) as error:
        make_invoice(customer, total=total)
    assert list(error.value.message_dict) == ["total"]
    assert not Invoice.objects.exists()


@pytest.mark.parametrize(("currency", "amount"), [("JPY", "1.5"), ("BHD", "1.0001"), ("USD", "1.001")])
def test_no_amount_is_finer_than_the_minor_unit(currency, amount):
    with pytest.raises(ValidationError):
        amount_clean(amount, currency=currency)


@pytest.mark.parametrize("currency", ["usd", "US", "XXQ", "U$D", "USDD", "١٢٣"])
def test_an_unknown_currency_is_an_error_at_its_field(customer, currency):
    with pytest.raises(ValidationError) as error:
        make_invoice(customer, currency=currency)
    assert list(error.value.message_dict) == ["currency"]


def test_an_invoice_is_not_due_before_it_is_issued(customer):
    with pytest.raises(ValidationError) as error:
        make_invoice(customer, due_date=TODAY - timedelta(days=41))
    assert list(error.value.message_dict) == ["due_date"]


def test_half_a_birth_date_is_refused():
    with pytest.raises(ValidationError) as error:
        customer_create(
            number="C-2",
            name="A",
            phone="+12135550102",
            country="US",
            time_zone="UTC",
            birth_day=3,
            source="api",
        )
    assert list(error.value.message_dict) == ["birth_day"]


def test_paying_all_settles_the_invoice(invoice):
    payment = pay(invoice, "120.50")
    invoice.refresh_from_db()
    assert (invoice.status, invoice.balance, payment.unallocated) == ("paid", 0, 0)


def test_a_payment_with_a_known_key_posts_once_and_the_key_stands_for_nothing_else(invoice):
    first, second = (pay(invoice, "20.50", idempotency_key="bank/1") for _ in range(2))
    assert first == second
    with pytest.raises(KeyReused):
        pay(invoice, "20.51", idempotency_key="bank/1")
    invoice.refresh_from_db()
    assert invoice.balance == 100


def test_what_is_paid_above_the_balance_is_the_customers_credit(invoice):
    payment = pay(invoice, "120.51")
    invoice.refresh_from_db()
    assert (invoice.status, invoice.balance, payment.unallocated) == ("paid", 0, Decimal("0.01"))
    assert invoice.allocations.get().amount == Decimal("120.50")


def test_an_instruction_above_the_balance_leaves_nothing_behind(invoice):
    with pytest.raises(ValidationError) as error:
        payment_record(
            customer=invoice.customer,
            currency="USD",
            amount="200",
            received_on=TODAY,
            instructions=[Instruction(invoice, "120.51")],
            source="staff",
        )
    assert list(error.value.message_dict) == ["instructions"]
    invoice.refresh_from_db()
    assert invoice.balance == Decimal("120.50")
    assert not invoice.allocations.exists() and not invoice.customer.payments.exists()


def test_a_paid_invoice_can_not_be_voided(invoice):
    pay(invoice, "120.50")
    with pytest.raises(ValidationError) as error:
        invoice_void(invoice=invoice, reason="Issued twice.", source="staff")
    assert list(error.value.message_dict) == ["invoice"]
    invoice.refresh_from_db()
    assert invoice.status == "paid"


def test_a_promise_of_one_call_is_recorded_once(invoice):
    call = UUID("6f9619ff-8b86-d011-b42d-00c04fc964ff")
    first, second = (
        promise_record(
            invoices=[invoice],
            amount="50",
            due_date=TODAY + timedelta(days=days),
            today=TODAY,
            source="agent",
            source_call_id=call,
        )
        for days in (3, 4)
    )
    assert first.pk == second.pk
    assert PromiseToPay.objects.get().due_date == TODAY + timedelta(days=3)


@pytest.mark.parametrize(("amount", "days"), [("120.51", 1), ("50", -1), ("0", 1), ("10.001", 1)])
def test_an_impossible_promise_is_refused(invoice, amount, days):
    with pytest.raises(ValidationError):
        promise_record(
            invoices=[invoice],
            amount=amount,
            due_date=TODAY + timedelta(days=days),
            today=TODAY,
            source="agent",
        )
    assert not PromiseToPay.objects.exists()


def test_every_change_of_an_invoice_leaves_an_event(invoice):
    pay(invoice, "120.50")
    kinds = list(Event.objects.filter(object_type="invoice").values_list("kind", flat=True))
    assert kinds == ["created", "payment_posted", "invoice_paid"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(st.lists(st.decimals("0.01", "200", places=2), min_size=1, max_size=8))
def test_the_balance_is_the_total_less_what_was_posted(amounts):
    # A customer each time: what one invoice does not owe would go to another that is open.
    customer = CustomerFactory.create()
    number = f"INV-{customer.number}"
    invoice = make_invoice(customer, number=number, total="300")
    credit = Decimal(0)
    for index, amount in enumerate(amounts):
        payment = payment_record(
            customer=customer,
            currency="USD",
            amount=amount,
            received_on=TODAY,
            reference=f"{number}/{index}",
            source="staff",
        )
        credit += payment.unallocated
    invoice.refresh_from_db()
    posted = sum(amounts)
    assert (invoice.balance, credit) == (max(300 - posted, 0), max(posted - 300, 0))
    assert (invoice.status == "paid") is (invoice.balance == 0)


@given(st.decimals("0.01", "99999999", places=2))
def test_an_exact_amount_comes_back_unchanged(amount):
    assert amount_clean(str(amount), currency="EUR") == amount


def test_amounts_are_shown_as_their_currency_is_written():
    assert amount_text(Decimal("1234.5"), "GBP") == "£1,234.50"
    assert amount_text(Decimal("1234"), "JPY") == "¥1,234"
