"""What the rest of the product relies on: facts as JSON, overrides, words for people, and purity."""

import json
import subprocess
import sys
import tomllib
from datetime import date, time
from random import Random

import pytest

from calls.policy import OVERRIDABLE, Snapshot, decide, place_pack
from calls.policy.holidays import easter, holidays_of
from calls.policy.packs import DATA, atlas
from calls.policy.rules import RULES
from tests.policy import cases
from tests.policy.people import calls, somebody

LEGAL = {
    "lawful_hour", "lawful_day", "workplace_hours", "consent_given", "not_opted_out", "place_open", "place_supported",
    "owner_confirmed", "debt_calls", "after_conversation", "place_cap", "registered_name", "kill_switch",
    "something_undisputed", "time_welcome", "callback_reached", "number_theirs", "hold_unknown",
    *(rule.id for rule in RULES if rule.id.startswith("hold_")),
}  # fmt: skip


def test_facts_survive_their_json():
    random = Random(5)
    for _ in range(200):
        facts = Snapshot.from_json(cases.make(random))
        stored = json.loads(json.dumps(facts.as_json()))
        assert Snapshot.from_json(stored) == facts
        assert decide(Snapshot.from_json(stored)).forbidding == decide(facts).forbidding


def test_stored_facts_carry_more_than_the_facts():
    decision = decide(somebody("phoenix"))
    stored = {**decision.facts.as_json(), **decision.considered}
    assert stored["zones"] == ["America/Phoenix"]
    assert stored["local_times"] == ["2026-06-10T12:00:00-07:00"]
    assert stored["places"] == ["US", "US-AZ"]
    assert Snapshot.from_json(json.loads(json.dumps(stored))) == decision.facts


def test_the_law_can_not_be_overridden():
    assert not LEGAL & OVERRIDABLE
    for rule in LEGAL:
        with pytest.raises(ValueError, match=rule):
            decide(somebody(), frozenset({rule}))


def test_an_overridden_house_rule_is_listed_and_no_longer_forbids():
    facts = somebody("denver", house={"days_between": 3}, contacts=calls("denver", "2026-06-09"))
    assert [reason.rule for reason in decide(facts).reasons] == ["days_between"]
    decision = decide(facts, frozenset({"days_between", "promise_due"}))
    assert decision.allowed
    assert [reason.rule for reason in decision.overridden] == ["days_between"]


def test_what_is_set_aside_stays_aside_when_it_opens():
    facts = somebody("denver", "2026-06-10 22:00", house={"hours_from": time(11), "hours_until": time(12)})
    opens = decide(facts).next_allowed_at
    earlier = decide(facts, frozenset({"house_hours"})).next_allowed_at
    assert opens is not None and earlier is not None
    assert (opens - earlier).total_seconds() == 3 * 3600


def test_a_house_can_not_be_looser_than_the_law():
    """Hours around the clock and no caps: the law's own remain."""
    facts = somebody("denver", "2026-06-10 22:00", contacts=calls("denver", *["2026-06-10"] * 7))
    assert {reason.rule for reason in decide(facts).reasons} == {"lawful_hour", "debt_calls"}


def test_a_customer_page_says_what_applies_and_what_it_demands():
    packs = {pack.name: pack for pack in place_pack(somebody("new york"))}
    assert set(packs) == {"United States", "New York", "New York City"}
    assert packs["New York City"].standing == "unverified"
    assert "At most 2 contacts of any kind about one debt in 7 days." in packs["New York City"].demands
    assert "Calls from 08:00 to 21:00, where the customer is." in packs["United States"].demands


def test_a_customer_page_says_what_is_blocked_and_what_is_not_supported():
    boston = {pack.name: pack for pack in place_pack(somebody("boston"))}
    assert boston["Massachusetts"].blocked.startswith("No person is rung in Massachusetts: ")
    texas = {pack.name: pack for pack in place_pack(somebody("austin"))}
    assert any("permit" in demand for demand in texas["Texas"].demands)
    assert place_pack(somebody("sao paulo"))[0].name == "Not supported"


def test_every_pack_has_a_source_and_a_standing():
    written = tomllib.loads(DATA.read_text(encoding="utf-8"))["packs"]
    assert set(written) == set(atlas().packs)
    for pack in atlas().packs.values():
        assert pack.source and pack.standing in {"verified", "unverified"}
        assert pack.hours or pack.within or pack.blocked
        assert all(cap.source for cap in pack.caps)


def test_holidays_are_on_their_days():
    assert [easter(year) for year in (2026, 2027, 2028)] == [
        date(2026, 4, 5),
        date(2027, 3, 28),
        date(2028, 4, 16),
    ]
    british = atlas().packs["GB"]
    assert sorted(holidays_of(2027, british.holidays, british.observed))[-4:] == [
        date(2027, 12, 25),
        date(2027, 12, 26),
        date(2027, 12, 27),
        date(2027, 12, 28),
    ]


def test_the_policy_is_pure():
    """Neither Django nor a model is loaded with it."""
    look = "import sys, calls.policy; print({name.split('.')[0] for name in sys.modules} & {'django', 'invoices'})"
    done = subprocess.run(
        [sys.executable, "-c", look], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "set()"
