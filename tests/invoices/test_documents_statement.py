"""A statement agrees with the books, whatever was posted: closing is what is owed less what was paid ahead."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from invoices.documents.statement import statement_of
from invoices.models import Customer, Invoice
from invoices.services.documents import invoice_issue, invoice_reissue, invoice_void, invoice_write_off
from tests.factories import CustomerFactory
from tests.invoices.hands import TODAY, WHO, credited, owing, paid, refunded

ACTS = st.lists(
    st.tuples(
        st.sampled_from(
            ["owing", "paid", "credited", "refunded", "void", "write_off", "reissue", "draft", "issue"]
        ),
        st.integers(1, 90),
        st.integers(0, 3),
    ),
    max_size=12,
)


class Office:
    """Does what it can of what is asked; what the services refuse is left."""

    def __init__(self) -> None:
        self.customer: Customer = CustomerFactory.create()
        self.count = 0

    def do(self, act, amount, which):
        self.count += 1
        name, money = f"N-{self.count}", f"{amount}.00"
        invoices = list(self.customer.invoices.order_by("pk"))
        payments = list(self.customer.payments.order_by("pk"))
        invoice = invoices[which % len(invoices)] if invoices else None
        try:
            match act:
                case "owing" | "draft":
                    owing(self.customer, name, money, ago=amount, issue=act == "owing")
                case "paid":
                    paid(self.customer, money, received_on=TODAY - timedelta(days=amount))
                case "refunded" if payments:
                    refunded(payments[which % len(payments)], money)
                case "credited" if invoice:
                    credited(invoice, money, name)
                case "void" if invoice:
                    invoice_void(invoice=invoice, reason="Wrong.", **WHO)
                case "write_off" if invoice:
                    invoice_write_off(invoice=invoice, reason="Gone.", **WHO)
                case "issue" if invoice:
                    invoice_issue(invoice=invoice, **WHO)
                case "reissue" if invoice:
                    invoice_reissue(
                        invoice=invoice, number=name, reason="New.", total=money, issue_date=TODAY, **WHO
                    )
        except ValidationError:
            return


class StatementsAgree(TestCase):
    @settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(acts=ACTS, ago=st.integers(0, 200))
    def test_opening_and_movements_make_closing_which_is_what_the_books_say(self, acts, ago):
        office = Office()
        for act, amount, which in acts:
            office.do(act, amount, which)

        statement = statement_of(office.customer, since=TODAY - timedelta(days=ago))

        owed = office.customer.invoices.filter(status=Invoice.Status.OPEN).aggregate(sum=Sum("balance"))
        credit = office.customer.payments.aggregate(sum=Sum("unallocated"))
        closing = (owed["sum"] or Decimal(0)) - (credit["sum"] or Decimal(0))
        assert sum(account.closing for account in statement.accounts) == closing
        for account in statement.accounts:
            balance = account.opening
            for movement in account.movements:
                balance += movement.amount
                assert movement.balance == balance
                assert movement.on >= statement.since
            assert balance == account.closing
            aged = account.aging.total if account.aging else Decimal(0)
            assert aged - account.credit == account.closing


def test_what_is_not_owed_any_more_leaves_the_account(db):
    owner = CustomerFactory.create()
    void = owing(owner, "INV-V", "40.00")
    credited(void, "15.00")
    invoice_void(invoice=void, reason="Wrong.", **WHO)
    given_up = owing(owner, "INV-W", "30.00")
    paid(owner, "10.00")
    invoice_write_off(invoice=given_up, reason="Gone.", **WHO)
    invoice_void(invoice=owing(owner, "INV-D", "5.00", issue=False), reason="Never sent.", **WHO)

    [account] = statement_of(owner).accounts
    moved = [(movement.kind, movement.name, movement.amount) for movement in account.movements]
    assert ("void", "INV-V", Decimal("-25")) in moved
    assert ("written_off", "INV-W", Decimal("-20")) in moved
    assert not [name for _, name, _ in moved if name == "INV-D"]
    assert account.closing == 0


def test_a_day_that_has_not_come_and_more_movements_than_fit_are_refused(db, monkeypatch):
    owner = CustomerFactory.create()
    with pytest.raises(ValidationError) as refused:
        statement_of(owner, since=TODAY + timedelta(days=3))
    assert list(refused.value.message_dict) == ["from"]
    for number in ("A", "B", "C"):
        owing(owner, number)
    monkeypatch.setattr("invoices.documents.statement.MOST_MOVEMENTS", 2)
    with pytest.raises(ValidationError):
        statement_of(owner)
    assert statement_of(owner, since=TODAY).accounts
