"""When whom nobody reached is rung again, whatever the house's hours, the zone and the last call's hour."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from calls.policy import Snapshot, decide
from calls.policy import snapshot as facts_of
from calls.retry_slots import APART, retry_slot

# Where number and address agree on the clock: country, zone, number.
PLACES = [
    ("GB", "Europe/London", "+442079460107"),
    ("AU", "Australia/Sydney", "+61255505000"),
    ("US", "America/New_York", "+12125550100"),
    ("US", "America/Los_Angeles", "+12135550100"),
]
DAYS = st.dates(date(2026, 1, 5), date(2026, 12, 20))
SPREAD = st.floats(0, 1, exclude_max=True)


@st.composite
def unanswered(draw, narrow=False):
    """Facts just after calls that nobody answered, those calls, and the zone."""
    country, name, number = draw(st.sampled_from(PLACES))
    zone = ZoneInfo(name)
    first = draw(st.integers(9 * 60, 16 * 60))
    last = first + (45 if narrow else draw(st.integers(180, 19 * 60 - first)))
    house = facts_of.House(
        legal_name="Moonlight Supplies Limited",
        hours_from=clock(first),
        hours_until=clock(last),
        countries=("GB", "AU", "US"),
        days_between=draw(st.integers(0, 3)),
        keeps_holidays=draw(st.booleans()),
    )
    day = draw(DAYS)
    minutes = st.integers(first, last - 1)
    count = draw(st.integers(1, 2))
    tried = [
        datetime.combine(day + timedelta(days=each), clock(draw(minutes)), tzinfo=zone).astimezone(UTC)
        for each in range(count)
    ]
    state = {"America/New_York": "NY", "America/Los_Angeles": "CA"}.get(name, "")
    person = facts_of.Person(kind="business", country=country, time_zone=name, state=state)
    facts = Snapshot(
        now=tried[-1] + timedelta(minutes=1),
        house=house,
        invoices=(),
        person=person,
        number=facts_of.Number(value=number, line_type="landline"),
        consents=(
            facts_of.Consent(
                channel="voice", act="given", basis="written", captured_at=tried[0] - timedelta(days=1)
            ),
        ),
        contacts=tuple(facts_of.Contact(at=at, direction="outbound") for at in tried),
    )
    return facts, tried, zone


def clock(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)


def minutes(at: time) -> int:
    return at.hour * 60 + at.minute


@settings(deadline=None, max_examples=40)
@given(unanswered(), st.integers(1, 31), SPREAD)
def test_another_hour_of_another_day_within_the_allowed_hours(case, after_days, spread):
    facts, tried, zone = case
    slot = retry_slot(facts, tried=tried, zone=zone, after_days=after_days, spread=spread)
    assert slot is not None and slot.utcoffset() == timedelta(0)
    then, last = slot.astimezone(zone), tried[-1].astimezone(zone)
    assert (then.date() - last.date()).days >= after_days
    assert facts.house.hours_from <= then.time() < facts.house.hours_until
    assert abs(minutes(then.time()) - minutes(last.time())) >= APART // timedelta(minutes=1)
    timed = {"lawful_hour", "lawful_day", "house_hours", "house_holiday", "days_between", "place_cap"}
    assert not timed & {reason.rule for reason in decide(facts.at(slot)).forbidding}


@settings(deadline=None, max_examples=20)
@given(unanswered(narrow=True), st.integers(1, 5), SPREAD)
def test_a_house_that_rings_for_less_than_an_hour_rings_within_it_all_the_same(case, after_days, spread):
    facts, tried, zone = case
    slot = retry_slot(facts, tried=tried, zone=zone, after_days=after_days, spread=spread)
    assert slot is not None
    assert facts.house.hours_from <= slot.astimezone(zone).time() < facts.house.hours_until


def test_an_hour_that_two_zones_share_is_found():
    """In Perth, with a number of the east: ten to one in the house's hours, on both clocks, is all there is."""
    zone = ZoneInfo("Australia/Perth")
    tried = [datetime(2026, 6, 2, 3, 30, tzinfo=UTC)]
    facts = Snapshot(
        now=tried[0],
        house=facts_of.House(legal_name="M", countries=("AU",), hours_from=time(9), hours_until=time(13)),
        invoices=(),
        person=facts_of.Person(kind="business", country="AU", time_zone=zone.key),
        number=facts_of.Number(value="+61255505000", line_type="landline"),
    )
    slot = retry_slot(facts, tried=tried, zone=zone, after_days=1, spread=0.9)
    assert slot is not None
    for name in ("Australia/Perth", "Australia/Sydney"):
        assert time(9) <= slot.astimezone(ZoneInfo(name)).time() < time(13)


def test_three_calls_in_a_row_are_made_in_three_parts_of_the_day():
    zone = ZoneInfo("Europe/London")
    tried = [datetime(2026, 11, 24, 9, 30, tzinfo=UTC)]
    for _ in range(2):
        facts = Snapshot(
            now=tried[-1] + timedelta(minutes=1),
            house=facts_of.House(legal_name="M", countries=("GB",)),
            invoices=(),
            person=facts_of.Person(kind="business", country="GB", time_zone="Europe/London"),
            number=facts_of.Number(value="+442079460107"),
        )
        slot = retry_slot(facts, tried=tried, zone=zone, after_days=1, spread=0.5)
        assert slot is not None
        tried.append(slot)
    # The house's day is 09:00 to 20:00.
    assert [at.hour * 60 + at.minute for at in tried] == [570, 870, 1090]
