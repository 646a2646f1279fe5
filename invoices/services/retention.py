"""The purge path: the only way in which history is ever deleted."""

from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils import timezone

from invoices.append_only import purging
from invoices.events import event_record
from invoices.models import Event

# Claims about a call can be made for four years (28 USC 1658); what proves how it was made is kept for five.
SHORTEST = timedelta(days=5 * 366)


def history_purge(*, before: datetime, source: str, actor: User | None = None) -> int:
    """Delete events older than `before`, leave one that says so, and answer how many went.

    Consents, notes and allocations stay. Raises ValidationError for a day less than five years ago.
    """
    if before > timezone.now() - SHORTEST:
        raise ValidationError({"before": "History is kept for five years."})
    with purging("retention"):
        deleted, _ = Event.objects.filter(at__lt=before).delete()
        event_record(
            object_type="history",
            object_id="events",
            kind="history_purged",
            source=source,
            actor=actor,
            after={"before": before.isoformat(), "events": deleted},
            reason="retention",
        )
    return deleted
