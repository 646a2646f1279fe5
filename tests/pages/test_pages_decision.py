"""Why not now, and from when: on the pages of invoices, customers and calls."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.urls import reverse

from calls.models import Call
from calls.services import call_request
from phantompay.roles import MAY_VIEW
from tests.conftest import _user
from tests.factories import CallFactory, CustomerFactory, DecisionFactory, InvoiceFactory

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def phoenix():
    """An invoice of a customer in Phoenix, on a Monday night there."""
    with time_machine.travel(datetime(2026, 11, 24, 5, 0, tzinfo=UTC), tick=True):
        customer = CustomerFactory.create(
            phone="+16025550123", country="US", state="AZ", city="Phoenix", time_zone="America/Phoenix"
        )
        yield InvoiceFactory.create(customer=customer, currency="USD")


@pytest.fixture
def excluded(noon):
    """An invoice that only a rule of the house forbids to ring about."""
    return InvoiceFactory.create(customer=CustomerFactory.create(exclude_from_dunning=True))


def slot(client, invoice):
    return client.get(reverse("ring", args=[invoice.pk]), headers=HTMX).text


def calling(client, customer, **headers):
    return client.get(reverse("customer-calling", args=[customer.pk]), headers=headers)


def test_the_invoice_says_why_not_and_from_when_in_one_sentence(browser, viewer, phoenix):
    text = slot(browser(viewer), phoenix)
    assert "<strong>Not now,</strong> because it is 22:00 in Phoenix" in text
    assert "; from <strong>Tuesday 09:00</strong> in Phoenix." in text
    sentence, _, details = text.partition("<details")
    assert "1006.6" not in sentence and "1006.6" in details and "<code>lawful_hour</code>" in details


def test_a_zone_that_is_not_known_breaks_no_page(browser, viewer, phoenix):
    phoenix.customer.time_zone = "Mars/Olympus"
    phoenix.customer.save()
    client = browser(viewer)
    assert "Not now," in slot(client, phoenix)
    assert calling(client, phoenix.customer, **HTMX).status_code == 200


def test_the_customers_page_has_a_slot_that_another_app_fills(browser, viewer, phoenix):
    customer = phoenix.customer
    page = browser(viewer).get(f"/customers/{customer.pk}/").text
    assert f'hx-get="/customers/{customer.pk}/calling/"' in page


def test_the_customer_is_shown_with_the_packs_that_apply_and_what_they_demand(browser, viewer, phoenix):
    text = calling(browser(viewer), phoenix.customer, **HTMX).text
    assert "<html" not in text and 'id="customer-calling"' in text
    assert "from <strong>Tuesday 09:00</strong> in Phoenix" in text
    for shown in ["United States", "Arizona", "Calls from 08:00 to 21:00", "(verified)", ">unverified<"]:
        assert shown in text


def test_each_demand_has_its_own_standing(browser, viewer, noon):
    customer = CustomerFactory.create(
        phone="+12125550123", country="US", state="NY", city="New York", time_zone="America/New_York"
    )
    text = calling(browser(viewer), customer, **HTMX).text
    assert 'in 7 days. <span class="muted">(unverified)</span>' in text
    assert 'where the customer is. <span class="muted">(verified)</span>' in text
    assert "There is no open invoice to ring about." in text


def test_a_customer_in_a_place_that_is_not_supported_is_told_first(browser, viewer, noon):
    customer = CustomerFactory.create(
        phone="+551132345678", country="BR", city="São Paulo", time_zone="America/Sao_Paulo"
    )
    text = calling(browser(viewer), customer, **HTMX).text
    assert "Not supported" in text and "Numbers of BR are not supported." in text


def test_the_invoice_that_may_be_rung_about_is_named(browser, viewer, noon):
    held = InvoiceFactory.create()
    held.refresh_from_db()
    text = calling(browser(viewer), held.customer, **HTMX).text
    assert "<strong>Yes,</strong> about" in text and held.number in text


def test_without_scripts_it_is_a_page_and_only_for_who_may(browser, viewer, stranger, noon):
    customer = CustomerFactory.create()
    assert "<html" in calling(browser(viewer), customer).text
    assert calling(browser(stranger), customer).status_code == 403
    assert calling(browser(), customer).status_code == 302
    assert browser(viewer).get("/customers/999999/calling/").status_code == 404
    alone = _user("half", MAY_VIEW)
    alone.user_permissions.remove(Permission.objects.get(codename="view_call"))
    assert calling(browser(alone), customer).status_code == 403
    assert "/calling/" not in browser(alone).get(f"/customers/{customer.pk}/").text


def test_the_call_shows_every_decision_with_what_it_looked_at(browser, viewer, phoenix):
    call = call_request(invoice=phoenix, requested_by=None)
    text = browser(viewer).get(f"/calls/{call.pk}/").text
    stored = call.decisions.get()
    for shown in [
        "<strong>Blocked</strong> when asked for",
        "<code>lawful_hour</code>",
        stored.reasons[0]["citation"],
        "<dt>America/Phoenix</dt><dd>Monday 23 November, 22:00</dd>",
        "Tuesday 24 November, 09:00 in Phoenix",
        stored.policy_version,
    ]:
        assert shown in text


def test_a_decision_of_an_older_policy_is_shown_too(browser, viewer):
    old = [{"rule": "lawful_hour", "citation": "a law", "text": "It is late."}]
    decision = DecisionFactory.create(allowed=False, reasons=old)
    text = browser(viewer).get(f"/calls/{decision.call_id}/").text
    assert "It is late." in text and "a law" in text


def test_who_may_rings_all_the_same_with_a_reason(browser, admin_user, excluded):
    client = browser(admin_user)
    assert 'name="override" value="not_excluded"' in slot(client, excluded)
    asked = {"override": "not_excluded", "override_reason": "Agreed by letter."}
    response = client.post(reverse("ring", args=[excluded.pk]), asked)
    call = Call.objects.get()
    assert (response["Location"], call.status) == (f"/calls/{call.pk}/", "requested")
    text = client.get(response["Location"]).text
    assert "Rung all the same by admin: Agreed by letter." in text
    assert "Set aside for this call:" in text and "<code>not_excluded</code>" in text


def test_a_missing_reason_is_asked_for_where_it_is_written(browser, admin_user, excluded):
    client, asked = browser(admin_user), {"override": "not_excluded", "override_reason": " "}
    answer = client.post(reverse("ring", args=[excluded.pk]), asked, headers=HTMX)
    assert "Say why, in at most 200 characters." in answer.text and 'id="invoice-calls"' in answer.text
    plain = client.post(reverse("ring", args=[excluded.pk]), asked, follow=True)
    assert "Say why, in at most 200 characters." in plain.text
    assert not Call.objects.exists()


def test_a_collector_has_no_such_form_and_is_refused(browser, collector, excluded):
    client = browser(collector)
    assert "Ring all the same" not in slot(client, excluded)
    asked = {"override": "not_excluded", "override_reason": "Please."}
    assert client.post(reverse("ring", args=[excluded.pk]), asked).status_code == 403
    assert not Call.objects.exists()


def test_nothing_is_offered_where_more_than_the_house_forbids(browser, admin_user, phoenix):
    assert "Ring all the same" not in slot(browser(admin_user), phoenix)


def test_nothing_is_offered_where_ringing_is_allowed(browser, admin_user, noon):
    assert "Ring all the same" not in slot(browser(admin_user), InvoiceFactory.create())


def test_the_last_call_keeps_its_reasons_short(browser, viewer, phoenix):
    CallFactory.create(invoice=phoenix, status="blocked", disposition="blocked_by_policy")
    assert "Blocked by policy" in slot(browser(viewer), phoenix)
