"""The carrier's REST API: the only place that asks Twilio for anything."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import requests
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from calls.house import legal_name
from calls.models import ContactDecision

T = TypeVar("T")
# How old the decision may be on which the carrier is asked to dial.
FRESH = timedelta(seconds=10)
# Twilio's errors for a number to dial that is none: https://www.twilio.com/docs/api/errors/21211, /21214, /21217
NO_SUCH_NUMBER = frozenset({21211, 21214, 21217})
# Twilio's errors for a call that is not there, and for one that can't be ended: it has ended.
# https://www.twilio.com/docs/api/errors/20404, /21220
NOT_FOUND = 20404
NOT_IN_PROGRESS = 21220
EVENTS = ["initiated", "ringing", "answered", "completed"]


class CarrierError(Exception):
    """The carrier did not do what was asked.

    `rejected`: it said no, nothing was dialled. `retryable`: it said “not now” (429), nothing was dialled.
    Neither: its answer is unknown, the call may exist (timeout, dropped connection, 5xx).
    `label`: what to count it under: Twilio's error code, else `http_` and the status, else the exception's name; empty
    when the carrier was not even asked.
    """

    def __init__(
        self,
        message: str,
        *,
        rejected: bool = False,
        retryable: bool = False,
        code: int = 0,
        label: str = "",
    ):
        super().__init__(message)
        self.rejected = rejected
        self.retryable = retryable
        self.code = code
        self.label = label[:40]


@dataclass(frozen=True)
class CarrierCall:
    """A call as the carrier knows it. `status` is Twilio's: queued, initiated, ringing, in-progress, …"""

    sid: str
    status: str
    to: str
    created_at: datetime | None


def call_create(*, call_id: UUID, to: str, decision_id: int) -> CarrierCall:
    """Dial `to`, which the stored decision must have allowed for this call a moment ago.

    Never sent twice: Twilio has no idempotency key, so an unsure answer raises and is not repeated.
    https://www.twilio.com/docs/voice/api/call-resource#create-a-call-resource
    """
    if not legal_name():
        raise CarrierError("BUSINESS_LEGAL_NAME is not set: nobody is called in no one's name", rejected=True)
    if not _cleared(call_id, decision_id):
        raise CarrierError("no fresh decision allows this call", rejected=True)
    return _ask(
        lambda client: client.calls.create(
            to=to,
            from_=settings.TWILIO_PHONE_NUMBER,
            url=public_url("twilio-voice", call_id),
            method="POST",
            status_callback=public_url("twilio-status", call_id),
            status_callback_method="POST",
            status_callback_event=EVENTS,
            timeout=settings.RING_TIMEOUT_SECONDS,
            time_limit=settings.CALL_LIMIT_SECONDS,
        )
    )


def _cleared(call_id: UUID, decision_id: int) -> bool:
    return ContactDecision.objects.filter(
        pk=decision_id,
        call_id=call_id,
        moment=ContactDecision.Moment.DIAL,
        allowed=True,
        decided_at__gt=timezone.now() - FRESH,
    ).exists()


def call_fetch(*, sid: str) -> CarrierCall:
    return _ask(lambda client: client.calls(sid).fetch())


def call_hang_up(*, sid: str, answered: bool) -> CarrierCall:
    """End a call: an answered one is completed, one still queued or ringing is canceled."""
    return _ask(lambda client: client.calls(sid).update(status="completed" if answered else "canceled"))


def call_redirect(*, sid: str, twiml: str) -> CarrierCall:
    """Have a call that is in progress obey another document, at once."""
    return _ask(lambda client: client.calls(sid).update(twiml=twiml))


def message_create(*, confirmation_id: UUID, to: str, body: str) -> str:
    """Send a text message; its sid. Never sent twice: like a call, it has no idempotency key.

    https://www.twilio.com/docs/messaging/api/message-resource#create-a-message
    """
    message = _run(
        lambda client: client.messages.create(
            to=to,
            from_=settings.TWILIO_PHONE_NUMBER,
            body=body,
            status_callback=public_url("twilio-message", confirmation_id),
        )
    )
    return str(message.sid)


def calls_since(*, to: str, since: datetime) -> list[CarrierCall]:
    """Calls to `to` that the carrier created at or after `since`, newest first.

    Filtered here: the carrier's StartTime filter leaves out calls that were not answered yet.
    """
    found = [_carrier_call(call) for call in _run(lambda client: client.calls.list(to=to, limit=50))]
    # The carrier's times have whole seconds.
    return [call for call in found if call.created_at and call.created_at >= since.replace(microsecond=0)]


def public_url(name: str, *args: object) -> str:
    return f"{settings.PUBLIC_BASE_URL}{reverse(name, args=args)}"


def _client() -> Client:
    # max_retries stays 0: a repeated POST is a second dial.
    http = TwilioHttpClient(timeout=settings.TWILIO_TIMEOUT_SECONDS, max_retries=0)
    client = Client(settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, http_client=http)
    if settings.TWILIO_API_BASE_URL:
        client.api.base_url = settings.TWILIO_API_BASE_URL
    return client


def _ask(request: Callable[[Client], Any]) -> CarrierCall:
    return _carrier_call(_run(request))


def _run(request: Callable[[Client], T]) -> T:
    try:
        return request(_client())
    except TwilioRestException as error:
        status = int(error.status or 0)
        raise CarrierError(
            f"HTTP {status}, error {error.code}",
            rejected=400 <= status < 500 and status != 429,
            retryable=status == 429,
            code=int(error.code or 0),
            label=str(error.code or f"http_{status}"),
        ) from error
    except (TwilioException, requests.RequestException) as error:
        raise CarrierError(type(error).__name__, label=type(error).__name__) from error


def _carrier_call(call: Any) -> CarrierCall:
    return CarrierCall(sid=call.sid, status=str(call.status), to=str(call.to), created_at=call.date_created)
