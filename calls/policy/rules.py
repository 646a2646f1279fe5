"""The rules. Each takes the facts and answers None, or why the call is not allowed; unknown facts forbid."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from calls.policy.snapshot import Snapshot

# Inside 12 CFR 1006.6(b)(1)(i) (08:00-21:00) and Australia's 7:30/9:00-21:00; the house rule is stricter.
OPENS = time(9, 0)
CLOSES = time(20, 0)
# Every zone's offset is a multiple of a quarter of an hour, so openings fall on this grid.
GRID = timedelta(minutes=15)
HORIZON = timedelta(days=8)


@dataclass(frozen=True)
class Reason:
    """Why a rule forbids the call. `lifts_at` is when this rule alone would allow it, None if no time will."""

    rule: str
    citation: str
    text: str
    lifts_at: datetime | None = None


Rule = Callable[[Snapshot], Reason | None]


def invoice_open(facts: Snapshot) -> Reason | None:
    if facts.invoice_status == "open" and facts.balance_positive:
        return None
    return Reason(
        "invoice_open", "house rule", f"There is nothing to collect: the invoice is {facts.invoice_status}."
    )


def no_other_live_call(facts: Snapshot) -> Reason | None:
    if not facts.other_live_call:
        return None
    return Reason(
        "no_other_live_call", "house rule", "The customer is being rung about another invoice right now."
    )


def number_usable(facts: Snapshot) -> Reason | None:
    if facts.number_usable:
        return None
    return Reason(
        "number_usable",
        "house rule",
        "The customer has no telephone number, or another one than was asked for.",
    )


def lawful_hour(facts: Snapshot) -> Reason | None:
    """09:00 to 20:00 in every zone the person may be in."""
    citation = "12 CFR 1006.6(b)(1)(i), comment 6(b)(1)(i)-2; house hours"
    try:
        zones = [ZoneInfo(name) for name in facts.zones]
    except (ZoneInfoNotFoundError, ValueError):
        zones = []
    if not zones:
        return Reason("lawful_hour", citation, "It is not known what time it is where the customer is.")
    if all(_open(facts.now, zone) for zone in zones):
        return None
    local = ", ".join(f"{facts.now.astimezone(zone):%H:%M} in {zone.key}" for zone in zones)
    text = f"It is {local}; calls are made from {OPENS:%H:%M} to {CLOSES:%H:%M} where the customer is."
    return Reason("lawful_hour", citation, text, lifts_at=_next_open(facts.now, zones))


def _open(at: datetime, zone: ZoneInfo) -> bool:
    return OPENS <= at.astimezone(zone).time() < CLOSES


def _next_open(after: datetime, zones: list[ZoneInfo]) -> datetime | None:
    midnight = after.replace(hour=0, minute=0, second=0, microsecond=0)
    at = midnight + ((after - midnight) // GRID + 1) * GRID
    while at < after + HORIZON:
        if all(_open(at, zone) for zone in zones):
            return at
        at += GRID
    return None


RULES: tuple[Rule, ...] = (invoice_open, no_other_live_call, number_usable, lawful_hour)
