"""How it is sent: signed, within a time, again after a failure, never elsewhere; and what staff do about it."""

import json
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from invoices.models import Event, WebhookDelivery, WebhookEndpoint, WebhookMessage, WebhookTurn
from invoices.tasks import webhooks_deliver, webhooks_purge
from invoices.webhooks.endpoints import (
    delivery_send_again,
    endpoint_secret_renew,
    endpoint_switch,
    endpoint_test,
)
from tests.factories import CustomerFactory
from tests.invoices.hands import WHO, owing, paid
from tests.invoices.receiver import receiving, told

Status = WebhookDelivery.Status


@pytest.fixture
def receiver(settings):
    settings.WEBHOOK_ALLOWED_HOSTS = ["127.0.0.1"]
    settings.WEBHOOK_RETRY_SECONDS = [5, 300]
    with receiving() as running:
        yield running


@pytest.fixture
def endpoint(db, receiver):
    return told(receiver.url)[0]


def only() -> WebhookDelivery:
    return WebhookDelivery.objects.get()


def later(**how):
    return time_machine.travel(datetime.now(tz=UTC) + timedelta(**how), tick=True)


def test_what_happened_arrives_and_the_library_verifies_it(db, receiver):
    _, secret = told(receiver.url, "invoice.paid")
    customer = CustomerFactory()
    invoice = owing(customer)
    paid(customer, "100.00")

    webhooks_deliver()

    [(headers, body)] = receiver.got
    payload = Webhook(secret).verify(body, headers)
    assert payload["type"] == "invoice.paid"
    assert payload["data"]["invoice"]["number"] == invoice.number
    assert datetime.fromisoformat(payload["timestamp"]).tzinfo is not None
    assert headers["webhook-id"] == WebhookMessage.objects.get().pk
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert receiver.paths == ["/hooks?a=1"]
    delivery = only()
    assert (delivery.status, delivery.response_code, delivery.attempts) == (Status.DELIVERED, 204, 1)
    assert delivery.took_ms is not None
    webhooks_deliver()
    assert len(receiver.got) == 1


def test_a_body_that_was_changed_on_the_way_is_not_verified(db, receiver):
    _, secret = told(receiver.url)
    endpoint_test(endpoint=WebhookEndpoint.objects.get(), **WHO)
    webhooks_deliver()
    [(headers, body)] = receiver.got
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body.replace(b"test", b"best"), headers)


def test_after_a_failure_it_is_tried_again_later_with_the_same_id(endpoint, receiver):
    receiver.answers = [500, 503]
    endpoint_test(endpoint=endpoint, **WHO)

    webhooks_deliver()
    delivery = only()
    assert (delivery.status, delivery.response_code) == (Status.FAILED, 500)
    assert delivery.next_try_at is not None
    assert 4 < (delivery.next_try_at - timezone.now()).total_seconds() <= 5.5
    webhooks_deliver()
    assert len(receiver.got) == 1

    with later(seconds=6):
        webhooks_deliver()
        delivery.refresh_from_db()
        assert 299 < (delivery.next_try_at - timezone.now()).total_seconds() <= 330
    with later(seconds=400):
        webhooks_deliver()

    delivery.refresh_from_db()
    assert (delivery.status, delivery.response_code, delivery.attempts) == (Status.DELIVERED, 204, 3)
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    assert len({body for _, body in receiver.got}) == 1
    # The time is that of the try, or a receiver would refuse a late one as replayed.
    assert len({headers["webhook-timestamp"] for headers, _ in receiver.got}) == 3
    endpoint.refresh_from_db()
    assert endpoint.failing_since is None


def test_after_the_last_try_it_is_given_up_and_sent_again_by_hand(endpoint, receiver, admin_user):
    receiver.answers = [500, 500, 500]
    endpoint_test(endpoint=endpoint, **WHO)
    for seconds in (0, 6, 400):
        with later(seconds=seconds):
            webhooks_deliver()
    assert (only().status, only().next_try_at) == (Status.DEAD, None)

    with later(seconds=500):
        delivery_send_again(delivery=only(), source="staff", actor=admin_user)
        receiver.answers = [500]
        webhooks_deliver()
        # The schedule begins anew.
        assert only().status == Status.FAILED
    with later(seconds=506):
        webhooks_deliver()
    assert (only().status, only().attempts) == (Status.DELIVERED, 5)
    event = Event.objects.get(kind="webhook_sent_again")
    assert (event.actor, event.after) == (admin_user, {"message": only().message_id})


def test_a_redirect_is_not_followed(endpoint, receiver):
    with receiving() as elsewhere:
        receiver.answers, receiver.headers = [307], {"Location": elsewhere.url}
        endpoint_test(endpoint=endpoint, **WHO)
        webhooks_deliver()
        assert elsewhere.got == []
    assert (only().status, only().response_code) == (Status.FAILED, 307)


def test_a_proxy_of_the_environment_is_not_used(endpoint, receiver, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    endpoint_test(endpoint=endpoint, **WHO)
    webhooks_deliver()
    assert only().status == Status.DELIVERED


def test_an_address_that_is_no_longer_allowed_is_not_sent_to(endpoint, receiver, settings):
    endpoint_test(endpoint=endpoint, **WHO)
    settings.WEBHOOK_ALLOWED_HOSTS = []
    webhooks_deliver()
    assert receiver.got == []
    assert (only().status, only().problem) == (Status.FAILED, "address_refused")


def test_a_receiver_that_drips_its_answer_holds_us_no_longer_than_the_timeout(endpoint, receiver, settings):
    settings.WEBHOOK_TIMEOUT_SECONDS = 0.5

    def drip(handler):
        for _ in range(100):
            try:
                handler.wfile.write(b"H")
                handler.wfile.flush()
            except OSError:
                break
            time.sleep(0.1)
        return True

    receiver.instead = drip
    endpoint_test(endpoint=endpoint, **WHO)
    began = time.monotonic()
    webhooks_deliver()
    assert time.monotonic() - began < 3
    assert (only().status, only().problem) == (Status.FAILED, "timeout")


def test_what_answers_no_http_is_a_failure_without_its_words(endpoint, receiver):
    def babble(handler):
        handler.wfile.write(b"secret words\r\n\r\n")
        return True

    receiver.instead = babble
    endpoint_test(endpoint=endpoint, **WHO)
    webhooks_deliver()
    assert (only().status, only().problem, only().response_code) == (Status.FAILED, "connection", None)


def test_an_endpoint_that_is_gone_is_switched_off(endpoint, receiver):
    receiver.answers = [410]
    endpoint_test(endpoint=endpoint, **WHO)
    webhooks_deliver()

    endpoint.refresh_from_db()
    assert (endpoint.active, endpoint.off_because) == (False, "gone")
    assert only().status == Status.DEAD
    assert Event.objects.filter(object_type="webhook", kind="webhook_switched_off").count() == 1


def test_an_endpoint_that_fails_for_days_is_switched_off_and_waits_until_it_is_on(endpoint, receiver):
    receiver.answers = [500, 500]
    endpoint_test(endpoint=endpoint, **WHO)
    webhooks_deliver()
    with later(days=6):
        webhooks_deliver()
        endpoint.refresh_from_db()
        assert (endpoint.active, endpoint.off_because) == (False, "failing")
    with later(days=7):
        webhooks_deliver()
        assert len(receiver.got) == 2
        endpoint_switch(endpoint=endpoint, on=True, **WHO)
        webhooks_deliver()
    assert only().status == Status.DELIVERED


def test_for_a_day_after_a_change_both_secrets_verify_then_the_new_one_alone(db, receiver):
    endpoint, old = told(receiver.url)
    new = endpoint_secret_renew(endpoint=endpoint, seen=endpoint.secret_set_at, **WHO)
    assert new != old
    endpoint_test(endpoint=endpoint, **WHO)
    webhooks_deliver()
    with later(hours=25):
        endpoint_test(endpoint=endpoint, **WHO)
        webhooks_deliver()
        (soon, soon_body), (late, late_body) = receiver.got
        assert Webhook(new).verify(late_body, late)
        with pytest.raises(WebhookVerificationError):
            Webhook(old).verify(late_body, late)
    assert Webhook(old).verify(soon_body, soon)
    assert Webhook(new).verify(soon_body, soon)


def test_a_secret_is_renewed_once_for_a_page_that_is_sent_twice(db, receiver):
    endpoint, _ = told(receiver.url)
    seen = endpoint.secret_set_at
    endpoint_secret_renew(endpoint=endpoint, seen=seen, **WHO)
    with pytest.raises(ValidationError):
        endpoint_secret_renew(endpoint=endpoint, seen=seen, **WHO)


def test_the_database_holds_no_secret_in_clear_and_another_key_reads_none(db, receiver, settings):
    endpoint, secret = told(receiver.url)
    row = str(WebhookEndpoint.objects.values().get())
    assert secret not in row
    assert secret.removeprefix("whsec_") not in row
    endpoint_test(endpoint=endpoint, **WHO)
    settings.SECRET_KEY = "another key"
    webhooks_deliver()
    assert receiver.got == []
    assert only().problem == "secret_unreadable"


def test_a_try_that_was_lost_with_its_worker_is_made_again(endpoint, receiver):
    endpoint_test(endpoint=endpoint, **WHO)
    # Claimed by a worker that then died, as its claim left it.
    now = timezone.now()
    WebhookDelivery.objects.update(attempts=1, last_tried_at=now, next_try_at=now + timedelta(seconds=45))
    webhooks_deliver()
    assert receiver.got == []
    with pytest.raises(ValidationError):
        delivery_send_again(delivery=only(), **WHO)
    with later(seconds=46):
        webhooks_deliver()
    assert (only().status, only().attempts) == (Status.DELIVERED, 2)


def test_while_one_worker_has_the_turn_another_sends_nothing(endpoint, receiver):
    endpoint_test(endpoint=endpoint, **WHO)
    WebhookTurn.objects.create(taken_until=timezone.now() + timedelta(seconds=60))
    webhooks_deliver()
    assert receiver.got == []
    with later(seconds=61):
        webhooks_deliver()
    assert len(receiver.got) == 1


@pytest.mark.django_db(transaction=True)
def test_workers_that_send_at_the_same_moment_send_each_message_once(receiver):
    endpoint, _ = told(receiver.url)
    for _ in range(12):
        endpoint_test(endpoint=endpoint, **WHO)
    start = threading.Barrier(4)

    def work():
        start.wait(10)
        webhooks_deliver()
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    ids = [headers["webhook-id"] for headers, _ in receiver.got]
    assert len(ids) == len(set(ids)) == 12


def test_a_receiver_that_is_away_holds_up_nobody_else(db, receiver, settings):
    settings.WEBHOOK_TIMEOUT_SECONDS = 1
    away, _ = told("http://127.0.0.1:9/")
    here, _ = told(receiver.url)
    for endpoint in (away, here):
        endpoint_test(endpoint=endpoint, **WHO)
    webhooks_deliver()
    assert here.deliveries.get().status == Status.DELIVERED
    assert (away.deliveries.get().status, away.deliveries.get().problem) == (Status.FAILED, "connection")


def test_more_than_goes_at_once_goes_in_one_turn(endpoint, receiver):
    for _ in range(10):
        endpoint_test(endpoint=endpoint, **WHO)
    webhooks_deliver()
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 10


def test_old_messages_are_forgotten_unless_they_wait(endpoint, receiver):
    receiver.answers = [204, 500]
    for _ in range(2):
        endpoint_test(endpoint=endpoint, **WHO)
        webhooks_deliver()
    with later(days=91):
        webhooks_purge()
    assert [delivery.status for delivery in WebhookDelivery.objects.all()] == [Status.FAILED]
    assert WebhookMessage.objects.count() == 1


def test_words_of_every_script_are_sent_as_they_are_signed(endpoint, receiver):
    endpoint_test(endpoint=endpoint, **WHO)
    payload = {"type": "webhook.test", "timestamp": "2026-11-24T12:00:00.000Z", "data": {"text": "Ωδή – ode"}}
    WebhookMessage.objects.update(payload=payload)
    webhooks_deliver()
    [(_, body)] = receiver.got
    assert json.loads(body) == payload
