"""What operators see: what waits and why, the lines, the breaker, what went wrong in a day. Read from the rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, Q, QuerySet
from django.db.models.fields.json import KT
from django.utils import timezone

from calls.breaker import breaker_state
from calls.models import Call, Pace, WaitingFor
from calls.pace import Limits, limits, lines_in_use
from calls.page_selectors import calls_shown
from calls.states import LIVE, Status
from invoices.models import Event

# A list longer than this is not read by anybody.
SHOWN = 100
DAY = timedelta(hours=24)
FINDING, CARRIER_ERROR = "sweep_", "carrier_error"


@dataclass(frozen=True)
class Waiting:
    """One call that waits: `why` and what `then` happens in plain words; `position` counts from 1."""

    call: Call
    position: int
    since: datetime
    why: str
    then: str


@dataclass(frozen=True)
class Counted:
    name: str
    count: int


def requested() -> QuerySet[Call]:
    """All that is asked for and not yet being placed, the first first."""
    return calls_shown().filter(status=Status.REQUESTED).order_by("requested_at", "pk")


def pace_now() -> Pace:
    """The row as it is; a fresh one where nothing was placed yet."""
    return Pace.objects.filter(pk=Pace.ONLY).first() or Pace()


def waiting_picture(user: User) -> dict[str, Any]:
    """What the page of waiting calls shows."""
    now, pace, bounds = timezone.now(), pace_now(), limits()
    total = requested().count()
    rows = [_waiting(call, position, pace, bounds) for position, call in enumerate(requested()[:SHOWN], 1)]
    return {
        "rows": rows,
        "total": total,
        "more": total - len(rows),
        "may_cancel": user.has_perm("calls.place_call"),
        "now": now,
    }


def _waiting(call: Call, position: int, pace: Pace, bounds: Limits) -> Waiting:
    why, then = _words(call, position, pace, bounds)
    return Waiting(call, position, call.queued_at or call.requested_at, why, then)


def _words(call: Call, position: int, pace: Pace, bounds: Limits) -> tuple[str, str]:
    waiting_for = call.waiting_for
    if waiting_for == WaitingFor.LINE:
        lines = "the one line is" if bounds.at_once == 1 else f"all {bounds.at_once} lines are"
        return f"{lines[:1].upper()}{lines[1:]} in use.", f"Placed {_after(position)} when a line is free."
    if waiting_for == WaitingFor.BREAKER:
        until = f" until {pace.breaker_until:%H:%M:%S} UTC" if pace.breaker_until else ""
        return (
            f"Too many calls failed, so placing pauses{until}.",
            "Then one call is tried; if it goes through, the others follow in order.",
        )
    if waiting_for == WaitingFor.PACE:
        return f"We place {_rate(bounds)}.", "Placed within seconds."
    if waiting_for == WaitingFor.QUEUE:
        return "Others were asked for before it.", f"Placed {_after(position)}."
    if waiting_for == WaitingFor.CARRIER:
        return "The carrier takes no call just now.", "Asked again within a minute."
    return "A worker is about to take it.", "Placed within seconds."


def _after(position: int) -> str:
    return "next" if position == 1 else f"after {position - 1} other{'s' if position > 2 else ''}"


def _rate(bounds: Limits) -> str:
    if bounds.per_second < 1:
        return f"one call in {1 / bounds.per_second:g} seconds at most"
    calls = "call" if bounds.per_second == 1 else "calls"
    return f"{bounds.per_second:g} {calls} a second at most"


def operations_picture(user: User) -> dict[str, Any]:
    """What the operators' page shows, the health of parts excepted."""
    now, pace, bounds = timezone.now(), pace_now(), limits()
    oldest = requested().values_list("requested_at", flat=True).first()
    since = now - DAY
    return {
        "now": now,
        "waiting": requested().count(),
        "oldest": oldest,
        "lines": lines_in_use(),
        "limits": bounds,
        "rate": _rate(bounds),
        "breaker": breaker_state(pace, now),
        "pace": pace,
        "may_close": pace.breaker_until is not None and user.has_perm("calls.close_breaker"),
        "live": [(Status(name).label, count) for name, count in calls_by_status(live=True).items()],
        "ended": [
            (Status(name).label, count) for name, count in calls_by_status(live=False, since=since).items()
        ],
        "findings": [
            Counted(name.removeprefix(FINDING).replace("_", " ").capitalize(), count)
            for name, count in sweep_findings(since=since).items()
        ],
        "carrier_errors": [Counted(code, count) for code, count in carrier_errors(since=since).items()],
    }


def calls_by_status(*, live: bool, since: datetime | None = None) -> dict[str, int]:
    """Calls by state, in the order of the states; those that ended, since then."""
    calls = Call.objects.filter(status__in=sorted(LIVE)) if live else Call.objects.exclude(status__in=LIVE)
    if since is not None:
        calls = calls.filter(ended_at__gte=since)
    counted = _counts(calls, "status")
    return {status.value: counted[status] for status in Status if status in counted}


def waiting_by_reason() -> dict[str, int]:
    """Requested calls by what they wait for; `worker` for those that nothing else keeps."""
    counted = _counts(Call.objects.filter(status=Status.REQUESTED), "waiting_for")
    return {name or "worker": count for name, count in counted.items()}


def calls_ended_by_disposition() -> dict[str, int]:
    """All calls that ever came to something."""
    return _counts(Call.objects.exclude(disposition=""), "disposition")


def sweep_findings(**span: Any) -> dict[str, int]:
    """Events `sweep_…` by kind: what the sweep found and mended. `span` as in `_events`."""
    return _counts(_events(Q(kind__startswith=FINDING), **span), "kind")


def carrier_errors(**span: Any) -> dict[str, int]:
    """What the carrier answered to our dials, by `CarrierError.label`. `span` as in `_events`."""
    return _counts(_events(Q(kind=CARRIER_ERROR), **span).annotate(code=KT("after__code")), "code")


def _events(
    which: Q, *, since: datetime | None = None, after_id: int = 0, until_id: int | None = None
) -> QuerySet[Event]:
    """Those since a time, or with ids above the one and up to the other."""
    events = Event.objects.filter(which, pk__gt=after_id)
    if until_id is not None:
        events = events.filter(pk__lte=until_id)
    return events if since is None else events.filter(at__gte=since)


def _counts(rows: QuerySet[Any], field: str) -> dict[str, int]:
    """Rows by that field, the most first."""
    counted: Mapping[str, int] = dict(
        rows.order_by().values_list(field).annotate(count=Count("pk")).order_by("-count", field)
    )
    return dict(counted)
