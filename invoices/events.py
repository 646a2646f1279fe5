"""The audit trail, and news of it.

Events are written in the caller's transaction; after commit whoever subscribed is told. Listeners get the saved Event;
one that fails is logged and stops nobody else. What must not be lost subscribes within the transaction.
"""

import logging
from collections.abc import Callable, Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from invoices.models import Event

logger = logging.getLogger(__name__)
Listener = Callable[[Event], None]
_listeners: list[Listener] = []
_within: list[Callable[[Sequence[Event]], None]] = []


def subscribe(listener: Listener) -> None:
    """Call `listener(event)` after the commit of every event. Subscribing twice changes nothing."""
    if listener not in _listeners:
        _listeners.append(listener)


def subscribe_within(listener: Callable[[Sequence[Event]], None]) -> None:
    """Call `listener(events)` in the transaction that writes them: what it writes stands or falls with them, and if it
    raises, so does the change. Subscribing twice changes nothing."""
    if listener not in _within:
        _within.append(listener)


def event_draft(
    *,
    object_type: str,
    object_id: object,
    kind: str,
    source: str,
    actor: User | None = None,
    customer_id: int | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
) -> Event:
    """An unsaved event. `source` is what acted: staff, api, agent, bridge, carrier, worker, sweep,
    retry, import, seed.

    `before` and `after` hold the changed fields as JSON values; `customer_id` puts it on that customer's timeline.
    """
    return Event(
        object_type=object_type,
        object_id=str(object_id),
        kind=kind,
        source=source,
        actor=actor,
        customer_id=customer_id,
        before=before or {},
        after=after or {},
        reason=reason[:300],
    )


def event_record(**fields: Any) -> Event:
    """Write one event; the fields are those of `event_draft`."""
    return events_record([event_draft(**fields)])[0]


def events_record(drafts: Sequence[Event]) -> list[Event]:
    """Write drafted events in one statement, in their order."""
    events = Event.objects.bulk_create(drafts)
    for listener in _within:
        listener(events)
    for event in events:
        transaction.on_commit(lambda event=event: _tell(event))  # type: ignore[misc]
    return events


def _tell(event: Event) -> None:
    for listener in _listeners:
        try:
            listener(event)
        except Exception:
            logger.exception("listener failed for event %s", event.pk)
