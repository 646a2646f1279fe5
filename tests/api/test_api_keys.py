"""Idempotency-Key: what makes money, agreements or calls is made once for one key."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from calls.models import Call
from invoices.models import CreditNote, Dispute, Invoice, Payment, PaymentPlan, PromiseToPay, Refund
from tests.factories import CustomerFactory, InvoiceFactory
from tests.invoices.hands import paid

pytestmark = pytest.mark.django_db


def day(ahead=0):
    return (timezone.localdate() + timedelta(days=ahead)).isoformat()


def invoice_asked():
    customer = CustomerFactory.create()
    body = {
        "customer": customer.pk,
        "number": "K-1",
        "currency": "GBP",
        "total": "12.00",
        "issue_date": day(),
    }
    return "invoices", Invoice, body, {"total": "13.00"}


def payment_asked():
    invoice = InvoiceFactory.create()
    body = {"customer": invoice.customer_id, "currency": "GBP", "amount": "9.00", "received_on": day()}
    instructed = {"instructions": [{"invoice": invoice.pk, "amount": "1.00"}]}
    return "payments", Payment, body, instructed


def refund_asked():
    payment = paid(CustomerFactory.create(), "50.00")
    body = {"payment": payment.pk, "amount": "5.00", "refunded_on": day(), "reason": "Paid twice."}
    return "refunds", Refund, body, {"reason": "Goodwill."}


def credit_note_asked():
    invoice = InvoiceFactory.create()
    body = {
        "invoice": invoice.pk,
        "number": "CN-1",
        "amount": "5.00",
        "reason": "return",
        "issued_on": day(),
    }
    return "credit-notes", CreditNote, body, {"note": "Two lamps."}


def promise_asked():
    invoice = InvoiceFactory.create()
    body = {"invoices": [invoice.pk], "amount": "20.00", "due_date": day(5)}
    return "promises", PromiseToPay, body, {"method": "card"}


def plan_asked():
    invoice = InvoiceFactory.create()
    parts = [{"due_date": day(7), "amount": "10.00"}, {"due_date": day(14), "amount": "10.00"}]
    other = [parts[0], {**parts[1], "amount": "11.00"}]
    return "plans", PaymentPlan, {"invoices": [invoice.pk], "instalments": parts}, {"instalments": other}


def dispute_asked():
    invoice = InvoiceFactory.create()
    return "disputes", Dispute, {"invoice": invoice.pk, "reason": "faulty"}, {"evidence": "A photograph."}


ASKED = [
    invoice_asked,
    payment_asked,
    refund_asked,
    credit_note_asked,
    promise_asked,
    plan_asked,
    dispute_asked,
]


def post(client, name, body, key=None):
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post(f"/api/{name}/", body, format="json", headers=headers)


@pytest.mark.parametrize("asked", ASKED)
def test_a_key_makes_one_row_and_stands_for_one_body(api, admin_user, asked):
    name, model, body, other = asked()
    client, before = api(admin_user), model.objects.count()
    first = post(client, name, body, "once")
    assert first.status_code == 201, first.json()
    again = post(client, name, body, "once")
    assert (again.status_code, again.json()) == (200, first.json())
    reused = post(client, name, {**body, **other}, "once")
    assert (reused.status_code, list(reused.json())) == (409, ["Idempotency-Key"])
    assert model.objects.count() == before + 1


@pytest.mark.parametrize("key", ["k" * 101, "a\tb", "schlüssel"])
def test_a_key_that_can_not_be_kept_is_refused(api, admin_user, key):
    name, model, body, _ = invoice_asked()
    answer = post(api(admin_user), name, body, key)
    assert (answer.status_code, list(answer.json())) == (400, ["Idempotency-Key"])
    assert not model.objects.exists()


@pytest.mark.parametrize("asked", [promise_asked, plan_asked])
def test_a_repeated_key_is_answered_after_the_day_has_passed(api, admin_user, asked):
    name, _, body, _ = asked()
    client = api(admin_user)
    first = post(client, name, body, "once")
    with time_machine.travel(timezone.now() + timedelta(days=30)):
        again = post(api(admin_user), name, body, "once")
        late = post(api(admin_user), name, body)
    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
    assert late.status_code == 400


def test_a_refused_request_leaves_its_key_free(api, admin_user):
    name, _, body, _ = dispute_asked()
    client = api(admin_user)
    assert post(client, name, {**body, "amount": "9999.00"}, "once").status_code == 400
    assert post(client, name, body, "once").status_code == 201


def test_a_key_of_a_call_stands_for_what_was_set_aside(api, admin_user, noon):
    invoice = InvoiceFactory.create(customer=CustomerFactory.create(exclude_from_dunning=True))
    path = f"invoices/{invoice.pk}/calls"
    client = api(admin_user)
    body = {"override": ["not_excluded"], "override_reason": "Agreed by letter."}
    first = post(client, path, body, "once")
    assert (first.status_code, post(client, path, body, "once").status_code) == (201, 200)
    for other in ({}, {**body, "override_reason": "Because."}):
        reused = post(client, path, other, "once")
        assert (reused.status_code, list(reused.json())) == (409, ["Idempotency-Key"])
    assert Call.objects.count() == 1
