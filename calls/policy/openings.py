"""When may we, if not now: a search over the instants at which an answer can turn to yes.

Rules interlock (an hour opens on a day that a window still forbids), so no rule's own end is the answer.
Each timed rule forbids whole stretches that end at a local midnight, at an hour that some rule names, at an instant
that a fact names, or when a clock is put forward. All these instants are tried in order.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from calls.policy.places import whereabouts
from calls.policy.rule import Rule
from calls.policy.snapshot import Snapshot

HORIZON = timedelta(days=40)
DAY = timedelta(days=1)


def first_allowed(facts: Snapshot, rules: Iterable[Rule]) -> datetime | None:
    """The first instant after `now` at which all `rules` allow, None when there is none within the horizon.

    Rules that time does not change are asked once.
    """
    asked = tuple(rules)
    if any(rule(facts) for rule in asked if not rule.timed):
        return None
    timed = tuple(rule for rule in asked if rule.timed)
    return next((at for at in _instants(facts) if not any(rule(facts.at(at)) for rule in timed)), None)


def _instants(facts: Snapshot) -> Iterator[datetime]:
    """All candidates in (now, now + HORIZON], in order."""
    zones, times = whereabouts(facts).zones, _times(facts)
    named = _named(facts)
    begin, end = facts.now, facts.now + HORIZON
    midnight = begin.replace(hour=0, minute=0, second=0, microsecond=0)
    while midnight <= end:
        day = {at for zone in zones for at in _of_day(midnight, zone, times)}
        day |= {at for at in named if midnight <= at < midnight + DAY}
        yield from (at for at in sorted(day) if begin < at <= end)
        midnight += DAY


def _times(facts: Snapshot) -> frozenset[time]:
    """The local times at which some rule may begin to allow."""
    packs = whereabouts(facts).packs
    hours = {
        each.opens for pack in packs for each in (pack.hours, pack.weekend_hours, pack.work_hours) if each
    }
    wished = {wish.time_from for wish in facts.wishes if wish.time_from}
    return frozenset({time.min, facts.house.hours_from, *hours, *wished})


def _named(facts: Snapshot) -> frozenset[datetime]:
    ends = {hold.ends_at for hold in facts.holds if hold.ends_at}
    callbacks = {wish.not_before for wish in facts.wishes if wish.not_before}
    return frozenset(
        at.astimezone(UTC) for at in {*ends, *callbacks, *(row.captured_at for row in facts.consents)}
    )


def _of_day(midnight: datetime, zone: ZoneInfo, times: frozenset[time]) -> Iterator[datetime]:
    """The instants of one UTC day at which it is one of `times` in `zone`, or its clock changes."""
    after = midnight + DAY
    days = {midnight.astimezone(zone).date(), after.astimezone(zone).date()}
    for at in _at_times(days, zone, times):
        if midnight <= at < after:
            yield at
    if midnight.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
        yield _change(midnight, after, zone)


def _at_times(days: set[date], zone: ZoneInfo, times: frozenset[time]) -> Iterator[datetime]:
    """Both instants of a local time that a clock put back repeats."""
    for day in days:
        for each in times:
            for fold in (0, 1):
                yield datetime.combine(day, each, tzinfo=zone).replace(fold=fold).astimezone(UTC)


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The second at which the clock of `zone` changes between the two instants."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after
