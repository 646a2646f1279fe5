"""Hours and days, in every zone the person may be in."""

from datetime import datetime
from zoneinfo import ZoneInfo

from calls.policy import calendar
from calls.policy.packs import Hours, Pack
from calls.policy.places import Where, clocks, whereabouts
from calls.policy.rule import HOUSE, Because, rule
from calls.policy.snapshot import Snapshot

SATURDAY = 5


@rule("12 CFR 1006.6(b)(1)(i), comment 6(b)(1)(i)-2", timed=True)
def lawful_hour(facts: Snapshot) -> str | Because | None:
    """The hours of every place that applies, in every zone."""
    where = whereabouts(facts)
    if not where.clock_known:
        return "It is not known what time it is where the customer is."
    pack = _closed(facts.now, where)
    if pack is None:
        return None
    text = f"It is {clocks(facts)}; in {pack.place} calls are made from {_in_words(pack)}."
    return Because(text, pack.hours_source or pack.source)


@rule("RG 96: no contact on national holidays", timed=True)
def lawful_day(facts: Snapshot) -> Because | None:
    where = whereabouts(facts)
    for pack in where.packs:
        if pack.closed_on_holidays and _holiday(facts.now, pack, where):
            return Because(f"It is a national holiday in {pack.place}.", pack.source)
    return None


@rule("RG 96: hours at a workplace", timed=True)
def workplace_hours(facts: Snapshot) -> Because | None:
    where = whereabouts(facts)
    for pack in where.packs:
        if facts.number.place != "work" or pack.work_hours is None:
            continue
        if not all(_at_work(facts.now, pack.work_hours, zone) for zone in where.zones):
            text = f"The number is at a workplace, which is rung Monday to Friday from {pack.work_hours}."
            return Because(text, pack.source)
    return None


@rule(HOUSE, timed=True, overridable=True)
def house_hours(facts: Snapshot) -> str | None:
    """The house's own hours; silent where the law already forbids the hour."""
    where = whereabouts(facts)
    if not where.clock_known or _closed(facts.now, where) is not None:
        return None
    hours = Hours(facts.house.hours_from, facts.house.hours_until)
    if all(hours.hold(calendar.local(facts.now, zone).time()) for zone in where.zones):
        return None
    return f"It is {clocks(facts)}; the house rings from {hours}, where the customer is."


@rule(HOUSE, timed=True, overridable=True)
def house_holiday(facts: Snapshot) -> str | None:
    where = whereabouts(facts)
    if any(calendar.day(facts.now, zone) in facts.house.holidays for zone in where.zones):
        return "The house is closed today."
    for pack in where.packs:
        if facts.house.keeps_holidays and _holiday(facts.now, pack, where):
            return f"It is a public holiday in {pack.place}."
    return None


def _closed(now: datetime, where: Where) -> Pack | None:
    """The first place whose hours forbid `now` in some zone."""
    for pack in where.packs:
        if pack.hours and not all(_open(calendar.local(now, zone), pack) for zone in where.zones):
            return pack
    return None


def _open(local: datetime, pack: Pack) -> bool:
    weekend = local.weekday() >= SATURDAY
    hours = pack.weekend_hours if weekend and pack.weekend_hours else pack.hours
    return hours is None or hours.hold(local.time())


def _at_work(now: datetime, hours: Hours, zone: ZoneInfo) -> bool:
    local = calendar.local(now, zone)
    return local.weekday() < SATURDAY and hours.hold(local.time())


def _holiday(now: datetime, pack: Pack, where: Where) -> bool:
    return any(pack.is_holiday(calendar.day(now, zone)) for zone in where.zones)


def _in_words(pack: Pack) -> str:
    weekend = f" (at weekends {pack.weekend_hours})" if pack.weekend_hours else ""
    return f"{pack.hours}{weekend}, where the customer is"
