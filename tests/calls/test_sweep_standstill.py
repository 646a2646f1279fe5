"""A worker stands still while the sweep gives its call to another, then goes on. LiveKit and the carrier are real."""

import json
import logging
import threading
import urllib.request
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.utils import timezone

from calls.conversation import agent_ready
from calls.house import house_rules_change
from calls.models import Call
from calls.placing import call_place
from calls.sweep import sweep
from phantompay.rehearsing.people import invent
from tests.calls.test_sweep_rooms import livekit
from tests.calls.test_sweep_stuck import findings
from tests.rooms import enter
from tests.waiting import eventually

__all__ = ["livekit"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def asked_for(api, collector):
    """A call that somebody asked for, at an hour that is lawful where the customer is, holiday or not."""
    house_rules_change(source="staff", actor=None, reason="x", keeps_holidays=False)
    customer, invoice, _ = invent("busy")
    client = api(collector)
    customer_id = client.post("/api/customers/", customer, format="json").json()["id"]
    invoice_id = client.post("/api/invoices/", {**invoice, "customer": customer_id}, format="json").json()[
        "id"
    ]
    answer = client.post(f"/api/invoices/{invoice_id}/calls/", {}, format="json")
    assert answer.status_code == 201, answer.json()
    return Call.objects.get()


def worker(call):
    def work():
        try:
            call_place(call_id=call.pk)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def posts(carrier, call):
    with urllib.request.urlopen(f"{carrier}/rehearsal/requests/{call.to_number}", timeout=5) as answer:
        return json.load(answer)["requests"]


def with_claim(call, *others):
    """The claim of a worker that gets the call ready, other than these."""

    def look():
        return Call.objects.filter(pk=call.pk, status="placing").exclude(claim__in=others).first()

    return eventually(look).claim


async def test_who_stood_still_does_not_dial_beside_who_took_over(asked_for, carrier, settings, caplog):
    settings.AGENT_WAIT_SECONDS, settings.CALLS_PER_SECOND = 6.0, 1000.0
    first = await sync_to_async(worker)(asked_for)
    claim = await sync_to_async(with_claim)(asked_for)
    # As long ago as a worker is waited for.
    late = timezone.now() - timedelta(minutes=5)
    await Call.objects.filter(pk=asked_for.pk).aupdate(placed_at=late)
    await sync_to_async(sweep)()
    assert await sync_to_async(findings)(asked_for) == ["placing_undialled"]
    second = await sync_to_async(worker)(asked_for)
    await sync_to_async(with_claim)(asked_for, claim)
    agent = await enter(asked_for.room_name, "agent")
    try:
        # The room is there before the worker forgets an earlier agent's word; so it is given until it is heard.
        while second.is_alive():
            await sync_to_async(agent_ready)(call_id=asked_for.pk)
            await sync_to_async(second.join)(0.2)
        with caplog.at_level(logging.WARNING):
            await sync_to_async(first.join)(20)
    finally:
        await agent.disconnect()
    await asked_for.arefresh_from_db()
    assert asked_for.carrier_sid and asked_for.dial_asked_at
    assert posts(carrier, asked_for) == 1
    assert "no longer this worker's" in caplog.text
