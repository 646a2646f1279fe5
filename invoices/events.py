"""The audit trail, and news of it.

`event_record` writes one row in the caller's transaction and, after commit, tells whoever subscribed. Listeners get
the saved Event; one that fails is logged and stops nobody else.
"""

import logging
from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from invoices.models import Event

logger = logging.getLogger(__name__)
Listener = Callable[[Event], None]
_listeners: list[Listener] = []


def subscribe(listener: Listener) -> None:
    """Call `listener(event)` after the commit of every event. Subscribing twice changes nothing."""
    if listener not in _listeners:
        _listeners.append(listener)


def event_record(
    *,
    object_type: str,
    object_id: object,
    kind: str,
    source: str,
    actor: User | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
) -> Event:
    """Write one event. `source` is what acted: staff, api, agent, bridge, carrier, worker, sweep, seed.

    `before` and `after` hold the changed fields as JSON values.
    """
    event = Event.objects.create(
        object_type=object_type,
        object_id=str(object_id),
        kind=kind,
        source=source,
        actor=actor,
        before=before or {},
        after=after or {},
        reason=reason[:300],
    )
    transaction.on_commit(lambda: _tell(event))
    return event


def _tell(event: Event) -> None:
    for listener in _listeners:
        try:
            listener(event)
        except Exception:
            logger.exception("listener failed for event %s", event.pk)
