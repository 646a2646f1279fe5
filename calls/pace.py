"""How fast calls are placed, and how many there may be at once. What has no slot waits here, in no customer's ear.

A slot is taken together with the claim of the call, in one transaction that holds the one row of `Pace`: so two workers
never take the same one. Lines in use are counted from the calls themselves; nothing can leak when a worker dies.

First come, first served: a call that finds others waiting waits behind them. Whoever takes a slot has the next one
placed when its moment comes; so does whatever frees a line, and every PLACE_WAITING_SECONDS a task, should all else be
lost. What is woken twice is placed once: the claim decides.
"""

import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth.models import User
from django.db import DatabaseError, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from calls.breaker import (
    OBJECT_TYPE,
    SOURCE,
    Breaker,
    breaker_judge,
    breaker_lets,
    breaker_state,
    pace_locked,
)
from calls.house import house_rules
from calls.models import IN_ORDER, Call, Pace, WaitingFor
from calls.services import call_enqueue, call_transition
from calls.states import AT_CARRIER, LIVE, Status
from invoices.events import event_record
from invoices.models import Event

logger = logging.getLogger(__name__)

# A call holds a line from its claim until the carrier is known to have ended it.
ON_A_LINE: frozenset[str] = AT_CARRIER | {Status.PLACING}
# A last placing that lies further ahead than this was stamped by a clock that has been put back since.
CLOCKS_DIFFER = timedelta(seconds=60)
# After these a line may be free, the breaker may open, or the call that it tried is known to go through.
NEWS = frozenset(
    {f"call_{status}" for status in Status if status not in LIVE} | {"call_ringing", "carrier_error"}
)


class Slot(Enum):
    TAKEN = auto()
    WAITS = auto()
    # Somebody else has claimed the call, or it is over.
    GONE = auto()


@dataclass(frozen=True)
class Limits:
    """What holds now: the installation's settings, lowered by the house rules."""

    per_second: float
    at_once: int

    @property
    def interval(self) -> timedelta:
        """At least so much lies between two placings. Rounded up, or a tenth call could slip into nine's second."""
        return timedelta(microseconds=math.ceil(1_000_000 / self.per_second))


def limits() -> Limits:
    rules = house_rules()
    per_second, at_once = settings.CALLS_PER_SECOND, settings.CALLS_AT_ONCE
    if rules.most_calls_per_second is not None:
        per_second = min(per_second, float(rules.most_calls_per_second))
    if rules.most_calls_at_once is not None:
        at_once = min(at_once, rules.most_calls_at_once)
    return Limits(per_second, at_once)


def lines_in_use() -> int:
    return Call.objects.filter(status__in=sorted(ON_A_LINE)).count()


def calls_waiting() -> QuerySet[Call]:
    """Those that wait in order, the first first."""
    waiting = Call.objects.filter(status=Status.REQUESTED, waiting_for__in=sorted(IN_ORDER))
    return waiting.order_by("requested_at", "pk")


def slot_take(*, call_id: UUID, only_if: Mapping[str, Any] | None = None, claim: UUID | None = None) -> Slot:
    """Claim a requested call (`requested -> placing`) if there is a slot for it now; else it stays and waits.

    `claim` is the caller's own mark on the call; `only_if` are further conditions, as `call_transition` has them.
    """
    if not Call.objects.filter(pk=call_id, status=Status.REQUESTED).exists():
        return Slot.GONE
    slot = _claim(call_id, only_if, claim or uuid4())
    if slot is Slot.TAKEN or calls_waiting().filter(pk=call_id, waiting_for=WaitingFor.PACE).exists():
        _wake_next()
    return slot


def _wake_next() -> None:
    """Whoever has a slot uses it, whatever becomes of the others: the task that comes every few seconds wakes them."""
    try:
        waiting_wake()
    except DatabaseError as error:
        logger.warning("the next call was not woken (%s)", type(error).__name__)


@transaction.atomic
def _claim(call_id: UUID, only_if: Mapping[str, Any] | None, claim: UUID) -> Slot:
    pace = pace_locked()
    now = timezone.now()
    call = Call.objects.filter(pk=call_id, status=Status.REQUESTED).first()
    if call is None:
        return Slot.GONE
    breaker_judge(pace, now)
    bounds = limits()
    waits = _closed_by(pace, now, bounds) or _not_yet(pace, call, now, bounds)
    if waits is not None:
        _wait(call, waits, now)
        return Slot.WAITS
    taken = call_transition(
        call_id=call_id,
        to=Status.PLACING,
        source=SOURCE,
        only_if=only_if,
        placed_at=now,
        claim=claim,
        dial_asked_at=None,
        waiting_for="",
        carrier_error="",
    )
    if not taken:
        return Slot.GONE
    tried = {} if breaker_state(pace, now) == Breaker.CLOSED else {"trial_id": call_id}
    Pace.objects.filter(pk=Pace.ONLY).update(last_placed_at=now, **tried)
    return Slot.TAKEN


def _closed_by(pace: Pace, now: datetime, bounds: Limits) -> WaitingFor | None:
    """What keeps every call from being placed."""
    if not breaker_lets(pace, now):
        return WaitingFor.BREAKER
    return WaitingFor.LINE if lines_in_use() >= bounds.at_once else None


def _not_yet(pace: Pace, call: Call, now: datetime, bounds: Limits) -> WaitingFor | None:
    """What keeps this one from being placed."""
    before = Q(requested_at__lt=call.requested_at) | Q(requested_at=call.requested_at, pk__lt=call.pk)
    if calls_waiting().filter(before).exists():
        return WaitingFor.QUEUE
    return WaitingFor.PACE if _seconds_early(pace, now, bounds) else None


def _seconds_early(pace: Pace, now: datetime, bounds: Limits) -> float:
    """How long until the next call may be placed; 0 when one may be placed now."""
    last = pace.last_placed_at
    if last is None or last > now + CLOCKS_DIFFER:
        return 0.0
    return max(0.0, (last + bounds.interval - now).total_seconds())


def _wait(call: Call, waits: WaitingFor, now: datetime) -> None:
    """Note what the call waits for; its history says once that it had to."""
    waiting = Call.objects.filter(pk=call.pk, status=Status.REQUESTED)
    if not waiting.update(waiting_for=waits, queued_at=Coalesce("queued_at", now)) or call.queued_at:
        return
    event_record(
        object_type="call", object_id=call.pk, kind="call_waiting", source=SOURCE, after={"for": waits}
    )


def waiting_wake() -> None:
    """Have the first call that waits placed as soon as the pace allows, if nothing else is in its way.

    One at a time: it wakes the next one when it has its slot. So there is no burst when something reopens.
    """
    with transaction.atomic():
        pace = pace_locked()
        now = timezone.now()
        breaker_judge(pace, now)
        first = calls_waiting().first()
        if first is None:
            return
        bounds = limits()
        closed_by = _closed_by(pace, now, bounds)
        behind = calls_waiting().exclude(pk=first.pk)
        if closed_by is not None:
            _now_for(calls_waiting(), closed_by)
            return
        _now_for(calls_waiting().filter(pk=first.pk), WaitingFor.PACE)
        _now_for(behind, WaitingFor.QUEUE)
    call_enqueue(first.pk, countdown=_seconds_early(pace, now, bounds))


def _now_for(waiting: QuerySet[Call], waits: WaitingFor) -> None:
    waiting.exclude(waiting_for=waits).update(waiting_for=waits)


def look_again(event: Event) -> None:
    """After an event that may free a slot, or show that the carrier fails: have the queue looked at."""
    if event.object_type == "call":
        told = event.kind in NEWS
        asked = told and (_may_break(event.kind) or calls_waiting().exists())
    else:
        asked = event.kind == "house_rules_changed" or (event.object_type, event.kind) == (
            OBJECT_TYPE,
            "breaker_closed",
        )
    if asked:
        _look_enqueue()


def _may_break(kind: str) -> bool:
    return kind in ("call_failed", "carrier_error")


def _look_enqueue() -> None:
    from calls.tasks import place_waiting

    try:
        place_waiting.delay()
    except Exception:
        logger.exception("the queue is away: what waits is looked at later")


@transaction.atomic
def waiting_cancel(*, call_id: UUID, actor: User) -> bool:
    """Take back a request that nobody has begun to place. True if this caller did; False when it is too late."""
    waiting = Call.objects.select_for_update().filter(pk=call_id, status=Status.REQUESTED)
    if not waiting.exists():
        return False
    return call_transition(
        call_id=call_id,
        to=Status.CANCELED,
        source="staff",
        actor=actor,
        reason="Cancelled before it was dialled.",
        waiting_for="",
    )
