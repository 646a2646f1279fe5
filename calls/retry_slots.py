"""When to ring again whom nobody reached: another day, another part of the day, at an hour that all rules allow."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from calls.policy import Snapshot, first_open

# The house's hours fall into so many parts: morning, midday, late.
PARTS = 3
# How many days ahead an hour is looked for; the gate looks as far.
DAYS_AHEAD = 40
# The rules may leave less than a part open: every so often in it is looked at, too.
STEP = timedelta(minutes=30)
# Who was not there at ten is not there at half past ten either.
APART = timedelta(hours=1)


def retry_slot(
    facts: Snapshot, *, tried: Sequence[datetime], zone: ZoneInfo, after_days: int, spread: float
) -> datetime | None:
    """The instant for one more call, in UTC; None if no hour is allowed in the 40 days looked at.

    `tried` are the calls so far, the last one last. The instant is at least `after_days` calendar days after that one,
    where the customer is (`zone`), later than `facts.now`, and no rule about time forbids it. It is an hour or more
    away from the last one's time of day, in the part of the house's day that was tried least; where the rules leave no
    such hour, at any that they leave. `spread` (0 to 1, 1 excluded) places it within its part, so that calls which
    failed together do not come back together.
    """
    local = [at.astimezone(zone) for at in tried]
    parts, last = _parts(facts, local), local[-1]

    def instants() -> Iterator[tuple[datetime, bool]]:
        for each in range(DAYS_AHEAD):
            day = last.date() + timedelta(days=after_days + each)
            for at, other in _instants(facts, day, parts, zone, last.time(), spread):
                if at > facts.now:
                    yield at, other

    return first_open(facts, (at for at, other in instants() if other)) or first_open(
        facts, (at for at, _ in instants())
    )


def _parts(facts: Snapshot, tried: Sequence[datetime]) -> list[int]:
    """The parts of the day, the least tried first and that of the last call at the end."""
    of = [_part_of(facts, at.time()) for at in tried]
    return sorted(range(PARTS), key=lambda part: (part == of[-1], of.count(part), part))


def _part_of(facts: Snapshot, at: time) -> int:
    begin, length = _part(facts)
    return min(PARTS - 1, max(0, (_since_midnight(at) - begin) // length))


def _part(facts: Snapshot) -> tuple[timedelta, timedelta]:
    """Where the first part begins, and how long each is."""
    begin, end = _since_midnight(facts.house.hours_from), _since_midnight(facts.house.hours_until)
    return begin, max(end - begin, timedelta(minutes=PARTS)) / PARTS


def _instants(
    facts: Snapshot, day: date, parts: Sequence[int], zone: ZoneInfo, last: time, spread: float
) -> Iterator[tuple[datetime, bool]]:
    """Instants of a local day, in whole minutes, those of the best part first, and whether each is at another time of
    day than the last call."""
    begin, length = _part(facts)
    for part in parts:
        start = begin + length * part
        steps = [start + STEP * each for each in range(-(-length // STEP))]
        for since_midnight in (start + length * spread, *steps):
            minutes = since_midnight // timedelta(minutes=1)
            local = datetime.combine(day, time(minutes // 60, minutes % 60), tzinfo=zone)
            at = local.astimezone(UTC)
            # A clock that is put forward may have skipped it.
            shown = at.astimezone(zone).time()
            yield at, abs(_since_midnight(shown) - _since_midnight(last)) >= APART


def _since_midnight(at: time) -> timedelta:
    return timedelta(hours=at.hour, minutes=at.minute, seconds=at.second)
