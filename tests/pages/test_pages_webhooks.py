"""Webhooks in the admin: the secret is shown once, what became of each delivery, and who may see and do it."""

import re
from html import unescape

import pytest

from invoices.models import Event, WebhookDelivery, WebhookEndpoint
from invoices.tasks import webhooks_deliver
from tests.invoices.receiver import receiving, told

LIST = "/admin/invoices/webhookendpoint/"
TYPES = ["invoice.paid", "call.ended"]
SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]{44}")


@pytest.fixture
def receiver(settings):
    settings.WEBHOOK_ALLOWED_HOSTS = ["127.0.0.1"]
    with receiving() as running:
        yield running


def page(client, url, data=None):
    answer = client.get(url) if data is None else client.post(url, data)
    return answer, unescape(answer.content.decode())


def act(endpoint, name):
    return f"{LIST}{endpoint.pk}/act/{name}/"


def test_an_endpoint_is_added_and_its_secret_is_shown_once(browser, admin_user, receiver):
    client = browser(admin_user)
    answer, text = page(client, f"{LIST}add/", {"url": receiver.url, "types": TYPES})

    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    [secret] = set(SECRET.findall(text))
    endpoint = WebhookEndpoint.objects.get()
    assert endpoint.created_by == admin_user
    _, again = page(client, f"{LIST}{endpoint.pk}/change/")
    assert endpoint.types == TYPES
    assert "invoice.paid, call.ended" in again
    assert not SECRET.search(again)
    assert secret not in str(list(Event.objects.values()))


def test_a_url_that_leads_inside_is_refused_at_the_field(browser, admin_user):
    _, text = page(browser(admin_user), f"{LIST}add/", {"url": "https://169.254.169.254/"})
    assert "Only public addresses are sent to." in text
    assert not WebhookEndpoint.objects.exists()


def test_a_new_secret_is_shown_and_the_same_page_sent_again_changes_nothing(browser, admin_user, receiver):
    endpoint, first = told(receiver.url)
    client = browser(admin_user)
    _, asked = page(client, act(endpoint, "secret"))
    found = re.search(r'name="seen" value="([^"]+)"', asked)
    assert found is not None
    _, text = page(client, act(endpoint, "secret"), {"seen": found[1]})
    [secret] = set(SECRET.findall(text))
    assert secret != first
    _, text = page(client, act(endpoint, "secret"), {"seen": found[1]})
    assert not SECRET.search(text)
    assert "Somebody else has changed it just now" in text


def test_a_test_event_is_sent_its_outcome_is_shown_and_it_is_sent_again(browser, admin_user, receiver):
    endpoint, _ = told(receiver.url)
    client = browser(admin_user)
    receiver.answers = [500]
    page(client, act(endpoint, "test"), {})
    webhooks_deliver()

    _, text = page(client, f"{LIST}{endpoint.pk}/change/")
    assert "webhook.test" in text
    assert re.search(r"500 in \d+ ms", text)
    delivery = WebhookDelivery.objects.get()
    own = f"/admin/invoices/webhookdelivery/{delivery.pk}"
    _, text = page(client, f"{own}/change/")
    assert '"text": "This is a test."' in text
    page(client, f"{own}/act/again/", {})
    webhooks_deliver()
    assert WebhookDelivery.objects.get().status == "delivered"
    assert Event.objects.get(kind="webhook_sent_again").actor == admin_user
    _, text = page(client, "/admin/invoices/webhookdelivery/")
    assert "204 in" in text


def test_an_endpoint_is_switched_off_with_a_reason_and_on_again(browser, admin_user, receiver):
    endpoint, _ = told(receiver.url)
    client = browser(admin_user)
    page(client, act(endpoint, "off"), {"reason": "The shop is closed."})
    _, text = page(client, f"{LIST}{endpoint.pk}/change/")
    assert "Off: switched off by hand" in text
    assert "The shop is closed." in text
    page(client, act(endpoint, "on"), {})
    endpoint.refresh_from_db()
    assert endpoint.active


def test_an_endpoint_is_changed_and_the_timeline_holds_no_path(browser, admin_user, receiver):
    endpoint, _ = told(receiver.url)
    page(
        browser(admin_user),
        act(endpoint, "edit"),
        {"url": "https://hooks.example.com/key-123", "description": "Shop", "types": ["invoice.paid"]},
    )
    endpoint.refresh_from_db()
    assert (endpoint.url, endpoint.types) == ("https://hooks.example.com/key-123", ["invoice.paid"])
    event = Event.objects.get(kind="webhook_changed")
    assert (event.actor, event.after["host"]) == (admin_user, "hooks.example.com")
    assert "key-123" not in str(event.after)


def test_only_the_admin_sees_where_webhooks_go(browser, collector, viewer, receiver):
    endpoint, _ = told(receiver.url)
    for user in (collector, viewer):
        client = browser(user)
        for url in (LIST, f"{LIST}{endpoint.pk}/change/", f"{LIST}add/", act(endpoint, "test")):
            assert client.get(url).status_code == 403
        assert client.get("/admin/invoices/webhookdelivery/").status_code == 403
