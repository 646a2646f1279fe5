"""What staff do with webhooks: add an endpoint, change it, renew its secret, switch it, test it, send again."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from invoices.events import event_record
from invoices.fields import text_at
from invoices.models import WebhookDelivery, WebhookEndpoint, WebhookMessage
from invoices.services.checks import changed_one
from invoices.webhooks.addresses import url_check
from invoices.webhooks.delivery import WAITING
from invoices.webhooks.outbox import message_write, nudge
from invoices.webhooks.secrets import sealed, secret_new
from invoices.webhooks.types import TEST, Told, types_check

# The secret before counts this long after a change.
BOTH_SECRETS = timedelta(hours=24)
JUST_NOW = "Somebody else has changed it just now. Open the page again."


@transaction.atomic
def endpoint_add(
    *, url: str, description: str = "", types: Iterable[str] = (), source: str, actor: User | None = None
) -> tuple[WebhookEndpoint, str]:
    """An endpoint that is told of `types`, or of everything, from now on; and its secret, which nobody is shown again.

    Raises ValidationError keyed by field.
    """
    address = _url_at("url", url)
    if WebhookEndpoint.objects.filter(url=address).exists():
        raise ValidationError({"url": "This URL is an endpoint already."})
    secret = secret_new()
    endpoint = WebhookEndpoint.objects.create(
        url=address,
        description=text_at("description", description, longest=200),
        types=types_check(types),
        secret=sealed(secret),
        secret_set_at=timezone.now(),
        created_by=actor,
    )
    _record(endpoint, "webhook_added", source, actor, after=_shown(endpoint))
    return endpoint, secret


@transaction.atomic
def endpoint_edit(
    *,
    endpoint: WebhookEndpoint,
    url: str,
    description: str,
    types: Iterable[str],
    source: str,
    actor: User | None = None,
) -> WebhookEndpoint:
    """Raises ValidationError keyed by field."""
    address = _url_at("url", url)
    standing = WebhookEndpoint.objects.select_for_update().get(pk=endpoint.pk)
    if WebhookEndpoint.objects.filter(url=address).exclude(pk=standing.pk).exists():
        raise ValidationError({"url": "This URL is an endpoint already."})
    before = _shown(standing)
    standing.url = address
    standing.description = text_at("description", description, longest=200)
    standing.types = types_check(types)
    standing.save(update_fields=["url", "description", "types"])
    _record(standing, "webhook_changed", source, actor, before=before, after=_shown(standing))
    return standing


@transaction.atomic
def endpoint_secret_renew(
    *, endpoint: WebhookEndpoint, seen: datetime, source: str, actor: User | None = None
) -> str:
    """A new secret; what is sent in the next 24 hours is signed with the one before as well.

    `seen` is the `secret_set_at` that the caller has seen: a request sent twice renews once. Raises ValidationError.
    """
    secret, now = secret_new(), timezone.now()
    as_seen = WebhookEndpoint.objects.filter(pk=endpoint.pk, secret_set_at=seen)
    old = as_seen.values_list("secret", flat=True).first() or ""
    renewed = as_seen.update(
        secret=sealed(secret), old_secret=old, old_secret_until=now + BOTH_SECRETS, secret_set_at=now
    )
    changed_one(renewed, "secret", JUST_NOW)
    _record(endpoint, "webhook_secret_renewed", source, actor)
    return secret


@transaction.atomic
def endpoint_switch(
    *, endpoint: WebhookEndpoint, on: bool, reason: str = "", source: str, actor: User | None = None
) -> WebhookEndpoint:
    """On: what waited goes out. Off: nothing is sent, and what happens meanwhile is not told.

    Raises ValidationError where it is so already, or without a reason to switch it off.
    """
    why = text_at("reason", reason, longest=300, required=not on)
    off_because = "" if on else WebhookEndpoint.Off.BY_HAND
    other = WebhookEndpoint.objects.filter(pk=endpoint.pk, active=not on)
    switched = other.update(active=on, off_because=off_because, failing_since=None)
    changed_one(switched, "endpoint", f"It is {'on' if on else 'off'} already.")
    kind = f"webhook_switched_{'on' if on else 'off'}"
    _record(endpoint, kind, source, actor, before={"active": not on}, after={"active": on}, reason=why)
    if on:
        transaction.on_commit(nudge)
    endpoint.refresh_from_db()
    return endpoint


@transaction.atomic
def endpoint_test(
    *, endpoint: WebhookEndpoint, source: str, actor: User | None = None
) -> WebhookMessage | None:
    """Send it a message of the type `webhook.test`. Raises ValidationError while it is off."""
    if not endpoint.active:
        raise ValidationError({"endpoint": "Switch it on first."})
    told = Told(about=uuid4().hex, data={"endpoint": endpoint.pk, "text": "This is a test."})
    message = message_write(TEST, told, endpoints=[endpoint], at=timezone.now())
    _record(endpoint, "webhook_tested", source, actor)
    transaction.on_commit(nudge)
    return message


@transaction.atomic
def delivery_send_again(
    *, delivery: WebhookDelivery, source: str, actor: User | None = None
) -> WebhookDelivery:
    """Send it now, whatever came of it before, and by the schedule from there on. Raises ValidationError while its
    endpoint is off, or while a try is under way."""
    if not WebhookEndpoint.objects.filter(pk=delivery.endpoint_id, active=True).exists():
        raise ValidationError({"delivery": "Its endpoint is off."})
    standing = WebhookDelivery.objects.select_related("endpoint").get(pk=delivery.pk)
    as_read = WebhookDelivery.objects.filter(
        pk=standing.pk, attempts=standing.attempts, status=standing.status
    )
    again = (
        0
        if trying(standing)
        else as_read.update(
            status=WebhookDelivery.Status.PENDING,
            next_try_at=timezone.now(),
            delivered_at=None,
            attempts_before=standing.attempts,
        )
    )
    changed_one(again, "delivery", "It is being sent just now.")
    _record(standing.endpoint, "webhook_sent_again", source, actor, after={"message": standing.message_id})
    transaction.on_commit(nudge)
    standing.refresh_from_db()
    return standing


def trying(delivery: WebhookDelivery) -> bool:
    """A try was begun, and has neither ended nor is it lost yet."""
    if delivery.status not in WAITING or delivery.last_tried_at is None or delivery.next_try_at is None:
        return False
    without_end = delivery.response_code is None and not delivery.problem
    return without_end and delivery.next_try_at > timezone.now()


def messages_purge(*, before: datetime) -> int:
    """Delete messages older than `before` that wait for nothing more; how many."""
    waiting = WebhookDelivery.objects.filter(status__in=WAITING).values("message")
    old = WebhookMessage.objects.filter(created_at__lt=before).exclude(pk__in=waiting)
    ids = list(old.values_list("pk", flat=True))
    for place in range(0, len(ids), 500):
        part = ids[place : place + 500]
        with transaction.atomic():
            WebhookDelivery.objects.filter(message__in=part).delete()
            WebhookMessage.objects.filter(pk__in=part).delete()
    return len(ids)


def _url_at(field: str, url: str) -> str:
    address = url.strip()
    try:
        url_check(address)
    except ValidationError as error:
        raise ValidationError({field: error.messages}) from None
    return address


def _shown(endpoint: WebhookEndpoint) -> dict[str, Any]:
    """For the timeline: a path or a query may hold somebody's key."""
    return {
        "host": urlsplit(endpoint.url).netloc,
        "types": list(endpoint.types),
        "description": endpoint.description,
    }


def _record(endpoint: WebhookEndpoint, kind: str, source: str, actor: User | None, **values: Any) -> None:
    event_record(
        object_type="webhook", object_id=endpoint.pk, kind=kind, source=source, actor=actor, **values
    )
