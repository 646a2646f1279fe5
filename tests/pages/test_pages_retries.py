"""Retries in the admin."""

import pytest
from django.utils import timezone

from calls.models import Retry
from invoices.models import Event
from tests.factories import CallFactory

pytestmark = pytest.mark.django_db
LIST = "/admin/calls/retry/"


@pytest.fixture
def retry():
    call = CallFactory.create(status="no_answer", disposition="no_answer")
    return Retry.objects.create(call=call, attempt=1, due_at=timezone.now())


def test_a_collector_withdraws_a_retry_and_the_calls_history_tells_it(browser, collector, retry):
    client = browser(collector)
    assert retry.call.customer.name in client.get(LIST).text
    page = f"{LIST}{retry.pk}/change/"
    assert "Withdraw the retry" in client.get(page).text
    answer = client.post(f"{LIST}{retry.pk}/act/withdraw/", {"reason": "They have moved."})
    assert answer.status_code == 302
    retry.refresh_from_db()
    event = Event.objects.get(object_id=str(retry.call_id), kind="retry_withdrawn")
    assert (retry.status, event.actor, event.reason) == ("withdrawn", collector, "They have moved.")
    shown = client.get(page).text
    assert "Withdraw the retry" not in shown and "They have moved." in shown


def test_a_viewer_sees_a_retry_and_withdraws_none(browser, viewer, retry):
    client = browser(viewer)
    assert "Withdraw the retry" not in client.get(f"{LIST}{retry.pk}/change/").text
    assert client.post(f"{LIST}{retry.pk}/act/withdraw/", {"reason": "No."}).status_code == 403
    retry.refresh_from_db()
    assert retry.status == "waiting"
