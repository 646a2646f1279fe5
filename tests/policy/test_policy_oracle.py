"""The rules against the oracle, and wrong rules that the comparison has to catch."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from calls.policy import calendar, consent, decision, places
from calls.policy.packs import Hours, Pack
from calls.policy.rules import agreements, frequency, hours, number
from calls.policy.snapshot import Contact
from tests.policy import agree


@pytest.fixture(scope="module")
def asked():
    return list(agree.questions(2000))


@pytest.fixture
def fresh():
    """Nothing that is remembered survives a wrong rule."""
    remembered = places._resolve
    remembered.cache_clear()
    yield
    remembered.cache_clear()


def test_two_thousand_decisions_agree(asked):
    tally = agree.decisions(asked)
    assert tally.differences == []
    assert 400 < tally.allowed < 1600
    assert len(tally.objections) > 40


def test_three_hundred_openings_agree(asked):
    tally = agree.openings(asked, 300)
    assert tally.differences == []
    assert tally.count == 300
    assert tally.opened > 150


def nine_in_the_evening_is_in(patch):
    patch.setattr(Hours, "hold", lambda self, local: self.opens <= local.replace(second=0) <= self.until)


def eight_calls(patch):
    patch.setattr(frequency, "FEDERAL_CALLS", 8)


def the_day_of_the_conversation_is_day_zero(patch):
    patch.setattr(frequency, "AFTER_CONVERSATION_DAYS", 8)


def six_days_after_a_conversation(patch):
    patch.setattr(frequency, "AFTER_CONVERSATION_DAYS", 6)


def greenwich_for_everybody(patch):
    patch.setattr(calendar, "local", lambda at, zone: at)


def only_the_first_zone(patch):
    resolve = places._resolve
    patch.setattr(
        places, "_resolve", lambda *facts: replace(resolve(*facts), zones=resolve(*facts).zones[:1])
    )


def no_summer_time(patch):
    def local(at: datetime, zone: ZoneInfo) -> datetime:
        offset = at.replace(month=1, day=15).astimezone(zone).utcoffset()
        return at + offset if offset else at

    patch.setattr(calendar, "local", local)


def _counts(contact):
    return contact.reached_network and not contact.misdirected


def inbound_does_not_count(patch):
    patch.setattr(Contact, "counts", property(lambda self: _counts(self) and self.direction == "outbound"))


def misdirected_calls_count(patch):
    patch.setattr(Contact, "counts", property(lambda self: self.reached_network))


def seven_times_24_hours(patch):
    patch.setattr(calendar, "days_since", lambda then, now, zone: (now - then).days)


def the_address_does_not_matter(patch):
    patch.setattr(places, "_of_address", lambda person: places.Candidate())


def a_callback_may_be_used_twice(patch):
    patch.setattr(consent, "_talked_since", lambda facts, at: False)


def stop_is_not_heard(patch):
    patch.setattr(number, "opted_out", lambda facts: False)


def weekends_are_like_weekdays(patch):
    patch.setattr(hours, "_open", lambda local, pack: pack.hours is None or pack.hours.hold(local.time()))


def no_day_in_place_of_a_holiday_at_a_weekend(patch):
    is_holiday = Pack.is_holiday
    patch.setattr(Pack, "is_holiday", lambda self, day: is_holiday(replace(self, observed="never"), day))
    patch.setattr("calls.policy.holidays._kept_on", lambda day, taken, observed: day)


def the_day_of_a_promise_is_not_waited_for(patch):
    patch.setattr(
        agreements,
        "_over",
        lambda facts, day: all(
            calendar.day(facts.now, zone) >= day for zone in places.whereabouts(facts).zones
        ),
    )


def the_navajo_nation_is_arizona(patch):
    patch.setattr(places, "_zones_in_state", lambda state, person: places._narrowed(state.zones, person)[:1])


WRONG = [
    nine_in_the_evening_is_in,
    eight_calls,
    the_day_of_the_conversation_is_day_zero,
    six_days_after_a_conversation,
    greenwich_for_everybody,
    only_the_first_zone,
    no_summer_time,
    inbound_does_not_count,
    misdirected_calls_count,
    seven_times_24_hours,
    the_address_does_not_matter,
    a_callback_may_be_used_twice,
    stop_is_not_heard,
    weekends_are_like_weekdays,
    no_day_in_place_of_a_holiday_at_a_weekend,
    the_day_of_a_promise_is_not_waited_for,
    the_navajo_nation_is_arizona,
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.__name__)
def test_a_wrong_rule_is_caught(asked, fresh, monkeypatch, wrong):
    wrong(monkeypatch)
    assert agree.decisions(asked, to_the_end=False).differences


def latest_end(self):
    """The search replaced by the latest of the reasons' own ends."""
    lifts = [reason.lifts_at for reason in self.reasons]
    return None if None in lifts else max(lifts, default=None)


def test_a_wrong_search_is_caught(asked, fresh, monkeypatch):
    monkeypatch.setattr(decision.Decision, "next_allowed_at", property(latest_end))
    assert agree.openings(asked, 300, to_the_end=False).differences
