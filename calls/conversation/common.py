"""What the parts of the conversation share: who writes, what is refused, and the call under lock."""

from typing import Any
from uuid import UUID

from django.db import transaction

from calls.models import Call
from invoices.events import event_record
from invoices.models import Event

SOURCE = "agent"


class NotVerified(Exception):
    """Something that only the right party may hear or do was asked for before they were verified."""


class NothingOwed(Exception):
    """What the call is about was settled or withdrawn since it was placed."""


class ConversationOver(Exception):
    """The call has come to its end; nothing more is agreed in it."""


class Refused(Exception):
    """It can't be taken; the message says why, in words fit for the telephone."""


def call_locked(call_id: UUID, *, verified: bool = True) -> Call:
    """The call under lock until the transaction ends, for something that is said in it now.

    Raises NotVerified (where `verified` is needed) and ConversationOver.
    """
    call = call_row(call_id)
    if verified and call.verified_at is None:
        raise NotVerified
    if call.disposition:
        raise ConversationOver
    return call


def call_row(call_id: UUID) -> Call:
    """The call under lock, whatever its state."""
    return Call.objects.select_for_update(of=("self",)).select_related("customer", "invoice").get(pk=call_id)


def act_note(call: Call, act: str, /, *, disposition: str, next_action: str, **said: Any) -> Event:
    """Write on the call what was done in it. The call's outcome and next action are read from these events."""
    after = {"disposition": disposition, "next_action": next_action, **said}
    return event_record(object_type="call", object_id=call.pk, kind=act, source=SOURCE, after=after)


def acts_of(call_id: UUID, *kinds: str) -> list[Event]:
    """The call's events of these kinds, in the order in which they were written."""
    events = Event.objects.filter(object_type="call", object_id=str(call_id), kind__in=kinds)
    # An earlier version wrote some of them without what was done.
    return [event for event in events.order_by("id") if event.after]


def tell(call_id: UUID) -> None:
    """Tell open pages after commit. A transcript has too many changes for an audit event each."""
    from calls.live.news import changed

    transaction.on_commit(lambda: changed(call_id))
