"""What the sweep can find, and how a finding is written: one event on the call, or on a room that has none."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import models, transaction

from calls.models import MAY_HAVE_RUNG, Call
from invoices.events import event_record
from invoices.models import Event

SOURCE = "sweep"


class Finding(models.TextChoices):
    """Each with the sentence that the call's history, or its end, says of it."""

    REQUEST_UNQUEUED = "request_unqueued", "No worker had taken it; it was queued again."
    REQUEST_TOO_OLD = "request_too_old", "Not dialled: it had waited too long for its turn."
    PLACING_UNDIALLED = (
        "placing_undialled",
        "The worker was lost before it asked the carrier; it was queued again.",
    )
    PLACING_UNSURE = "placing_unsure", "The worker was lost while the carrier was asked."
    UNKNOWN_FOUND = "unknown_found", "Found in the carrier's list."
    UNKNOWN_NOT_DIALLED = "unknown_not_dialled", "The carrier's list does not show it: not dialled."
    UNKNOWN_AMBIGUOUS = "unknown_ambiguous", MAY_HAVE_RUNG
    CALLBACK_MISSING = "callback_missing", "No callback came; the carrier was asked."
    CARRIER_FORGOT = "carrier_forgot", "The carrier does not know the call any more."
    STREAM_MISSING = "stream_missing", "The call was answered, and the carrier never connected the audio."
    ROOM_MISSING = "room_missing", "The voice room was gone in mid-call."
    AGENT_MISSING = "agent_missing", "The voice agent was gone in mid-call."
    NOT_HUNG_UP = "not_hung_up", "The phone was not put down after the goodbye."
    STREAM_LEFT_OPEN = "stream_left_open", "The end of the audio was never written; its server was lost."
    RECORDING_LEFT = "recording_left", "The recording was in the storage and not on the call."
    NOT_CONCLUDED = "not_concluded", "Nobody had said what the call came to."
    ROOM_LEFT_OPEN = "room_left_open", "The call had ended, and its room was still open."
    ROOM_UNKNOWN = "room_unknown", "The room belonged to no call."
    FAILED = "failed", "The sweep failed on this call."

    @property
    def kind(self) -> str:
        """Of its event."""
        return f"sweep_{self.value}"


def finding_record(*, call_id: UUID, finding: Finding) -> None:
    """Write it. The caller has just changed the call by a conditional UPDATE, in the same transaction."""
    event_record(
        object_type="call", object_id=call_id, kind=finding.kind, source=SOURCE, reason=str(finding.label)
    )


@transaction.atomic
def finding_record_once(*, call_id: UUID, finding: Finding) -> bool:
    """Write one that changes no field of the call, unless the call has it already. True if this caller did."""
    if Call.objects.select_for_update().filter(pk=call_id).first() is None:
        return False
    if Event.objects.filter(object_type="call", object_id=str(call_id), kind=finding.kind).exists():
        return False
    finding_record(call_id=call_id, finding=finding)
    return True


def within(name: str) -> timedelta:
    """One of the sweep's times, by the name of its setting without `_SECONDS`."""
    return timedelta(seconds=getattr(settings, f"{name}_SECONDS"))
