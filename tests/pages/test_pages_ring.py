"""The button: who has it, what it does, with and without scripts."""

import pytest
from django.urls import reverse

from calls.models import Call
from tests.factories import CallFactory, CustomerFactory, InvoiceFactory

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def invoice():
    return InvoiceFactory.create()


def test_a_press_without_scripts_rings_and_goes_to_the_calls_page(browser, collector, invoice, noon):
    client = browser(collector)
    page = client.get(f"/invoices/{invoice.pk}/")
    key = page.context["idempotency_key"]
    response = client.post(reverse("ring", args=[invoice.pk]), {"idempotency_key": key})
    call = Call.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"/calls/{call.pk}/")
    assert (call.status, call.requested_by, call.idempotency_key) == ("requested", collector, str(key))


def test_a_press_with_scripts_is_answered_with_the_living_call(browser, collector, invoice, noon):
    response = browser(collector).post(
        reverse("ring", args=[invoice.pk]), {"idempotency_key": "k"}, headers=HTMX
    )
    assert response.status_code == 200
    assert 'id="invoice-calls"' in response.text and "Requested…" in response.text
    assert 'hx-trigger="every 5s"' in response.text


def test_a_double_click_makes_one_call(browser, collector, invoice, noon):
    client = browser(collector)
    for _ in range(2):
        client.post(reverse("ring", args=[invoice.pk]), {"idempotency_key": "same"})
    assert Call.objects.count() == 1


def test_each_picture_brings_a_fresh_key(browser, collector, invoice):
    client = browser(collector)
    keys = {
        client.get(reverse("ring", args=[invoice.pk]), headers=HTMX).context["idempotency_key"]
        for _ in range(3)
    }
    assert len(keys) == 3


def test_a_press_at_night_shows_the_reason_and_the_next_slot(browser, collector, invoice, midnight):
    response = browser(collector).post(
        reverse("ring", args=[invoice.pk]), {"idempotency_key": "k"}, headers=HTMX
    )
    assert "<strong>Not now,</strong> because it is 00:30 in London" in response.text
    assert "; from <strong>Tuesday 09:00</strong> in London." in response.text
    assert "Blocked by policy" in response.text
    assert Call.objects.get().status == "blocked"


def test_the_next_slot_is_told_on_the_customers_clock(browser, viewer, noon):
    customer = CustomerFactory.create(
        time_zone="Australia/Sydney", city="Sydney", country="AU", phone="+61255500110"
    )
    invoice = InvoiceFactory.create(customer=customer)
    text = browser(viewer).get(reverse("ring", args=[invoice.pk]), headers=HTMX).text
    assert "from <strong>Wednesday 09:00</strong> in Sydney" in text


def test_a_viewer_has_no_button_and_is_refused(browser, viewer, invoice, noon):
    client = browser(viewer)
    button = 'type="submit">Ring'
    assert button not in client.get(f"/invoices/{invoice.pk}/").text
    assert "<form" not in client.get(reverse("ring", args=[invoice.pk]), headers=HTMX).text
    assert client.post(reverse("ring", args=[invoice.pk])).status_code == 403
    assert not Call.objects.exists()


def test_a_press_needs_a_csrf_token(browser, collector, invoice):
    assert (
        browser(collector, enforce_csrf_checks=True).post(reverse("ring", args=[invoice.pk])).status_code
        == 403
    )


def test_the_token_that_fragments_send_is_enough(browser, collector, invoice, noon):
    client = browser(collector, enforce_csrf_checks=True)
    token = str(client.get(f"/invoices/{invoice.pk}/").context["csrf_token"])
    response = client.post(reverse("ring", args=[invoice.pk]), headers={**HTMX, "X-CSRFToken": token})
    assert response.status_code == 200


def test_ringing_about_nothing_is_404(browser, collector):
    assert browser(collector).post(reverse("ring", args=[99999])).status_code == 404


def test_a_strange_key_is_taken_as_text(browser, collector, invoice, noon):
    response = browser(collector).post(
        reverse("ring", args=[invoice.pk]), {"idempotency_key": "\0" + "k" * 5000}
    )
    assert response.status_code == 302


def test_the_slot_without_htmx_leads_to_the_invoice(browser, viewer, invoice):
    assert browser(viewer).get(reverse("ring", args=[invoice.pk]))["Location"] == f"/invoices/{invoice.pk}/"


def test_a_call_about_another_invoice_is_named_as_the_reason(browser, collector, invoice, noon):
    CallFactory.create(invoice=InvoiceFactory.create(customer=invoice.customer), status="ringing")
    text = browser(collector).get(reverse("ring", args=[invoice.pk]), headers=HTMX).text
    assert "being rung about another invoice" in text
