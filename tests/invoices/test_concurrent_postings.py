"""Four connections post for the same customers at once, two by the services and two by the admin's pages."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Sum
from django.test import Client

from invoices.models import Event, Invoice, Payment, Refund
from invoices.services.credits import credit_note_issue
from invoices.services.documents import invoice_void
from invoices.services.payments import payment_allocate, payment_record, payment_refund, payment_release
from invoices.services.promises import promise_record
from tests.factories import CustomerFactory, InvoiceFactory
from tests.invoices.books import violations

CONNECTIONS, ACTS_EACH = 4, 30
TODAY = datetime.now(tz=UTC).date()
WHO: dict[str, Any] = {"source": "worker"}


class Services:
    """The door of tasks, imports and the agent's tools."""

    def act(self, chance: random.Random) -> str:
        name = chance.choice(["pay", "refund", "release", "allocate", "credit", "void", "promise"])
        try:
            getattr(self, name)(chance)
        except ValidationError:
            return "refused"
        return "done"

    def pay(self, chance: random.Random) -> None:
        invoice = any_invoice(chance)
        payment_record(
            customer=invoice.customer,
            currency="GBP",
            amount=amount(chance),
            received_on=TODAY,
            idempotency_key=str(uuid4()),
            **WHO,
        )

    def refund(self, chance: random.Random) -> None:
        payment_refund(
            payment=any_payment(chance), amount=amount(chance), refunded_on=TODAY, reason="Back.", **WHO
        )

    def release(self, chance: random.Random) -> None:
        payment, invoice = any_payment(chance), any_invoice(chance)
        payment_release(payment=payment, invoice=invoice, amount=amount(chance), reason="Wrong one.", **WHO)

    def allocate(self, chance: random.Random) -> None:
        payment_allocate(payment=any_payment(chance), **WHO)

    def credit(self, chance: random.Random) -> None:
        credit_note_issue(
            invoice=any_invoice(chance),
            number=uuid4().hex,
            amount=amount(chance),
            reason="return",
            issued_on=TODAY,
            **WHO,
        )

    def void(self, chance: random.Random) -> None:
        # Seldom, or soon nothing would be left to post to.
        if chance.random() < 0.1:
            invoice_void(invoice=any_invoice(chance), reason="Issued twice.", **WHO)

    def promise(self, chance: random.Random) -> None:
        promise_record(invoices=[any_invoice(chance)], amount=amount(chance), due_date=TODAY, **WHO)


class Pages:
    """The door of staff: the admin's forms."""

    def __init__(self, user: User) -> None:
        self._client = Client()
        self._client.force_login(user)

    def act(self, chance: random.Random) -> str:
        name = chance.choice(["pay", "pay", "refund", "allocate", "credit"])
        answer = self._client.post(*getattr(self, name)(chance))
        assert answer.status_code in (200, 302), answer.content[:500]
        return "done" if answer.status_code == 302 else "refused"

    def pay(self, chance: random.Random) -> tuple[str, dict[str, Any]]:
        invoice = any_invoice(chance)
        return f"/admin/invoices/invoice/{invoice.pk}/act/payment/", {
            "amount": amount(chance),
            "received_on": TODAY.isoformat(),
            "method": "card",
            "idempotency_key": str(uuid4()),
        }

    def refund(self, chance: random.Random) -> tuple[str, dict[str, Any]]:
        return f"/admin/invoices/payment/{any_payment(chance).pk}/act/refund/", {
            "amount": amount(chance),
            "refunded_on": TODAY.isoformat(),
            "reason": "Back.",
            "idempotency_key": str(uuid4()),
        }

    def allocate(self, chance: random.Random) -> tuple[str, dict[str, Any]]:
        return f"/admin/invoices/payment/{any_payment(chance).pk}/act/allocate/", {}

    def credit(self, chance: random.Random) -> tuple[str, dict[str, Any]]:
        return f"/admin/invoices/invoice/{any_invoice(chance).pk}/act/credit/", {
            "number": uuid4().hex,
            "amount": amount(chance),
            "reason": "goodwill",
            "issued_on": TODAY.isoformat(),
            "idempotency_key": str(uuid4()),
        }


def amount(chance: random.Random) -> str:
    return f"{chance.randint(1, 6000) / 100:.2f}"


def any_invoice(chance: random.Random) -> Invoice:
    return Invoice.objects.select_related("customer").get(pk=chance.choice(all_of(Invoice)))


def any_payment(chance: random.Random) -> Payment:
    return Payment.objects.select_related("customer").get(pk=chance.choice(all_of(Payment)))


def all_of(model: Any) -> list[int]:
    return list(model.objects.order_by("pk").values_list("pk", flat=True))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_books_hold_while_four_connections_post_through_two_doors(seed):
    customers = [CustomerFactory.create(), CustomerFactory.create()]
    for customer in customers:
        for _ in range(5):
            InvoiceFactory.create(customer=customer, total="300.00")
        payment_record(customer=customer, currency="GBP", amount="100.00", received_on=TODAY, **WHO)
    staff = User.objects.create_superuser("staff")
    barrier = Barrier(CONNECTIONS)

    def work(index: int) -> Counter[str]:
        door = Services() if index % 2 else Pages(staff)
        chance = random.Random(f"{seed}/{index}")
        barrier.wait(timeout=30)
        try:
            return Counter(door.act(chance) for _ in range(ACTS_EACH))
        finally:
            connection.close()

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        came_to = list(pool.map(work, range(CONNECTIONS)))
    assert all(count["done"] >= 5 for count in came_to), came_to
    assert violations() == []
    assert money_held() == money_told()


def money_held() -> Decimal:
    """What the payments hold: allocated or credit."""
    received = Payment.objects.filter(status="cleared").aggregate(sum=Sum("amount"))["sum"]
    returned = Refund.objects.aggregate(sum=Sum("amount"))["sum"] or 0
    return Decimal(received) - Decimal(returned)


def money_told() -> Decimal:
    """The same, as the history of payments tells it."""
    told = Decimal(0)
    for event in Event.objects.filter(object_type="payment"):
        if event.kind == "payment_received":
            told += Decimal(event.after["amount"])
        elif event.kind == "payment_refunded":
            told -= Decimal(event.after["amount"])
    return told
