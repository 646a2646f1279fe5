"""What was said about the call itself: the disclosures were heard; somebody does not want to be recorded."""

from uuid import UUID

from django.db import transaction

from calls.conversation.common import SOURCE, call_row
from invoices.events import event_record
from invoices.models import Event

DISCLOSED = "disclosures_heard"
RECORDING_REFUSED = "recording_refused"


def disclosed(*, call_id: UUID) -> bool:
    """The disclosures were heard to their end. True the first time."""
    return _once(call_id, DISCLOSED)


def recording_refused(*, call_id: UUID) -> bool:
    """The person objects to the recording: nothing more is kept or listened to. True the first time."""
    return _once(call_id, RECORDING_REFUSED)


def recording_was_refused(call_id: UUID) -> bool:
    return _told(call_id, RECORDING_REFUSED)


def _told(call_id: UUID, kind: str) -> bool:
    return Event.objects.filter(object_type="call", object_id=str(call_id), kind=kind).exists()


@transaction.atomic
def _once(call_id: UUID, kind: str) -> bool:
    call = call_row(call_id)
    if _told(call_id, kind):
        return False
    event_record(
        object_type="call", object_id=call_id, kind=kind, source=SOURCE, customer_id=call.customer_id
    )
    return True
