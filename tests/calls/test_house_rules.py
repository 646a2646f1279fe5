"""The house's rules: what each may be, who set it, and that calls keep to them."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import ValidationError

from calls.house import (
    calls_stopped,
    house_facts,
    house_rules_change,
    kill_switch_set,
    legal_name,
    models_budget_spent,
    spent_on_day_of,
)
from calls.models import Call, HouseRules
from calls.placing import call_place
from calls.policy.packs import atlas
from calls.policy.snapshot import House
from calls.services import call_request
from invoices.models import Event
from tests.factories import CallFactory, InvoiceFactory

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def change(**changes):
    return house_rules_change(source="staff", actor=None, reason="Because", **changes)


def rules_of(call):
    return [reason["rule"] for reason in call.decisions.first().reasons]


def test_the_demo_begins_with_one_row_that_lets_calls_pass():
    assert HouseRules.objects.get().pk == 1
    assert house_facts(NOON) == House(
        legal_name="Moonlight Supplies Limited",
        countries=("US", "GB", "AU"),
        keeps_holidays=True,
        days_between=0,
        hours_from=time(9),
        hours_until=time(20),
        calls_per_person=3,
        most_attempts=10,
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("hours_from", "07:59"),
        ("hours_from", "20:00"),
        ("hours_from", "noon"),
        ("hours_from", time(9, 0, 1)),
        ("hours_until", "21:01"),
        ("hours_until", "09:00"),
        ("calls_per_person", 0),
        ("calls_per_person", 8),
        ("calls_per_person", "x"),
        ("days_between", -1),
        ("days_between", 32),
        ("most_attempts", 0),
        ("most_attempts", 51),
        ("tolerance", "-0.01"),
        ("tolerance", "NaN"),
        ("tolerance", "1e400"),
        ("tolerance", "0.00001"),
        ("countries", ["US", "XX"]),
        ("countries", ["CA"]),
        ("countries", ["DE"]),
        ("mode", "friend"),
        ("legal_name", "x" * 201),
        ("legal_name", "a\0"),
        ("holidays", ["2026-12-25", "Christmas"]),
        ("holidays", ["2026-02-30"]),
        ("keeps_holidays", "maybe"),
        ("daily_budget", "-1"),
        ("daily_budget", "Infinity"),
        ("daily_budget", "1.001"),
        ("budget_currency", "XQZ"),
        ("cost_per_minute", "-1"),
        ("confirmations", {"texas_permit": "x" * 101}),
        ("confirmations", {"moon_permit": "1"}),
    ],
)
def test_a_rule_that_cannot_be_is_refused_at_its_field_and_nothing_is_written(field, value):
    with pytest.raises(ValidationError) as refused:
        change(most_attempts=5, **{field: value}) if field != "most_attempts" else change(**{field: value})
    given = {"hours_from": "hours_until"} if value == "20:00" else {}
    (at,) = refused.value.message_dict
    assert at == (next(iter(value)) if isinstance(value, dict) else given.get(field, field))
    assert HouseRules.objects.get().most_attempts == 10
    assert not Event.objects.filter(object_type="house_rules").exists()


def test_all_refusals_are_told_at_once():
    with pytest.raises(ValidationError) as refused:
        change(hours_from="06:00", calls_per_person=9)
    assert set(refused.value.message_dict) == {"hours_from", "calls_per_person"}


@pytest.mark.parametrize(
    "changes",
    [
        {"hours_from": time(8), "hours_until": time(21)},
        {"calls_per_person": 7, "days_between": 31, "most_attempts": 50},
        {"calls_per_person": 1, "days_between": 1, "most_attempts": 1},
        {"countries": []},
        {"countries": ["GB"], "mode": "third_party", "tolerance": Decimal("5.25")},
        {"holidays": [date(2026, 12, 26), "2026-12-25", "2026-12-25"], "keeps_holidays": True},
        {"daily_budget": 0},
        {"daily_budget": "12.50", "cost_per_minute": "0.2", "budget_currency": "GBP"},
    ],
)
def test_every_limit_itself_may_be_set(changes):
    rules = change(**changes)
    rules.refresh_from_db()
    assert house_facts(NOON).hours_from == rules.hours_from
    assert Event.objects.get(object_type="house_rules").kind == "house_rules_changed"


def test_the_widest_house_hours_lie_within_the_federal_ones():
    change(hours_from="08:00", hours_until="21:00")
    federal = atlas().packs["US"].hours
    assert federal is not None
    house = house_facts(NOON)
    assert federal.opens <= house.hours_from and house.hours_until <= federal.until


def test_house_hours_wider_than_a_places_law_open_nothing_there():
    change(hours_from="08:00", hours_until="21:00")
    with time_machine.travel(datetime(2026, 11, 24, 20, 58, tzinfo=UTC)):
        call = call_request(
            invoice=InvoiceFactory.create(customer__country="AU", customer__time_zone="Europe/London"),
            requested_by=None,
        )
    assert call.status == "blocked" and "lawful_hour" in rules_of(call)


def test_a_change_leaves_one_event_with_before_and_after(collector):
    house_rules_change(
        source="staff",
        actor=collector,
        reason="New year",
        hours_from="10:00",
        calls_per_person=3,
        confirmations={"texas_permit": " 23-0042 "},
        holidays=["2026-12-25"],
    )
    event = Event.objects.get(object_type="house_rules")
    assert (event.kind, event.actor, event.source, event.reason) == (
        "house_rules_changed",
        collector,
        "staff",
        "New year",
    )
    assert event.before == {"hours_from": "09:00", "holidays": [], "texas_permit": None}
    assert event.after == {"hours_from": "10:00", "holidays": ["2026-12-25"], "texas_permit": "23-0042"}
    assert house_facts(NOON).confirmations == {"texas_permit": "23-0042"}


def test_a_confirmation_is_taken_back_by_empty_text():
    change(confirmations={"texas_permit": "23-0042"})
    change(confirmations={"texas_permit": ""})
    assert house_facts(NOON).confirmations == {}


def test_what_changes_nothing_writes_nothing():
    change(hours_from="09:00", tolerance="0.00", countries=["AU", "GB", "US"])
    assert not Event.objects.filter(object_type="house_rules").exists()


@pytest.mark.parametrize("reason", ["", "  ", "x" * 301])
def test_a_change_and_the_switch_need_a_reason(reason):
    for act in (
        lambda: house_rules_change(source="staff", actor=None, reason=reason, days_between=2),
        lambda: kill_switch_set(on=True, source="staff", actor=None, reason=reason),
    ):
        with pytest.raises(ValidationError) as refused:
            act()
        assert set(refused.value.message_dict) == {"reason"}
    assert house_facts(NOON).days_between == 0 and calls_stopped() is None


@pytest.mark.parametrize("name", ["kill_switch", "id", "kill_switch_by"])
def test_the_switch_is_not_a_rule_among_others(name):
    with pytest.raises(TypeError):
        change(**{name: 1})


def test_the_legal_name_of_the_house_goes_before_the_settings():
    assert legal_name() == "Moonlight Supplies Limited"
    change(legal_name="Moonlight Lamps plc")
    assert legal_name() == house_facts(NOON).legal_name == "Moonlight Lamps plc"


def test_without_the_row_the_defaults_hold_and_a_change_makes_it():
    HouseRules.objects.all().delete()
    assert house_facts(NOON).calls_per_person == 3
    change(calls_per_person=2)
    assert HouseRules.objects.get().calls_per_person == 2


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"hours_from": "13:00"}, "house_hours"),
        ({"holidays": ["2026-11-24"]}, "house_holiday"),
        ({"countries": ["US"]}, "country_served"),
        ({"tolerance": "120.50"}, "above_tolerance"),
        ({"daily_budget": "0"}, "budget_left"),
    ],
)
def test_a_request_keeps_to_what_was_set(invoice, noon, changes, rule):
    change(**changes)
    call = call_request(invoice=invoice, requested_by=None)
    assert (call.status, rules_of(call)) == ("blocked", [rule])


def test_the_switch_is_turned_once_and_keeps_who_and_why(collector, viewer, noon):
    assert kill_switch_set(on=True, reason="Complaints", source="staff", actor=collector)
    assert not kill_switch_set(on=True, reason="Me too", source="staff", actor=viewer)
    stopped = calls_stopped()
    assert stopped is not None
    assert (stopped["reason"], stopped["by"]) == ("Complaints", "collector")
    assert abs(stopped["since"] - noon) < timedelta(seconds=5)
    assert kill_switch_set(on=False, reason="Sorted", source="staff", actor=viewer)
    assert not kill_switch_set(on=False, reason="Sorted", source="staff", actor=viewer)
    assert calls_stopped() is None
    events = Event.objects.filter(object_type="house_rules").order_by("id")
    assert [(event.kind, event.actor, event.reason) for event in events] == [
        ("kill_switch_on", collector, "Complaints"),
        ("kill_switch_off", viewer, "Sorted"),
    ]


def test_while_the_switch_is_on_a_request_is_blocked_with_a_reason_in_words(invoice, noon):
    kill_switch_set(on=True, reason="Complaints", source="staff", actor=None)
    call = call_request(invoice=invoice, requested_by=None)
    assert (call.status, rules_of(call)) == ("blocked", ["kill_switch"])
    assert call.decisions.get().reasons[0]["text"] == "All calls are switched off."


def test_a_queued_call_is_blocked_at_dialling(call):
    kill_switch_set(on=True, reason="Complaints", source="staff", actor=None)
    call_place(call_id=call.pk)
    call.refresh_from_db()
    assert (call.status, call.disposition) == ("blocked", "blocked_by_policy")
    assert not call.decisions.get(moment="dial").allowed


@pytest.mark.parametrize(
    "act",
    [
        lambda: kill_switch_set(on=True, reason="Complaints", source="staff", actor=None),
        lambda: change(hours_from="13:00"),
    ],
    ids=["the switch", "a rule"],
)
def test_what_rings_is_asked_about_again_at_once(act, call, monkeypatch, django_capture_on_commit_callbacks):
    asked: list[str] = []
    monkeypatch.setattr("calls.tasks.recheck_call.delay", asked.append)
    Call.objects.filter(pk=call.pk).update(status="ringing")
    with django_capture_on_commit_callbacks(execute=True):
        act()
    assert asked == [str(call.pk)]


def talked(minutes, *, at=NOON, **fields):
    ended = None if minutes is None else at + timedelta(minutes=minutes)
    status = "in_progress" if minutes is None else "completed"
    return CallFactory.create(status=status, answered_at=at, ended_at=ended, **fields)


def test_each_begun_minute_of_todays_real_calls_counts():
    talked(2.5, at=NOON - timedelta(hours=3))
    talked(0, at=NOON - timedelta(hours=2))
    talked(None, at=NOON - timedelta(seconds=61))
    talked(9, at=NOON - timedelta(hours=1), is_test=True)
    talked(9, at=NOON - timedelta(days=1))
    CallFactory.create(status="no_answer", ended_at=NOON)
    assert spent_on_day_of(NOON, cost_per_minute=Decimal("0.5")) == Decimal(3)


def test_a_spent_budget_blocks_and_the_next_day_opens(invoice, noon):
    change(daily_budget="0.60", cost_per_minute="0.20")
    talked(2, at=NOON - timedelta(minutes=30))
    assert not house_facts(NOON).budget_spent
    talked(1, at=NOON - timedelta(minutes=10))
    assert house_facts(NOON).budget_spent
    call = call_request(invoice=invoice, requested_by=None)
    assert (call.status, rules_of(call)) == ("blocked", ["budget_left"])
    assert call.decisions.get().reasons[0]["text"] == "Today's budget for calls is spent."
    with time_machine.travel(NOON + timedelta(days=1)):
        assert call_request(invoice=invoice, requested_by=None).status == "requested"


def test_a_queued_call_finds_the_budget_spent_at_dialling(call):
    change(daily_budget="0.20", cost_per_minute="0.20")
    talked(1, at=NOON - timedelta(minutes=10))
    call_place(call_id=call.pk)
    call.refresh_from_db()
    assert call.status == "blocked"


def test_a_budget_needs_to_know_what_a_minute_costs():
    with pytest.raises(ValidationError) as refused:
        change(daily_budget="5", cost_per_minute="0")
    assert set(refused.value.message_dict) == {"cost_per_minute"}


def test_the_models_budget_counts_the_minutes_that_the_agent_was_connected():
    change(models_budget="0.60", models_cost_per_minute="0.10")
    hour = NOON - timedelta(hours=1)
    talked(2.5, at=hour, stream_opened_at=hour, stream_closed_at=hour + timedelta(minutes=2.5))
    talked(None, at=hour, stream_opened_at=NOON - timedelta(seconds=61))
    talked(30, at=hour)
    talked(30, at=hour, stream_opened_at=hour, is_test=True)
    talked(30, at=NOON - timedelta(days=1), stream_opened_at=NOON - timedelta(days=1))
    assert not models_budget_spent(NOON)
    talked(0, at=hour, stream_opened_at=hour, stream_closed_at=hour)
    assert models_budget_spent(NOON)
    assert not models_budget_spent(NOON + timedelta(days=1))


def test_a_spent_models_budget_forbids_no_call(invoice, noon):
    change(models_budget="0")
    assert not house_facts(NOON).budget_spent
    assert call_request(invoice=invoice, requested_by=None).status == "requested"


def test_a_models_budget_needs_to_know_what_a_minute_costs():
    with pytest.raises(ValidationError) as refused:
        change(models_budget="5", models_cost_per_minute="0")
    assert set(refused.value.message_dict) == {"models_cost_per_minute"}
