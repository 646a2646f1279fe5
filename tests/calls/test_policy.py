"""May we ring now? The rules at their edges."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.policy import Snapshot, decide

NOON_IN_LONDON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def facts(**changes):
    base = {
        "now": NOON_IN_LONDON,
        "invoice_status": "open",
        "balance_positive": True,
        "number_usable": True,
        "zones": ("Europe/London",),
        "other_live_call": False,
    }
    return Snapshot(**{**base, **changes})


def rules_of(snapshot):
    return [reason.rule for reason in decide(snapshot).reasons]


def test_an_open_invoice_at_noon_may_be_rung_about():
    assert decide(facts()).allowed


@pytest.mark.parametrize("status", ["draft", "paid", "void", "uncollectible"])
def test_an_invoice_that_is_not_open_is_not_rung_about(status):
    assert rules_of(facts(invoice_status=status)) == ["invoice_open"]


def test_an_invoice_with_nothing_left_to_pay_is_not_rung_about():
    assert rules_of(facts(balance_positive=False)) == ["invoice_open"]


def test_a_customer_on_the_phone_is_not_rung_again():
    assert rules_of(facts(other_live_call=True)) == ["no_other_live_call"]


def test_without_a_number_nobody_is_rung():
    assert rules_of(facts(number_usable=False)) == ["number_usable"]


@pytest.mark.parametrize(
    ("local", "allowed"),
    [("08:59", False), ("09:00", True), ("19:59", True), ("20:00", False), ("00:00", False)],
)
@pytest.mark.parametrize(
    "zone", ["America/Los_Angeles", "America/New_York", "Europe/London", "Australia/Sydney"]
)
def test_the_hour_is_the_customers_own(zone, local, allowed):
    hour, minute = map(int, local.split(":"))
    now = datetime(2026, 11, 24, hour, minute, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    assert decide(facts(now=now, zones=(zone,))).allowed is allowed


def test_with_two_candidate_zones_the_hour_must_suit_both():
    eleven_in_new_york = datetime(2026, 11, 24, 11, 0, tzinfo=ZoneInfo("America/New_York"))
    zones = ("America/New_York", "America/Los_Angeles")
    decision = decide(facts(now=eleven_in_new_york, zones=zones))
    assert not decision.allowed
    assert decision.next_allowed_at == eleven_in_new_york + timedelta(hours=1)


@pytest.mark.parametrize("zones", [(), ("Etc/Unknown",), ("Mars/Olympus",), ("../etc/passwd",)])
def test_an_unknown_zone_forbids_and_no_time_lifts_it(zones):
    decision = decide(facts(zones=zones))
    assert [reason.rule for reason in decision.reasons] == ["lawful_hour"]
    assert decision.next_allowed_at is None


def test_every_reason_is_kept():
    at_night = facts(now=datetime(2026, 11, 24, 2, 0, tzinfo=UTC), invoice_status="paid")
    assert rules_of(at_night) == ["invoice_open", "lawful_hour"]
    assert decide(at_night).next_allowed_at is None


zones = st.lists(
    st.sampled_from(
        ["America/Los_Angeles", "America/New_York", "Europe/London", "Asia/Kathmandu", "America/St_Johns"]
    ),
    min_size=1,
    max_size=2,
    unique=True,
).map(tuple)
instants = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)).map(
    lambda at: at.replace(second=0, microsecond=0)
)


@given(instants, zones)
def test_the_next_slot_is_allowed_and_a_minute_before_is_not(now, zones):
    decision = decide(facts(now=now, zones=zones))
    if decision.next_allowed_at is not None:
        assert decision.next_allowed_at > now
        assert decide(facts(now=decision.next_allowed_at, zones=zones)).allowed
        assert not decide(facts(now=decision.next_allowed_at - timedelta(minutes=1), zones=zones)).allowed
