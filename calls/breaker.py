"""The breaker: when calls fail one after the other, placing pauses; then one call is tried.

Failing are calls that ended `failed` and those whose dial the carrier answered with an error. Busy and unanswered
phones are no failures. It opens when half of at least BREAKER_CALLS calls placed within BREAKER_SECONDS failed, for
BREAKER_SECONDS.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from calls.models import Call, Pace
from calls.states import Status
from invoices.events import event_record
from invoices.fields import text_at

OBJECT_TYPE = "pace"
SOURCE = "worker"
WHY_LONGEST = 200

FAILS = Q(status=Status.FAILED) | ~Q(carrier_error="")
# Not dialled: says nothing about the carrier.
UNDECIDED = (Status.PLACING, Status.BLOCKED)
WENT_THROUGH = frozenset(
    {Status.RINGING, Status.IN_PROGRESS, Status.COMPLETED, Status.BUSY, Status.NO_ANSWER}
)
NEVER_DIALLED = frozenset({Status.REQUESTED, Status.BLOCKED, Status.CANCELED})


class Breaker(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


def pace_locked() -> Pace:
    """The row, this transaction's alone until it ends. On SQLite the transaction itself is the lock."""
    Pace.objects.get_or_create(pk=Pace.ONLY)
    return Pace.objects.select_for_update().get(pk=Pace.ONLY)


def breaker_state(pace: Pace, now: datetime) -> Breaker:
    if pace.breaker_until is None:
        return Breaker.CLOSED
    return Breaker.OPEN if now < pace.breaker_until else Breaker.HALF_OPEN


def breaker_judge(pace: Pace, now: datetime) -> None:
    """Open, reopen or close by what has become of the calls. `pace` is locked, and as written afterwards."""
    if pace.breaker_until is None:
        _judge_all(pace, now)
    elif pace.trial is not None:
        _judge_trial(pace, pace.trial, now)


def breaker_lets(pace: Pace, now: datetime) -> bool:
    """Whether a call may be placed; while half open only one that nothing else is being tried with."""
    state = breaker_state(pace, now)
    return state == Breaker.CLOSED or (state == Breaker.HALF_OPEN and pace.trial_id is None)


def _judge_all(pace: Pace, now: datetime) -> None:
    since = now - timedelta(seconds=settings.BREAKER_SECONDS)
    since = max(since, pace.counted_from or since)
    placed = Call.objects.filter(placed_at__gte=since).exclude(status__in=UNDECIDED)
    seen = placed.aggregate(all=Count("pk"), failing=Count("pk", filter=FAILS))
    if seen["all"] >= settings.BREAKER_CALLS and 2 * seen["failing"] >= seen["all"]:
        within = f"{settings.BREAKER_SECONDS:g} seconds"
        _open(pace, now, f"{seen['failing']} of {seen['all']} calls failed within {within}.")


def _judge_trial(pace: Pace, trial: Call, now: datetime) -> None:
    if trial.status == Status.FAILED or trial.carrier_error:
        _open(pace, now, "The call that was tried failed too.")
    elif trial.status in WENT_THROUGH or (trial.status == Status.CANCELED and trial.carrier_sid):
        _close(pace, now, source=SOURCE, actor=None, reason="The call that was tried went through.")
    elif trial.status in NEVER_DIALLED:
        # It was not dialled after all: the next one is tried.
        _set(pace, trial=None)


def _open(pace: Pace, now: datetime, reason: str) -> None:
    until = now + timedelta(seconds=settings.BREAKER_SECONDS)
    since = pace.breaker_since or now
    _set(pace, breaker_until=until, breaker_since=since, breaker_reason=reason, trial=None)
    event_record(
        object_type=OBJECT_TYPE, object_id=Pace.ONLY, kind="breaker_opened", source=SOURCE, reason=reason
    )


def _close(pace: Pace, now: datetime, *, source: str, actor: User | None, reason: str) -> None:
    _set(pace, breaker_until=None, breaker_since=None, breaker_reason="", trial=None, counted_from=now)
    event_record(
        object_type=OBJECT_TYPE,
        object_id=Pace.ONLY,
        kind="breaker_closed",
        source=source,
        actor=actor,
        reason=reason,
    )


def _set(pace: Pace, **fields: Any) -> None:
    Pace.objects.filter(pk=Pace.ONLY).update(**fields)
    for name, value in fields.items():
        setattr(pace, name, value)


@transaction.atomic
def breaker_close(*, actor: User | None, reason: str, source: str = "staff") -> bool:
    """End the pause now; failures until now are forgotten. True if this caller did, False if there was none.

    Raises ValidationError at `reason` without one.
    """
    why = text_at("reason", reason, longest=WHY_LONGEST, required=True)
    pace = pace_locked()
    if pace.breaker_until is None:
        return False
    _close(pace, timezone.now(), source=source, actor=actor, reason=why)
    return True


@transaction.atomic
def carrier_error_record(*, call_id: UUID, label: str, source: str) -> None:
    """Keep that the carrier answered a dial with an error; `label` is `CarrierError.label`."""
    Call.objects.filter(pk=call_id).update(carrier_error=label)
    event_record(
        object_type="call",
        object_id=call_id,
        kind="carrier_error",
        source=source,
        after={"code": label},
        reason=f"Error {label}",
    )
