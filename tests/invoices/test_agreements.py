"""Promises, plans and disputes: what makes them kept, broken and closed."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from invoices.models import Event, PaymentPlan, PromiseToPay
from invoices.services.credits import credit_note_issue
from invoices.services.disputes import dispute_open, dispute_reject, dispute_uphold, dispute_withdraw
from invoices.services.documents import invoice_create, invoice_void
from invoices.services.judging import agreements_judge_due
from invoices.services.payments import payment_allocate, payment_record, payment_refund, payment_release
from invoices.services.plans import Part, plan_cancel, plan_create
from invoices.services.promises import promise_cancel, promise_record
from tests.factories import CustomerFactory

MONDAY = date(2026, 11, 2)
WHO: dict[str, Any] = {"source": "staff"}
pytestmark = pytest.mark.django_db


@pytest.fixture
def clock():
    """Noon of MONDAY in London; `clock(n)` brings n days later."""
    with time_machine.travel(datetime(2026, 11, 2, 12, tzinfo=UTC), tick=False) as traveller:
        yield lambda days: traveller.move_to(datetime(2026, 11, 2, 12, tzinfo=UTC) + timedelta(days=days))


@pytest.fixture
def customer(clock):
    return CustomerFactory.create()


def owing(customer, number="INV-1", total="100.00", **changes):
    return invoice_create(
        customer=customer,
        number=number,
        total=total,
        issue_date=MONDAY - timedelta(days=40),
        due_date=MONDAY - timedelta(days=10),
        **{"currency": "GBP", **WHO, **changes},
    )


def day(days):
    return MONDAY + timedelta(days=days)


def promised(*invoices, amount="100.00", days=7, **changes):
    return promise_record(invoices=invoices, amount=amount, due_date=day(days), **{**WHO, **changes})


def paid(customer, amount, received, **changes):
    return payment_record(
        customer=customer, currency="GBP", amount=amount, received_on=day(received), **{**WHO, **changes}
    )


def state(row) -> Any:
    row.refresh_from_db()
    return row.status


def test_a_promise_is_kept_by_money_that_came_in_time(customer, clock):
    promise = promised(owing(customer))
    clock(7)
    paid(customer, "100.00", 7)
    assert state(promise) == "kept"


def test_a_promise_is_kept_before_its_day(customer):
    promise = promised(owing(customer))
    paid(customer, "100.00", 0)
    assert state(promise) == "kept"


def test_a_promise_stays_open_until_its_day_has_ended_where_the_customer_is(clock):
    promise = promised(owing(CustomerFactory.create(time_zone="Pacific/Honolulu")))
    clock(7.9)
    agreements_judge_due(source="worker")
    assert state(promise) == "open"
    clock(8)
    agreements_judge_due(source="worker")
    assert state(promise) == "broken"


def test_a_promise_that_nothing_came_for_is_broken_when_its_day_has_ended(customer, clock):
    promise = promised(owing(customer))
    clock(8)
    assert agreements_judge_due(source="worker") == 1
    assert state(promise) == "broken"
    assert agreements_judge_due(source="worker") == 0


def test_a_promise_is_partially_kept_by_a_part(customer, clock):
    promise = promised(owing(customer))
    paid(customer, "40.00", 0)
    assert state(promise) == "open"
    clock(8)
    agreements_judge_due(source="worker")
    assert state(promise) == "partially_kept"


def test_a_late_posting_is_judged_by_the_day_on_which_the_money_came(customer, clock):
    promise = promised(owing(customer))
    clock(9)
    agreements_judge_due(source="worker")
    paid(customer, "60.00", 7)
    assert state(promise) == "partially_kept"
    paid(customer, "40.00", 7)
    assert state(promise) == "kept"


def test_money_that_came_late_keeps_nothing(customer, clock):
    promise = promised(owing(customer))
    clock(9)
    agreements_judge_due(source="worker")
    paid(customer, "100.00", 8)
    assert state(promise) == "broken"


def test_a_refund_unkeeps_a_promise_at_once(customer, clock):
    promise = promised(owing(customer))
    payment = paid(customer, "100.00", 0)
    payment_refund(payment=payment, amount="1.00", refunded_on=day(0), reason="Paid twice.", **WHO)
    assert state(promise) == "open"
    clock(8)
    payment_refund(payment=payment, amount="1.00", refunded_on=day(8), reason="Paid twice.", **WHO)
    assert state(promise) == "partially_kept"
    payment_refund(payment=payment, amount="98.00", refunded_on=day(8), reason="Paid twice.", **WHO)
    assert state(promise) == "broken"


def test_what_was_settled_before_the_promise_does_not_keep_it(customer):
    invoice = owing(customer)
    paid(customer, "50.00", 0)
    promise = promised(invoice, amount="50.00")
    assert state(promise) == "open"


def test_taking_off_what_came_before_the_promise_does_not_count_against_it(customer):
    invoice = owing(customer)
    earlier = paid(customer, "50.00", 0)
    promise = promised(invoice, amount="50.00")
    payment_release(payment=earlier, invoice=invoice, reason="Meant for another.", **WHO)
    paid(customer, "50.00", 0)
    assert state(promise) == "kept"


def test_a_promise_for_several_invoices_is_kept_by_money_for_any_of_them(customer):
    first, second = owing(customer, "INV-1"), owing(customer, "INV-2")
    promise = promised(first, second, amount="150.00")
    paid(customer, "150.00", 0)
    assert state(promise) == "kept"


def test_money_for_another_invoice_keeps_no_promise(customer):
    owing(customer, "INV-1")
    promise = promised(owing(customer, "INV-2"))
    paid(customer, "100.00", 0)
    assert state(promise) == "open"


def test_a_new_promise_replaces_the_open_one(customer):
    invoice = owing(customer)
    first, second = promised(invoice, days=3), promised(invoice, days=5)
    assert (state(first), state(second)) == ("cancelled", "open")
    event = Event.objects.get(object_type="promise", object_id=str(first.pk), kind="promise_cancelled")
    assert event.reason == "Replaced by a new promise."


def test_a_promise_is_cancelled_when_nothing_is_owed_any_more(customer):
    invoice = owing(customer)
    promise = promised(invoice)
    credit_note_issue(
        invoice=invoice, number="CN-1", amount="100.00", reason="return", issued_on=day(0), **WHO
    )
    assert state(promise) == "cancelled"


def test_only_an_open_promise_is_cancelled_and_only_with_a_reason(customer):
    promise = promised(owing(customer))
    with pytest.raises(ValidationError) as error:
        promise_cancel(promise=promise, reason=" ", **WHO)
    assert list(error.value.message_dict) == ["reason"]
    promise_cancel(promise=promise, reason="Agreed otherwise.", **WHO)
    with pytest.raises(ValidationError):
        promise_cancel(promise=promise, reason="Again.", **WHO)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": "100.01"}, "amount"),
        ({"amount": "NaN"}, "amount"),
        ({"amount": "-5"}, "amount"),
        ({"days": -1}, "due_date"),
        ({"days": 367}, "due_date"),
        ({"method": "barter"}, "method"),
    ],
)
def test_an_impossible_promise_is_refused_at_its_field(customer, changes, field):
    with pytest.raises(ValidationError) as error:
        promised(owing(customer), **changes)
    assert list(error.value.message_dict) == [field]
    assert not PromiseToPay.objects.exists()


def test_a_promise_names_invoices_of_one_customer_and_one_currency(customer):
    mine = owing(customer)
    with pytest.raises(ValidationError, match="different customers"):
        promised(mine, owing(CustomerFactory.create(), "INV-2"))
    with pytest.raises(ValidationError, match="different currencies"):
        promised(mine, owing(customer, "INV-3", currency="USD"))
    with pytest.raises(ValidationError, match="at least one"):
        promised()
    void = owing(customer, "INV-4")
    invoice_void(invoice=void, reason="Issued twice.", **WHO)
    with pytest.raises(ValidationError, match="is not open"):
        promised(mine, void)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(parts=st.lists(st.tuples(st.integers(0, 10), st.integers(1, 60)), max_size=5), due=st.integers(0, 10))
def test_a_promise_is_what_its_money_and_its_day_say(parts, due, clock):
    clock(0)
    customer = CustomerFactory.create()
    promise = promised(owing(customer, f"INV-{customer.pk}", "1000.00"), days=due)
    clock(11)
    for received, amount in parts:
        paid(customer, Decimal(amount), received)
    agreements_judge_due(source="worker")
    in_time = sum(amount for received, amount in parts if received <= due)
    expected = "kept" if in_time >= 100 else "partially_kept" if in_time else "broken"
    assert state(promise) == expected


def plan_of(*invoices, parts=((0, "40.00"), (30, "30.00"), (60, "30.00")), **changes):
    asked = [Part(day(days), amount) for days, amount in parts]
    return plan_create(invoices=invoices, parts=asked, **{**WHO, **changes})


def test_a_plan_runs_while_its_instalments_come_and_completes_with_the_last(customer, clock):
    plan = plan_of(owing(customer))
    paid(customer, "40.00", 0)
    clock(31)
    paid(customer, "30.00", 30)
    agreements_judge_due(source="worker")
    assert state(plan) == "active"
    paid(customer, "30.00", 31)
    assert state(plan) == "completed"


def test_a_missed_instalment_is_a_default_and_catching_up_ends_it(customer, clock):
    plan = plan_of(owing(customer))
    clock(1)
    agreements_judge_due(source="worker")
    assert state(plan) == "defaulted"
    paid(customer, "40.00", 1)
    assert state(plan) == "active"


def test_a_refund_reopens_a_completed_plan(customer, clock):
    plan = plan_of(owing(customer))
    payment = paid(customer, "100.00", 0)
    assert state(plan) == "completed"
    payment_refund(payment=payment, amount="10.00", refunded_on=day(0), reason="Too much.", **WHO)
    assert state(plan) == "active"


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ([(0, "50.00")], "instalments"),
        ([(0, "50.00"), (30, "50.01")], "instalments"),
        ([(30, "50.00"), (30, "50.00")], "instalments"),
        ([(30, "50.00"), (0, "50.00")], "instalments"),
        ([(-1, "50.00"), (30, "50.00")], "instalments"),
        ([(0, "0"), (30, "50.00")], "instalments"),
        ([(0, "1.001"), (30, "50.00")], "instalments"),
    ],
)
def test_an_impossible_plan_is_refused_at_its_field(customer, parts, field):
    with pytest.raises(ValidationError) as error:
        plan_of(owing(customer), parts=parts)
    assert list(error.value.message_dict) == [field]
    assert not PaymentPlan.objects.exists()


def test_an_invoice_is_in_one_plan_at_a_time(customer):
    invoice = owing(customer)
    plan = plan_of(invoice)
    with pytest.raises(ValidationError, match="already"):
        plan_of(invoice)
    plan_cancel(plan=plan, reason="Agreed otherwise.", **WHO)
    assert plan_of(invoice).status == "active"


def test_an_upheld_dispute_credits_the_invoice(customer):
    invoice = owing(customer)
    dispute = dispute_open(invoice=invoice, reason="faulty", amount="30.00", **WHO)
    dispute_uphold(
        dispute=dispute, credit_note_number="CN-1", resolution="It was broken.", issued_on=day(0), **WHO
    )
    invoice.refresh_from_db()
    assert (invoice.balance, state(dispute)) == (70, "upheld")
    assert invoice.credit_notes.get().reason == "dispute"


@pytest.mark.parametrize(("act", "status"), [(dispute_reject, "rejected"), (dispute_withdraw, "withdrawn")])
def test_a_dispute_without_credit_leaves_the_balance(customer, act, status):
    invoice = owing(customer)
    dispute = dispute_open(invoice=invoice, reason="not_mine", **WHO)
    act(dispute=dispute, resolution="Shown the order.", **WHO)
    invoice.refresh_from_db()
    assert dispute.amount == invoice.balance == 100
    assert state(dispute) == status
    with pytest.raises(ValidationError):
        act(dispute=dispute, resolution="Again.", **WHO)


def test_an_invoice_has_one_open_dispute(customer):
    invoice = owing(customer)
    dispute_open(invoice=invoice, reason="fraud", **WHO)
    with pytest.raises(ValidationError, match="already"):
        dispute_open(invoice=invoice, reason="faulty", **WHO)


def test_credit_that_is_spent_on_a_promised_invoice_keeps_the_promise(customer):
    payment = paid(customer, "100.00", 0)
    promise = promised(owing(customer))
    payment_allocate(payment=payment, **WHO)
    assert state(promise) == "kept"
