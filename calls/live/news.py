"""Tells open pages that something changed. Messages carry ids only; whoever gets one reads the rows again.

News is never needed for a picture to become right in the end (pages poll and re-read), so when Redis is away it is
dropped after a short wait and the caller goes on.
"""

import asyncio
import logging
from uuid import UUID

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from calls.log_context import about_call
from calls.models import Call
from invoices.models import Event

logger = logging.getLogger(__name__)
TIMEOUT_SECONDS = 1.0


def call_group(call_id: UUID | str) -> str:
    return f"call.{call_id}"


def invoice_group(invoice_id: int | str) -> str:
    return f"invoice.{invoice_id}"


def announce(event: Event) -> None:
    """Send the news of an event about a call or an invoice to the pages that show it. Never raises."""
    if event.object_type == "call":
        changed(UUID(event.object_id))
    elif event.object_type == "invoice":
        _send(f"invoice {event.object_id}", {invoice_group(event.object_id): {"type": "invoice.changed"}})


def changed(call_id: UUID) -> None:
    """Say that a call's rows have changed. For synchronous code in any thread of any process; never raises."""
    with about_call(call_id):
        try:
            invoice_id = Call.objects.filter(pk=call_id).values_list("invoice_id", flat=True).first()
        except Exception:
            logger.warning("call %s: no news sent, its invoice could not be read", call_id, exc_info=True)
            return
        message = {"type": "call.changed", "call_id": str(call_id)}
        _send(f"call {call_id}", {call_group(call_id): message, invoice_group(invoice_id or 0): message})


def _send(what: str, messages: dict[str, dict[str, str]]) -> None:
    try:
        async_to_sync(_send_all)(messages)
    except Exception as error:
        logger.warning("%s: no news sent (%s)", what, type(error).__name__)


async def _send_all(messages: dict[str, dict[str, str]]) -> None:
    layer = get_channel_layer()
    async with asyncio.timeout(TIMEOUT_SECONDS):
        for group, message in messages.items():
            await layer.group_send(group, message)
