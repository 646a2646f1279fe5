"""Where and when: zones, clocks that change, candidates that disagree, calendar days, and when it opens again."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from calls.policy import decide
from calls.policy.places import whereabouts
from calls.policy.snapshot import Hold, Promise, Wish
from tests.policy.people import PLACES, calls, contact, somebody, there

MINUTE = timedelta(minutes=1)
TALK = {"outcome": "conversation", "invoices": ("1",)}


def zones(facts):
    return {zone.key for zone in whereabouts(facts).zones}


def rules(facts):
    return {reason.rule for reason in decide(facts).reasons}


def opens(facts):
    """When it opens, in the words of the person's own clock; allowed then, and not a minute before."""
    at = decide(facts).next_allowed_at
    if at is None:
        return None
    assert decide(facts.at(at)).allowed
    assert not decide(facts.at(at - MINUTE)).allowed
    return f"{at.astimezone(ZoneInfo(facts.person.time_zone)):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("place", "at"),
    [
        # 08:00 at home in winter and summer; half hours; a zone without summer time.
        ("new york", datetime(2026, 1, 14, 13, 0, tzinfo=UTC)),
        ("new york", datetime(2026, 7, 15, 12, 0, tzinfo=UTC)),
        ("phoenix", datetime(2026, 1, 14, 15, 0, tzinfo=UTC)),
        ("phoenix", datetime(2026, 7, 15, 15, 0, tzinfo=UTC)),
        ("denver", datetime(2026, 7, 15, 14, 0, tzinfo=UTC)),
        ("london", datetime(2026, 1, 14, 8, 0, tzinfo=UTC)),
        ("london", datetime(2026, 7, 15, 7, 0, tzinfo=UTC)),
        # The day the clocks change, spring and autumn.
        ("new york", datetime(2026, 3, 8, 12, 0, tzinfo=UTC)),
        ("new york", datetime(2026, 11, 1, 13, 0, tzinfo=UTC)),
        ("london", datetime(2026, 3, 29, 7, 0, tzinfo=UTC)),
        ("london", datetime(2026, 10, 25, 8, 0, tzinfo=UTC)),
    ],
)
def test_the_first_minute_of_a_lawful_day(place, at):
    assert decide(somebody(place, now=at)).allowed
    assert rules(somebody(place, now=at - MINUTE)) == {"lawful_hour"}


def test_a_number_of_south_and_west_australia_waits_for_the_west():
    """The 08 numbers are of Adelaide, Darwin and Perth."""
    facts = somebody("adelaide", "2026-06-10 07:30")
    assert zones(facts) == {"Australia/Adelaide", "Australia/Darwin", "Australia/Perth"}
    assert opens(facts) == "2026-06-10 09:00"
    assert opens(somebody("darwin", "2026-01-14 07:30")) == "2026-01-14 09:00"
    # In the evening Adelaide closes first, half past the hour of the west and an hour before Darwin in summer.
    assert decide(somebody("adelaide", "2026-01-14 20:59")).allowed
    assert rules(somebody("darwin", "2026-01-14 20:00")) == {"lawful_hour"}


def test_an_australian_mobile_may_be_anywhere_from_the_cocos_islands_to_lord_howe():
    facts = somebody("sydney", "2026-11-25 09:00", number={"value": "+61412345678"})
    assert {"Indian/Cocos", "Australia/Lord_Howe", "Australia/Darwin"} <= zones(facts)
    # 07:30 on the Cocos Islands, UTC+6:30, is noon in Sydney in summer.
    assert opens(facts) == "2026-11-25 12:00"


def test_a_number_of_one_zone_and_an_address_of_another_must_both_fit():
    """Comment 6(b)(1)(i)-2: an Eastern number and a Pacific address leave 11:00 to 21:00 Eastern."""
    eastern = {"value": PLACES["albany"][0]}
    person = {"state": "WA", "city": "Seattle", "postal_code": "98101", "time_zone": "America/Los_Angeles"}

    def at(local):
        return somebody("albany", local, number=eastern, person=person)

    assert rules(at("2026-06-10 10:59")) == {"lawful_hour"}
    assert decide(at("2026-06-10 11:00")).allowed
    assert decide(at("2026-06-10 20:59")).allowed
    assert rules(at("2026-06-10 21:00")) == {"lawful_hour"}


def test_the_stated_zone_counts_too():
    facts = somebody("albany", "2026-06-10 13:00", person={"time_zone": "Pacific/Honolulu"})
    assert rules(facts) == {"lawful_hour"}
    assert opens(facts) == "2026-06-10 08:00"


@pytest.mark.parametrize(
    ("city", "zone", "candidates"),
    [
        ("Window Rock", "America/Denver", {"America/Denver", "America/Phoenix"}),
        ("Phoenix", "America/Phoenix", {"America/Phoenix"}),
        ("Chinle", "America/Phoenix", {"America/Denver", "America/Phoenix"}),
        ("Flagstaff", "America/Chicago", {"America/Chicago", "America/Denver", "America/Phoenix"}),
    ],
)
def test_arizona_keeps_no_summer_time_and_the_navajo_nation_does(city, zone, candidates):
    assert zones(somebody("phoenix", person={"city": city, "time_zone": zone})) == candidates


def test_the_navajo_nation_opens_an_hour_before_phoenix_in_summer_and_the_number_waits():
    nation = {"city": "Kayenta", "time_zone": "America/Denver"}
    fort_defiance = {"value": "+19287290123"}
    summer = somebody("phoenix", "2026-07-15 06:30", person=nation, number=fort_defiance)
    assert opens(summer) == "2026-07-15 09:00"
    assert rules(somebody("phoenix", "2026-07-15 20:00", person=nation, number=fort_defiance)) == {
        "lawful_hour"
    }
    winter = somebody("phoenix", "2026-01-14 06:30", person=nation, number=fort_defiance)
    assert opens(winter) == "2026-01-14 08:00"


def test_a_number_of_a_state_with_two_zones_may_be_in_either():
    """The data of the numbering plan knows one zone for Florida's 850 and for Indiana's 219."""
    pensacola = somebody("miami", number={"value": "+18505550123"}, person={"time_zone": "America/Chicago"})
    assert zones(pensacola) == {"America/New_York", "America/Chicago"}
    gary = somebody("chicago", number={"value": "+12195550123"})
    assert {"America/New_York", "America/Chicago"} <= zones(gary)


def test_plus_one_is_resolved_to_a_country_and_a_state():
    def places(number):
        return {pack.code for pack in whereabouts(somebody("denver", number={"value": number})).packs}

    assert {"US", "US-TX"} <= places("+12145550123")
    assert "CA" in places("+14165550123")
    assert "caribbean" in places("+18765550123")
    assert "US-NYC" in places("+17185551212")
    assert "US-NYC" not in places("+15185550123")


def test_a_conversation_on_the_fourteenth_allows_the_next_call_on_the_twenty_first():
    facts = somebody("denver", "2026-06-14 15:00", contacts=(contact("denver", "2026-06-14 14:00", **TALK),))
    assert opens(facts) == "2026-06-21 08:00"


def test_the_days_of_a_window_are_the_persons_own():
    """22:30 on the 14th in Denver is the 15th in Greenwich."""
    talk = contact("denver", "2026-06-14 22:30", direction="inbound", **TALK)
    assert decide(somebody("denver", "2026-06-21 08:00", contacts=(talk,))).allowed
    sydney = contact("sydney", "2026-06-15 08:00", **TALK)
    assert sydney.at.date() == date(2026, 6, 14)
    assert rules(somebody("sydney", "2026-06-21 12:00", contacts=(sydney,))) == {"after_conversation"}
    assert decide(somebody("sydney", "2026-06-22 12:00", contacts=(sydney,))).allowed


def test_the_eighth_call_waits_until_the_first_leaves_the_window():
    days = [f"2026-06-{day:02}" for day in (4, 5, 6, 7, 8, 9, 10)]
    facts = somebody("denver", "2026-06-10 15:00", contacts=calls("denver", *days))
    assert opens(facts) == "2026-06-11 08:00"


def test_a_window_over_a_change_of_clocks_has_seven_days():
    facts = somebody(
        "new york", "2026-03-05 15:00", contacts=(contact("new york", "2026-03-05 14:00", **TALK),)
    )
    assert opens(facts) == "2026-03-12 08:00"


def test_rules_interlock():
    """A hold ends on Good Friday evening; the holiday, the weekend's hours and a wish come after it."""
    hold = Hold("breathing_space", there("sydney", "2026-02-01 00:00"), there("sydney", "2026-04-03 19:00"))
    facts = somebody("sydney", "2026-03-30 12:00", holds=(hold,))
    assert opens(facts) == "2026-04-04 09:00"
    weekdays = Wish("only_between", time_from=time(17), weekdays=(0, 1, 2, 3, 4))
    # Monday is Easter Monday.
    assert (
        opens(somebody("sydney", "2026-03-30 12:00", holds=(hold,), wishes=(weekdays,))) == "2026-04-07 17:00"
    )
    promised = (Promise("open", date(2026, 4, 7), ("1",)),)
    waiting = somebody("sydney", "2026-03-30 12:00", holds=(hold,), wishes=(weekdays,), promises=promised)
    assert opens(waiting) == "2026-04-08 17:00"


def test_the_latest_end_of_a_reason_is_not_when_all_allow():
    """The window ends at midnight, before the hours open again."""
    facts = somebody("denver", "2026-06-10 22:00", contacts=(contact("denver", "2026-06-05 14:00", **TALK),))
    lifts = {reason.rule: reason.lifts_at for reason in decide(facts).reasons}
    assert lifts == {
        "lawful_hour": there("denver", "2026-06-11 08:00"),
        "after_conversation": there("denver", "2026-06-12 00:00"),
    }
    assert opens(facts) == "2026-06-12 08:00"


def test_a_wish_for_an_hour_that_the_clocks_skip_opens_when_they_jump():
    early = Wish("only_between", time_from=time(2, 30), time_until=time(4))
    facts = somebody("new york", "2026-03-08 00:30", wishes=(early,))
    lifts = {reason.rule: reason.lifts_at for reason in decide(facts).reasons}
    assert lifts["time_welcome"] == there("new york", "2026-03-08 03:00")


def test_a_callback_at_an_odd_second():
    moment = there("denver", "2026-06-10 15:00") + timedelta(seconds=17)
    facts = somebody("denver", wishes=(Wish("not_before", not_before=moment),))
    assert decide(facts).next_allowed_at == moment


@pytest.mark.parametrize(
    "changes",
    [
        {"house": {"kill_switch": True}},
        {"wishes": (Wish("only_by", channel="email"),)},
        {"holds": (Hold("deceased", datetime(2026, 1, 1, tzinfo=UTC)),)},
        {"wishes": (Wish("only_between", time_from=time(22)),)},
        {"holds": (Hold("manual", datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 9, 1, tzinfo=UTC)),)},
    ],
)
def test_what_time_does_not_lift_within_forty_days_has_no_next_slot(changes):
    facts = somebody("denver", **changes)
    assert not decide(facts).allowed
    assert decide(facts).next_allowed_at is None


def test_an_allowed_call_has_no_next_slot():
    assert decide(somebody("denver")).next_allowed_at is None
