"""Asked twice, done once; asked by twenty at the same moment, still once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from invoices.models import Dispute, Payment, PaymentPlan, PromiseToPay, Refund
from invoices.services.credits import credit_note_issue
from invoices.services.disputes import dispute_open
from invoices.services.documents import invoice_create
from invoices.services.idempotency import KeyReused
from invoices.services.payments import payment_record, payment_refund
from invoices.services.plans import Part, plan_create
from invoices.services.promises import promise_record
from tests.factories import CustomerFactory, InvoiceFactory
from tests.invoices.books import violations

TODAY = datetime.now(tz=UTC).date()
WHO: dict[str, Any] = {"source": "api"}
AT_ONCE = 20


def pay(invoice, amount="10.00", **changes):
    fields: dict[str, Any] = {"customer": invoice.customer, "currency": "GBP", "received_on": TODAY, **WHO}
    return payment_record(amount=amount, **{**fields, **changes})


ACTS: dict[str, Any] = {
    "payment": lambda invoice, key, amount="10.00": pay(invoice, amount, idempotency_key=key),
    "refund": lambda invoice, key, amount="10.00": payment_refund(
        payment=invoice.customer.payments.order_by("pk").first() or pay(invoice, "120.50"),
        amount=amount,
        refunded_on=TODAY,
        reason="Paid twice.",
        idempotency_key=key,
        **WHO,
    ),
    "promise": lambda invoice, key, amount="10.00": promise_record(
        invoices=[invoice], amount=amount, due_date=TODAY + timedelta(days=3), idempotency_key=key, **WHO
    ),
    "plan": lambda invoice, key, amount="10.00": plan_create(
        invoices=[invoice],
        parts=[Part(TODAY + timedelta(days=30 * month), amount) for month in (1, 2)],
        idempotency_key=key,
        **WHO,
    ),
    "dispute": lambda invoice, key, amount="10.00": dispute_open(
        invoice=invoice, reason="faulty", amount=amount, idempotency_key=key, **WHO
    ),
    "credit note": lambda invoice, key, amount="10.00": credit_note_issue(
        invoice=invoice,
        number="CN-1",
        amount=amount,
        reason="return",
        issued_on=TODAY,
        idempotency_key=key,
        **WHO,
    ),
    "invoice": lambda invoice, key, amount="10.00": invoice_create(
        customer=invoice.customer,
        number="INV-K",
        currency="GBP",
        total=amount,
        issue_date=TODAY,
        idempotency_key=key,
        **WHO,
    ),
}


@pytest.mark.django_db
@pytest.mark.parametrize("act", sorted(ACTS))
def test_a_key_makes_one_row_and_stands_for_nothing_else(act):
    invoice, key = InvoiceFactory.create(), str(uuid4())
    first = ACTS[act](invoice, key)
    assert ACTS[act](invoice, key) == first
    with pytest.raises(KeyReused):
        ACTS[act](invoice, key, amount="11.00")


@pytest.mark.django_db
def test_a_key_of_another_customer_is_refused():
    key = str(uuid4())
    pay(InvoiceFactory.create(), idempotency_key=key)
    with pytest.raises(KeyReused):
        pay(InvoiceFactory.create(), idempotency_key=key)


@pytest.mark.django_db
def test_without_a_key_each_is_an_act_of_its_own():
    invoice = InvoiceFactory.create()
    assert pay(invoice) != pay(invoice)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("act", "model"),
    [("payment", Payment), ("promise", PromiseToPay), ("plan", PaymentPlan), ("dispute", Dispute)],
)
def test_twenty_at_once_with_one_key_make_one_row_and_get_one_answer(act, model):
    invoice, key = InvoiceFactory.create(), str(uuid4())
    answers = at_once(lambda _: ACTS[act](invoice, key).pk)
    assert len(set(answers)) == 1
    assert model.objects.count() == 1
    assert violations() == []


@pytest.mark.django_db(transaction=True)
def test_twenty_refunds_at_once_give_back_no_more_than_was_paid():
    invoice = InvoiceFactory.create()
    payment = pay(invoice, "120.50")
    answers = at_once(lambda _: refund_or_none(payment))
    assert len([answer for answer in answers if answer]) == 12
    assert Refund.objects.count() == 12
    assert violations() == []


def refund_or_none(payment):
    try:
        return payment_refund(payment=payment, amount="10.00", refunded_on=TODAY, reason="Back.", **WHO)
    except Exception as error:
        assert "more than is left" in str(error)
        return None


@pytest.mark.django_db(transaction=True)
def test_twenty_customers_with_one_key_are_one_payment():
    customers = [CustomerFactory.create() for _ in range(AT_ONCE)]
    key = str(uuid4())

    def try_it(index: int) -> Any:
        try:
            return payment_record(
                customer=customers[index],
                currency="GBP",
                amount="10.00",
                received_on=TODAY,
                idempotency_key=key,
                **WHO,
            )
        except KeyReused:
            return None

    answers = at_once(try_it)
    assert len([answer for answer in answers if answer]) == 1
    assert Payment.objects.count() == 1


def at_once(act):
    """What `act(index)` answered in each of twenty threads that begin together, each with a connection of its own."""
    barrier = Barrier(AT_ONCE)

    def begin(index: int) -> Any:
        barrier.wait(timeout=30)
        try:
            return act(index)
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(begin, range(AT_ONCE)))
