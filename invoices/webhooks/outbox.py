"""Messages are written in the transaction of what they tell of: what was committed is told, what was not is not."""

import logging
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from invoices.models import Event, WebhookDelivery, WebhookEndpoint, WebhookMessage
from invoices.webhooks.types import Told, types_of

logger = logging.getLogger(__name__)


def messages_write(events: Sequence[Event]) -> None:
    """Put down what these events, just written, tell, for every endpoint that asked for it."""
    concerned = [(kind, event) for event in events for kind in types_of(event)]
    if not concerned:
        return
    endpoints = list(WebhookEndpoint.objects.filter(active=True))
    if endpoints:
        transaction.on_commit(nudge)
    for kind, event in concerned:
        wanted = [each for each in endpoints if not each.types or kind.name in each.types]
        told = kind.tell(event) if wanted else None
        if told is not None:
            message_write(kind.name, told, endpoints=wanted, at=event.at)


def message_write(
    type_name: str, told: Told, *, endpoints: Iterable[WebhookEndpoint], at: datetime
) -> WebhookMessage | None:
    """The message with a delivery to each of `endpoints`; None where it was written before."""
    about = f"{type_name}: {told.about}"
    if WebhookMessage.objects.filter(about=about).exists():
        return None
    message = WebhookMessage.objects.create(
        id=f"msg_{uuid4().hex}", type=type_name, about=about, payload=_payload(type_name, told, at)
    )
    now = timezone.now()
    WebhookDelivery.objects.bulk_create(
        [WebhookDelivery(message=message, endpoint=endpoint, next_try_at=now) for endpoint in endpoints]
    )
    return message


def _payload(type_name: str, told: Told, at: datetime) -> dict[str, Any]:
    """As Standard Webhooks has it."""
    written = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"type": type_name, "timestamp": written, "data": told.data}


def nudge() -> None:
    """Have what waits sent now. A queue that is away loses nothing: the schedule looks every few seconds."""
    from invoices.tasks import webhooks_deliver

    try:
        webhooks_deliver.apply_async(expires=settings.WEBHOOK_DELIVER_SECONDS)
    except Exception:
        logger.warning("webhooks: the queue is away")
