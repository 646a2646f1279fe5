# ruff: noqa: E402 (applications must be ready before their models are imported)
"""Rows for the bridge's tests, made by the product's own services in a process of its own.

The bridge under test is another process and sees only what is committed. One JSON request a line on standard input,
one JSON answer a line on standard output.
"""

import json
import os
import sys
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "phantompay.settings")

import django

django.setup()

from datetime import date, timedelta

from django.core.management import call_command
from django.utils import timezone

from calls.models import Call
from calls.stream import stream_token_issue
from invoices.models import Customer, Event, Invoice


def call(status: str = "in_progress") -> dict[str, Any]:
    name = uuid4().hex
    customer = Customer.objects.create(
        number=name[:20], name="A customer", country="GB", time_zone="Europe/London"
    )
    today = date(2026, 11, 1)
    invoice = Invoice.objects.create(
        customer=customer,
        number=name[:20],
        status="open",
        currency="GBP",
        total=10,
        balance=10,
        issue_date=today,
        due_date=today,
    )
    row = Call.objects.create(
        invoice=invoice, customer=customer, status=status, to_number="+442079460107", carrier_sid=f"CA{name}"
    )
    return {"id": str(row.pk), "sid": row.carrier_sid, "room": row.room_name}


def token(call_id: UUID) -> str:
    return stream_token_issue(call_id=call_id)


def expire(call_id: str) -> None:
    Call.objects.filter(pk=call_id).update(stream_token_expires_at=timezone.now() - timedelta(seconds=1))


def read(call_id: str) -> dict[str, Any]:
    row = Call.objects.get(pk=call_id)
    events = Event.objects.filter(object_type="call", object_id=call_id).order_by("pk")
    return {
        "opened": row.stream_opened_at is not None,
        "closed": row.stream_closed_at is not None,
        "media": row.media,
        "recording": row.recording,
        "end_reason": row.end_reason,
        "events": [[event.kind, event.reason] for event in events],
    }


def main() -> None:
    call_command("migrate", verbosity=0)
    work: dict[str, Callable[..., Any]] = {"call": call, "token": token, "expire": expire, "read": read}
    for line in sys.stdin:
        name, arguments = json.loads(line)
        sys.stdout.write(json.dumps(work[name](**arguments)) + "\n")
        sys.stdout.flush()


main()
