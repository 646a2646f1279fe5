"""Sends what waits, at least once: a try whose end nobody wrote down is made again.

One worker at a time has the turn. A try is claimed by raising `attempts`, and only who raised it last writes what came
of it, so that a worker that comes back from the dead changes nothing.
"""

import json
import logging
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from invoices.events import event_record
from invoices.models import WebhookDelivery, WebhookEndpoint, WebhookTurn
from invoices.webhooks.addresses import url_check
from invoices.webhooks.secrets import SecretLost, signatures, unsealed
from invoices.webhooks.sending import SendError, post

logger = logging.getLogger(__name__)
Status = WebhookDelivery.Status
Off = WebhookEndpoint.Off
SOURCE = "worker"
WAITING = (Status.PENDING, Status.FAILED)
# At once: to one endpoint, and in all.
AT_ONE, AT_ONCE = 4, 16
# How long a turn goes on while there is more to send, and how long beyond it until it counts as lost.
TURN_SECONDS, LOST_SECONDS = 20, 30
# Waits are up to this much longer, so that what failed together does not come back together.
JITTER = 0.1
AGENT = "PhantomPay-Webhooks/1"
GONE = 410


@dataclass(frozen=True)
class Outcome:
    """What came of a try: an answer's code, or the problem in a word."""

    code: int | None
    problem: str
    took_ms: int | None

    @property
    def delivered(self) -> bool:
        return self.code is not None and 200 <= self.code < 300


def deliveries_send() -> int:
    """Send all that is due, unless somebody else is at it. How many tries were made."""
    until = _turn_take()
    if until is None:
        return 0
    began, tries = monotonic(), 0
    try:
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhook") as pool:
            while monotonic() - began < TURN_SECONDS and (batch := _claim_due()):
                outcomes = pool.map(_try, batch)
                for delivery, outcome in zip(batch, outcomes, strict=True):
                    _write(delivery, outcome)
                tries += len(batch)
    finally:
        WebhookTurn.objects.filter(taken_until=until).update(taken_until=timezone.now())
    return tries


def _turn_take() -> datetime | None:
    """Until when the turn is ours; None while it is somebody else's."""
    now = timezone.now()
    until = now + timedelta(seconds=TURN_SECONDS + LOST_SECONDS + settings.WEBHOOK_TIMEOUT_SECONDS)
    WebhookTurn.objects.get_or_create(pk=1, defaults={"taken_until": now})
    taken = WebhookTurn.objects.filter(pk=1, taken_until__lte=now).update(taken_until=until)
    return until if taken else None


def _claim_due() -> list[WebhookDelivery]:
    """The next tries, some of each endpoint; they are ours until they count as lost."""
    now = timezone.now()
    lost_at = now + timedelta(seconds=settings.WEBHOOK_TIMEOUT_SECONDS + LOST_SECONDS)
    claimed: list[WebhookDelivery] = []
    due = WebhookDelivery.objects.filter(status__in=WAITING, next_try_at__lte=now)
    owed = due.filter(endpoint__active=True).order_by().values_list("endpoint", flat=True).distinct()
    for endpoint in WebhookEndpoint.objects.filter(pk__in=list(owed)):
        rows = due.filter(endpoint=endpoint).select_related("message").order_by("next_try_at", "id")
        for delivery in rows[: min(AT_ONE, AT_ONCE - len(claimed))]:
            as_read = due.filter(pk=delivery.pk, attempts=delivery.attempts)
            if as_read.update(
                attempts=F("attempts") + 1,
                next_try_at=lost_at,
                last_tried_at=now,
                response_code=None,
                problem="",
                took_ms=None,
            ):
                delivery.attempts += 1
                delivery.endpoint = endpoint
                claimed.append(delivery)
    return claimed


def _try(delivery: WebhookDelivery) -> Outcome:
    """One try. It runs in a thread of its own and asks no database."""
    endpoint, now = delivery.endpoint, timezone.now()
    body = json.dumps(delivery.message.payload, ensure_ascii=False, separators=(",", ":"))
    try:
        target = url_check(endpoint.url)
        secrets = [unsealed(token) for token in _secrets_of(endpoint, now)]
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": AGENT,
            "Connection": "close",
            "webhook-id": delivery.message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signatures(
                secrets=secrets, message_id=delivery.message_id, at=now, body=body
            ),
        }
        answer = post(target, body=body.encode(), headers=headers, seconds=settings.WEBHOOK_TIMEOUT_SECONDS)
    except ValidationError:
        return Outcome(None, "address_refused", None)
    except SecretLost:
        return Outcome(None, "secret_unreadable", None)
    except SendError as error:
        return Outcome(None, error.problem, None)
    except Exception:
        logger.exception("webhook delivery %s", delivery.pk)
        return Outcome(None, "error", None)
    return Outcome(answer.code, "", answer.took_ms)


def _secrets_of(endpoint: WebhookEndpoint, now: datetime) -> list[str]:
    """Sealed: the secret, and for a while after a change the one before it."""
    both = endpoint.old_secret and endpoint.old_secret_until and endpoint.old_secret_until > now
    return [endpoint.secret, endpoint.old_secret] if both else [endpoint.secret]


@transaction.atomic
def _write(delivery: WebhookDelivery, outcome: Outcome) -> None:
    """What came of a try, in its row and for its endpoint; nothing where another try was begun meanwhile."""
    now = timezone.now()
    wait = _next_wait(delivery)
    fields: dict[str, object] = {"status": Status.FAILED, "next_try_at": now + wait if wait else None}
    if outcome.delivered:
        fields = {"status": Status.DELIVERED, "next_try_at": None, "delivered_at": now}
    elif wait is None or outcome.code == GONE:
        fields = {"status": Status.DEAD, "next_try_at": None}
    ours = WebhookDelivery.objects.filter(pk=delivery.pk, attempts=delivery.attempts, status__in=WAITING)
    if not ours.update(
        response_code=outcome.code, problem=outcome.problem, took_ms=outcome.took_ms, **fields
    ):
        return
    endpoint = WebhookEndpoint.objects.filter(pk=delivery.endpoint_id)
    if outcome.delivered:
        endpoint.exclude(failing_since=None).update(failing_since=None)
        return
    said = outcome.code if outcome.code is not None else outcome.problem
    logger.info("webhook delivery %s, try %s: %s", delivery.pk, delivery.attempts, said)
    endpoint.filter(failing_since=None).update(failing_since=now)
    if outcome.code == GONE:
        endpoint_give_up(delivery.endpoint_id, because=Off.GONE)
        return
    days = timedelta(days=settings.WEBHOOK_DISABLE_AFTER_DAYS)
    if endpoint.filter(failing_since__lt=now - days).exists():
        endpoint_give_up(delivery.endpoint_id, because=Off.FAILING)


def _next_wait(delivery: WebhookDelivery) -> timedelta | None:
    """From this try, should it fail, to the next; None after the last."""
    waits = settings.WEBHOOK_RETRY_SECONDS
    tries = delivery.attempts - delivery.attempts_before
    if tries > len(waits):
        return None
    return timedelta(seconds=float(waits[tries - 1]) * (1 + random.random() * JITTER))


def endpoint_give_up(endpoint_id: int, *, because: str) -> None:
    """Send it nothing any more, until somebody switches it on again."""
    on = WebhookEndpoint.objects.filter(pk=endpoint_id, active=True)
    if on.update(active=False, off_because=because):
        event_record(
            object_type="webhook",
            object_id=endpoint_id,
            kind="webhook_switched_off",
            source=SOURCE,
            before={"active": True},
            after={"active": False},
            reason=Off(because).label,
        )
