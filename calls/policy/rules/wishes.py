"""What the person asked for about being contacted. A wish that can't be read forbids."""

from calendar import day_name
from datetime import datetime, time

from calls.policy import calendar
from calls.policy.places import told, whereabouts
from calls.policy.rule import rule
from calls.policy.snapshot import OTHER_CHANNELS, Snapshot, Wish

INCONVENIENT = "12 CFR 1006.6(b)(1)"
KINDS = frozenset({"not_at_place", "not_this_number", "only_between", "not_before", "only_by", "not_by"})


@rule("12 CFR 1006.6(b)(3)")
def place_welcome(facts: Snapshot) -> str | None:
    """Not at a place the person ruled out, nor on a number that was ruled out with it."""
    for wish in facts.wishes:
        if wish.kind != "not_at_place":
            continue
        if wish.number and not wish.place:
            if wish.number == facts.number.value:
                return "The customer asked not to be rung where this number is."
            continue
        if wish.number == facts.number.value or facts.number.place == wish.place:
            return f"The customer asked not to be rung at {_place(wish.place)}."
        if _may_be_at(wish.place, facts):
            return f"The customer asked not to be rung at {_place(wish.place)}, where this number may be."
    return None


@rule(INCONVENIENT)
def number_welcome(facts: Snapshot) -> str | None:
    for wish in facts.wishes:
        if wish.kind == "not_this_number" and wish.number in (None, facts.number.value):
            return "The customer asked not to be rung on this number."
    return None


@rule("12 CFR 1006.14(h)")
def voice_welcome(facts: Snapshot) -> str | None:
    """Only by another medium, or not by telephone."""
    for wish in facts.wishes:
        if not _for_number(wish, facts):
            continue
        if wish.kind == "only_by" and wish.channel != "voice":
            return (
                f"The customer asked to be contacted only by {wish.channel or 'a medium that is not known'}."
            )
        if wish.kind == "not_by" and wish.channel not in OTHER_CHANNELS:
            return "The customer asked not to be telephoned."
    return None


@rule(INCONVENIENT, timed=True)
def time_welcome(facts: Snapshot) -> str | None:
    """Within the times and weekdays the person named, in every zone they may be in."""
    for wish in facts.wishes:
        if wish.kind != "only_between" or not _applies(wish, facts):
            continue
        zones = whereabouts(facts).zones
        if not zones or not all(_fits(wish, calendar.local(facts.now, zone)) for zone in zones):
            return f"The customer asked to be rung only {_times(wish)}."
    return None


@rule(INCONVENIENT, timed=True)
def callback_reached(facts: Snapshot) -> str | None:
    for wish in facts.wishes:
        if wish.kind != "not_before" or not _applies(wish, facts):
            continue
        if wish.not_before is None:
            return "The customer asked to be rung later; when is not known."
        if facts.now < wish.not_before:
            return f"The customer asked not to be rung before {told(wish.not_before, facts)}."
    return None


@rule(INCONVENIENT)
def wish_understood(facts: Snapshot) -> str | None:
    for wish in facts.wishes:
        if wish.kind not in KINDS:
            return f"The customer asked for something that no rule knows ({wish.kind})."
    return None


def _for_number(wish: Wish, facts: Snapshot) -> bool:
    return wish.number in (None, facts.number.value)


def _applies(wish: Wish, facts: Snapshot) -> bool:
    """Whether a wish about times is about the voice on this number."""
    here = not wish.place or facts.number.place == wish.place or _may_be_at(wish.place, facts)
    return wish.channel not in OTHER_CHANNELS and _for_number(wish, facts) and here


def _may_be_at(place: str, facts: Snapshot) -> bool:
    """A mobile is at no place; another line may be, while its place is not known. No place named: it may be this."""
    return not place or (facts.number.place == "" and facts.number.line_type != "mobile")


def _fits(wish: Wish, local: datetime) -> bool:
    if wish.weekdays and local.weekday() not in wish.weekdays:
        return False
    opens, now = wish.time_from or time.min, local.time()
    if wish.time_until is None:
        return opens <= now
    if opens <= wish.time_until:
        return opens <= now < wish.time_until
    return now >= opens or now < wish.time_until


def _place(place: str) -> str:
    return {"work": "work", "home": "home"}.get(place, "a place that is not known")


def _times(wish: Wish) -> str:
    days = " and ".join(day_name[day] for day in wish.weekdays if 0 <= day < len(day_name))
    clock = [
        f"from {wish.time_from:%H:%M}" if wish.time_from else "",
        f"until {wish.time_until:%H:%M}" if wish.time_until else "",
    ]
    return (
        " ".join(each for each in (*clock, f"on {days}" if days else "") if each)
        or "at times that are not known"
    )
