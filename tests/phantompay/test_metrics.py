"""`/metrics`: for whoever has the token, from the rows, and about no person."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from prometheus_client import CollectorRegistry

from calls.breaker import carrier_error_record
from calls.house import kill_switch_set
from calls.models import Call, Pace
from invoices.events import event_record
from phantompay import metrics
from tests.factories import CallFactory, CustomerFactory, InvoiceFactory

pytestmark = pytest.mark.django_db
TOKEN = "a token for machines"


@pytest.fixture(autouse=True)
def _fresh(settings, monkeypatch):
    """As in a process that has just started."""
    settings.METRICS_TOKEN = TOKEN
    registry = CollectorRegistry(auto_describe=False)
    registry.register(metrics.CallCollector())
    monkeypatch.setattr(metrics, "REGISTRY", registry)


@pytest.fixture
def scrape(browser):
    def read():
        answer = browser().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200
        return dict(re.findall(r"^(\w+(?:\{[^}]*\})?) (\S+)$", answer.text, re.MULTILINE))

    return read


@pytest.mark.parametrize(
    ("token", "header", "status"),
    [
        ("", f"Bearer {TOKEN}", 404),
        ("", "Bearer ", 404),
        (TOKEN, "", 401),
        (TOKEN, "Bearer", 401),
        (TOKEN, "Bearer another", 401),
        (TOKEN, f"Token {TOKEN}", 401),
        (TOKEN, "Bearer ärger", 401),
        (TOKEN, f"bearer {TOKEN}", 200),
    ],
)
def test_only_the_token_opens_it(browser, settings, token, header, status):
    settings.METRICS_TOKEN = token
    assert browser().get("/metrics", headers={"Authorization": header}).status_code == status


def test_a_login_is_no_token(browser, admin_user):
    assert browser(admin_user).get("/metrics").status_code == 401


def test_requests_are_counted_by_view(scrape, browser, viewer):
    name = 'django_http_requests_total_by_view_transport_method_total{method="GET",transport="http",view="calls"}'
    before = float(scrape().get(name, 0))
    browser(viewer).get("/calls/")
    assert float(scrape()[name]) == before + 1


def test_calls_lines_and_the_queue_are_read_from_the_rows(scrape, settings):
    settings.CALLS_AT_ONCE = 4
    CallFactory.create(status="ringing")
    CallFactory.create(status="in_progress")
    CallFactory.create(status="busy", disposition="busy")
    CallFactory.create(status="requested", waiting_for="line")
    oldest = CallFactory.create(status="requested")
    Call.objects.filter(pk=oldest.pk).update(requested_at=timezone.now() - timedelta(minutes=2))
    seen = scrape()
    expected = {
        'phantompay_calls{status="ringing"}': 1,
        'phantompay_calls{status="requested"}': 2,
        'phantompay_calls{status="busy"}': 1,
        'phantompay_calls_waiting{reason="line"}': 1,
        'phantompay_calls_waiting{reason="worker"}': 1,
        "phantompay_lines_in_use": 2,
        "phantompay_lines": 4,
        "phantompay_breaker_open": 0,
        "phantompay_calls_stopped": 0,
        "phantompay_database_up": 1,
        'phantompay_calls_ended_total{disposition="busy"}': 1,
    }
    assert {name: float(seen[name]) for name in expected} == expected
    assert 120 <= float(seen["phantompay_calls_waiting_oldest_seconds"]) < 150


def test_the_breaker_and_the_switch_show(scrape):
    Pace.objects.create(breaker_until=timezone.now() + timedelta(seconds=60))
    kill_switch_set(on=True, reason="A test.", source="staff", actor=None)
    seen = scrape()
    assert (seen["phantompay_breaker_open"], seen["phantompay_calls_stopped"]) == ("1.0", "1.0")


def test_findings_and_errors_add_up_over_scrapes(scrape, monkeypatch):
    """Also when what is settled is no longer read again."""
    call = CallFactory.create()
    found = 'phantompay_sweep_findings_total{kind="sweep_lost_placing"}'
    refused = 'phantompay_carrier_errors_total{code="21211"}'
    for number in range(1, 4):
        event_record(object_type="call", object_id=call.pk, kind="sweep_lost_placing", source="sweep")
        carrier_error_record(call_id=call.pk, label="21211", source="worker")
        assert (float(scrape()[found]), float(scrape()[refused])) == (number, number)
        monkeypatch.setattr(metrics, "SETTLED_SECONDS", -1 if number == 1 else 120)


def test_no_label_is_about_a_person(browser, noon):
    customer = CustomerFactory.create(name="Zebulon Quartermaine", number="C-777")
    call = CallFactory.create(
        invoice=InvoiceFactory.create(customer=customer, number="INV-777", total="4711.83"), status="busy"
    )
    browser().get(f"/invoices/{call.invoice_id}/")
    text = browser().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    # Without the values: a sum of seconds may have any digits.
    labels = "\n".join(re.findall(r"\{.*\}", text))
    assert labels
    told = ["Zebulon", "C-777", "INV-777", "4711", str(call.pk), call.to_number]
    assert [word for word in told if word in labels] == []
