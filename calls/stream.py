"""The audio stream of a call, as the database sees it: who may open it, that it was open, how it closed."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from calls.models import Call
from calls.states import Status
from invoices.events import event_record

TOKEN_LIFE = timedelta(seconds=60)
MAY_STREAM = frozenset({Status.PLACING, Status.UNKNOWN, Status.DIALLING, Status.RINGING, Status.IN_PROGRESS})

# Why a stream closed. For those that nobody wished, what the call's page says when no one else knew better.
CLOSE_REASONS: dict[str, str] = {
    "agent_hung_up": "",
    "caller_hung_up": "",
    "room_lost": "The connection to the voice room was lost",
    "agent_lost": "The voice agent was lost",
    "idle": "No audio came from the carrier any more",
    "protocol": "The carrier's audio stream was faulty",
    "shutdown": "The server stopped during the call",
    "join_failed": "The voice room could not be joined",
    "server_lost": "The server was lost during the call",
}
# What the agent says of the same when it notices first.
CONNECTION_LOST = "The audio connection was lost."


def broke_off(call: Call) -> bool:
    """Whether the audio ended before anyone said goodbye, as far as is known: the person is owed an apology."""
    return not call.disposition or call.end_reason in {CONNECTION_LOST, *filter(None, CLOSE_REASONS.values())}


def stream_token_issue(*, call_id: UUID) -> str:
    """A new token that opens this call's stream once, within 60 s. It replaces an earlier one."""
    token = secrets.token_urlsafe(32)
    Call.objects.filter(pk=call_id).update(
        stream_token_hash=_hash(token), stream_token_expires_at=timezone.now() + TOKEN_LIFE
    )
    return token


@transaction.atomic
def stream_open(*, token: str, call_sid: str) -> UUID | None:
    """Use a token up and say which call it opens; None if it is unknown, used, expired, or of another call.

    `call_sid` must be the carrier's for that call. It is adopted if the carrier was faster than its own answer.
    """
    hashed, now = _hash(token), timezone.now()
    call_id = Call.objects.filter(stream_token_hash=hashed).values_list("pk", flat=True).first()
    if (
        call_id is None
        or not call_sid
        or Call.objects.filter(carrier_sid=call_sid).exclude(pk=call_id).exists()
    ):
        return None
    opened = Call.objects.filter(
        Q(carrier_sid=call_sid) | Q(carrier_sid__isnull=True),
        pk=call_id,
        stream_token_hash=hashed,
        stream_token_expires_at__gt=now,
        stream_opened_at__isnull=True,
        status__in=sorted(MAY_STREAM),
    ).update(stream_token_hash="", stream_token_expires_at=None, stream_opened_at=now, carrier_sid=call_sid)
    if not opened:
        return None
    event_record(object_type="call", object_id=call_id, kind="stream_opened", source="bridge")
    return call_id


@transaction.atomic
def stream_close(*, call_id: UUID, reason: str, media: dict[str, Any], recording: str) -> bool:
    """Record, once, how the stream closed (a key of CLOSE_REASONS). True if this caller did."""
    text = CLOSE_REASONS[reason]
    closed = Call.objects.filter(pk=call_id, stream_closed_at__isnull=True).update(
        stream_closed_at=timezone.now(), media=media, recording=recording
    )
    if not closed:
        return False
    if text:
        Call.objects.filter(pk=call_id, end_reason="").update(end_reason=text)
    event_record(object_type="call", object_id=call_id, kind="stream_closed", source="bridge", reason=reason)
    return True


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
