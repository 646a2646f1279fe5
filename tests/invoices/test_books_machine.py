"""Random sequences of postings: the books hold after each, and no money appears or vanishes."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from invoices.books_check import balances_wrong
from invoices.models import Allocation, Invoice, Payment, PromiseToPay, Refund
from invoices.services.credits import credit_note_issue
from invoices.services.disputes import dispute_open, dispute_reject, dispute_uphold
from invoices.services.documents import (
    Line,
    invoice_create,
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
from invoices.services.plans import Part, plan_create
from invoices.services.promises import promise_record
from tests.factories import CustomerFactory
from tests.invoices.books import violations

TODAY = datetime.now(tz=UTC).date()
AMOUNTS = st.decimals(min_value="0.01", max_value="500.00", places=2)
WHO: dict[str, Any] = {"source": "test"}


class Books(RuleBasedStateMachine):
    """Two customers, two currencies; every act may be refused, none may leave the books wrong."""

    invoices = Bundle("invoices")
    payments = Bundle("payments")

    @initialize()
    def open_books(self):
        self.number = 0
        self.received = Decimal(0)
        self.returned = Decimal(0)
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.customers = [CustomerFactory(), CustomerFactory()]

    def teardown(self):
        if hasattr(self, "atomic"):
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    def next_number(self):
        self.number += 1
        return f"M-{self.number}"

    def attempt(self, act, *args, **kwargs):
        """What it made, or None where it was refused; a refusal leaves nothing behind."""
        try:
            with transaction.atomic():
                return act(*args, **kwargs, **WHO)
        except ValidationError:
            return None

    @rule(
        target=invoices,
        who=st.integers(0, 1),
        currency=st.sampled_from(["USD", "USD", "GBP"]),
        prices=st.lists(AMOUNTS, min_size=1, max_size=3),
        rate=st.sampled_from(["0", "7.25", "20"]),
        due=st.integers(-90, 60),
        issue=st.sampled_from([True, True, True, False]),
    )
    def invoice(self, who, currency, prices, rate, due, issue):
        due_date = TODAY + timedelta(days=due)
        return invoice_create(
            customer=self.customers[who],
            number=self.next_number(),
            currency=currency,
            lines=[Line("Lanterns", price, tax_rate=rate) for price in prices],
            issue_date=due_date - timedelta(days=30),
            due_date=due_date,
            issue=issue,
            **WHO,
        )

    @rule(
        target=payments,
        who=st.integers(0, 1),
        currency=st.sampled_from(["USD", "USD", "GBP"]),
        amount=AMOUNTS,
        ago=st.integers(0, 40),
        pending=st.sampled_from([False, False, False, True]),
    )
    def pay(self, who, currency, amount, ago, pending):
        payment = payment_record(
            customer=self.customers[who],
            currency=currency,
            amount=amount,
            received_on=TODAY - timedelta(days=ago),
            pending=pending,
            **WHO,
        )
        self.received += 0 if pending else amount
        return payment

    @rule(target=payments, invoice=invoices, amount=AMOUNTS, part=AMOUNTS)
    def pay_as_instructed(self, invoice, amount, part):
        payment = self.attempt(
            payment_record,
            customer=invoice.customer,
            currency=invoice.currency,
            amount=amount,
            received_on=TODAY,
            instructions=[Instruction(invoice, part)],
        )
        if payment is None:
            return multiple()
        self.received += amount
        return payment

    @rule(payment=payments, comes=st.booleans())
    def pending_ends(self, payment, comes):
        if comes:
            cleared = self.attempt(payment_clear, payment=payment)
            self.received += cleared.amount if cleared else 0
        else:
            self.attempt(payment_fail, payment=payment, reason="Returned by the bank.")

    @rule(payment=payments, amount=AMOUNTS)
    def refund(self, payment, amount):
        refund = self.attempt(
            payment_refund, payment=payment, amount=amount, refunded_on=TODAY, reason="Paid twice."
        )
        self.returned += refund.amount if refund else 0

    @rule(payment=payments, invoice=invoices, amount=AMOUNTS)
    def release(self, payment, invoice, amount):
        self.attempt(
            payment_release, payment=payment, invoice=invoice, amount=amount, reason="Wrong invoice."
        )

    @rule(payment=payments)
    def spend_credit(self, payment):
        self.attempt(payment_allocate, payment=payment)

    @rule(invoice=invoices, amount=AMOUNTS)
    def credit(self, invoice, amount):
        number = self.next_number()
        self.attempt(
            credit_note_issue,
            invoice=invoice,
            number=number,
            amount=amount,
            reason="return",
            issued_on=max(TODAY, invoice.issue_date),
        )

    @rule(invoice=invoices, act=st.sampled_from([invoice_void, invoice_write_off]))
    def give_up(self, invoice, act):
        self.attempt(act, invoice=invoice, reason="Issued twice.")

    @rule(invoice=invoices)
    def issue(self, invoice):
        self.attempt(invoice_issue, invoice=invoice)

    @rule(target=invoices, invoice=invoices, total=AMOUNTS)
    def reissue(self, invoice, total):
        new = self.attempt(
            invoice_reissue,
            invoice=invoice,
            number=self.next_number(),
            reason="Wrong price.",
            total=total,
            issue_date=TODAY,
        )
        return multiple() if new is None else new

    @rule(invoice=invoices, amount=AMOUNTS, days=st.integers(0, 30))
    def promise(self, invoice, amount, days):
        self.attempt(promise_record, invoices=[invoice], amount=amount, due_date=TODAY + timedelta(days=days))

    @rule(invoice=invoices, amount=AMOUNTS)
    def plan(self, invoice, amount):
        parts = [Part(TODAY + timedelta(days=30 * month), amount) for month in (1, 2, 3)]
        self.attempt(plan_create, invoices=[invoice], parts=parts)

    @rule(invoice=invoices, amount=AMOUNTS, upheld=st.booleans())
    def dispute(self, invoice, amount, upheld):
        dispute = self.attempt(dispute_open, invoice=invoice, reason="faulty", amount=amount)
        if dispute is None:
            return
        if upheld:
            self.attempt(
                dispute_uphold,
                dispute=dispute,
                credit_note_number=self.next_number(),
                resolution="It was broken.",
                issued_on=max(TODAY, invoice.issue_date),
            )
        else:
            self.attempt(dispute_reject, dispute=dispute, resolution="It was whole.")

    @invariant()
    def the_books_hold(self):
        if not hasattr(self, "atomic"):
            return
        assert violations() == []
        assert list(balances_wrong()) == []

    @invariant()
    def no_money_appears_or_vanishes(self):
        if not hasattr(self, "atomic"):
            return
        held = sum(
            payment.unallocated + sum((part.amount for part in payment.allocations.all()), Decimal(0))
            for payment in Payment.objects.prefetch_related("allocations")
        )
        assert held == self.received - self.returned
        assert sum((refund.amount for refund in Refund.objects.all()), Decimal(0)) == self.returned

    @invariant()
    def an_invoice_has_one_open_promise_and_only_while_it_is_open(self):
        if not hasattr(self, "atomic"):
            return
        for invoice in Invoice.objects.prefetch_related("promises"):
            standing = [each for each in invoice.promises.all() if each.status == PromiseToPay.Status.OPEN]
            assert len(standing) <= 1
        assert Allocation.objects.filter(amount=0).count() == 0


@pytest.mark.django_db
def test_the_books_hold_after_any_sequence_of_postings():
    run_state_machine_as_test(
        Books,
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
