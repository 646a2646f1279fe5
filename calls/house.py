"""The house's rules: what staff have set for all calls, the switch that stops them, and the day's budgets.

Written here alone, each change with one event. What is set can only be stricter than the law, whose rules stand beside
these and are asked every time.
"""

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from calls.house_fields import CLEANERS, confirmations_at
from calls.models import Call, HouseRules
from calls.policy import snapshot as facts
from invoices.events import event_record
from invoices.fields import text_at
from invoices.money import minor_units

OBJECT_TYPE = "house_rules"
WHY_LONGEST = 300


def house_rules() -> HouseRules:
    """The row as it is; the defaults where there is none."""
    return HouseRules.objects.filter(pk=HouseRules.ONLY).first() or HouseRules()


def house_facts(now: datetime, *, ignoring: Call | None = None) -> facts.House:
    """What the policy looks at, the day's spending as of `now` without the call that is asking."""
    rules = house_rules()
    return facts.House(
        legal_name=_name_of(rules),
        mode=rules.mode,
        hours_from=rules.hours_from,
        hours_until=rules.hours_until,
        keeps_holidays=rules.keeps_holidays,
        holidays=tuple(date.fromisoformat(day) for day in rules.holidays),
        calls_per_person=rules.calls_per_person,
        days_between=rules.days_between,
        most_attempts=rules.most_attempts,
        tolerance=rules.tolerance,
        countries=tuple(rules.countries),
        confirmations=rules.confirmations,
        kill_switch=rules.kill_switch,
        budget_spent=_budget_spent(rules, now, ignoring),
    )


def legal_name() -> str:
    """The registered name that calls are made in; empty when none is set."""
    return _name_of(house_rules())


def _name_of(rules: HouseRules) -> str:
    return rules.legal_name or settings.BUSINESS_LEGAL_NAME


def _budget_spent(rules: HouseRules, now: datetime, ignoring: Call | None) -> bool:
    if rules.daily_budget is None:
        return False
    spent = spent_on_day_of(now, cost_per_minute=rules.cost_per_minute, ignoring=ignoring)
    return spent >= rules.daily_budget


def spent_on_day_of(now: datetime, *, cost_per_minute: Decimal, ignoring: Call | None = None) -> Decimal:
    """What the calls answered on that UTC day cost until `now`, by the estimate: each begun minute counts.

    Calls to the test number are left out.
    """
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    talks = Call.objects.filter(is_test=False, answered_at__gte=midnight, answered_at__lte=now)
    if ignoring is not None:
        talks = talks.exclude(pk=ignoring.pk)
    return _minutes(talks.values_list("answered_at", "ended_at"), now) * cost_per_minute


def models_budget_spent(now: datetime) -> bool:
    """Whether the voice models have cost what they may on that UTC day. Counted like the budget for calls, over the
    time that the agent was connected to the phone."""
    rules = house_rules()
    if rules.models_budget is None:
        return False
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    talks = Call.objects.filter(is_test=False, stream_opened_at__gte=midnight, stream_opened_at__lte=now)
    minutes = _minutes(talks.values_list("stream_opened_at", "stream_closed_at"), now)
    return minutes * rules.models_cost_per_minute >= rules.models_budget


def _minutes(times: Iterable[tuple[datetime | None, datetime | None]], now: datetime) -> int:
    """Begun minutes from each start to its end, until `now` where there is none yet."""
    return sum(_begun_minutes(start, min(end or now, now)) for start, end in times if start)


def _begun_minutes(start: datetime, end: datetime) -> int:
    return max(1, math.ceil((end - start).total_seconds() / 60))


@transaction.atomic
def house_rules_change(*, source: str, actor: User | None, reason: str, **changes: Any) -> HouseRules:
    """Set the rules that `changes` name; the others stay. Nothing different: nothing written.

    Names are the fields of HouseRules (the switch's excepted); `confirmations` maps each name that a place demands to
    what the owner says, empty text taking it back. Raises ValidationError keyed by field, a confirmation's by its own
    name.
    """
    if unknown := set(changes) - {*CLEANERS, "confirmations"}:
        raise TypeError(f"no rules of the house: {sorted(unknown)}")
    why = text_at("reason", reason, longest=WHY_LONGEST, required=True)
    HouseRules.objects.get_or_create(pk=HouseRules.ONLY)
    rules = HouseRules.objects.select_for_update().get(pk=HouseRules.ONLY)
    before = _written(rules)
    for name, value in _cleaned(changes, rules.confirmations).items():
        setattr(rules, name, value)
    _check_together(rules)
    after = _written(rules)
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    if not names:
        return rules
    rules.save(update_fields=list(changes))
    event_record(
        object_type=OBJECT_TYPE,
        object_id=rules.pk,
        kind="house_rules_changed",
        source=source,
        actor=actor,
        before={name: before.get(name) for name in names},
        after={name: after.get(name) for name in names},
        reason=why,
    )
    return rules


def _cleaned(changes: Mapping[str, Any], confirmed: Mapping[str, str]) -> dict[str, Any]:
    """What the columns will hold. All refusals are raised at once."""
    values: dict[str, Any] = {}
    errors: dict[str, Any] = {}
    for name, value in changes.items():
        try:
            if name == "confirmations":
                values[name] = confirmations_at(value, confirmed)
            else:
                values[name] = CLEANERS[name](name, value)
        except ValidationError as error:
            errors |= error.message_dict
    if errors:
        raise ValidationError(errors)
    return values


def _check_together(rules: HouseRules) -> None:
    if rules.hours_from >= rules.hours_until:
        raise ValidationError({"hours_until": "It has to be later than the first hour."})
    if rules.transfer_from >= rules.transfer_until:
        raise ValidationError({"transfer_until": "It has to be later than the first hour."})
    _check_budget(rules, "daily_budget", "cost_per_minute")
    _check_budget(rules, "models_budget", "models_cost_per_minute")


def _check_budget(rules: HouseRules, name: str, cost: str) -> None:
    budget: Decimal | None = getattr(rules, name)
    if budget is None:
        return
    if getattr(rules, cost) <= 0:
        raise ValidationError({cost: "With a budget, say what a minute costs."})
    decimals = minor_units(rules.budget_currency)
    if budget != round(budget, decimals):
        raise ValidationError({name: f"{rules.budget_currency} amounts have {decimals} decimals at most."})


def _written(rules: HouseRules) -> dict[str, Any]:
    """The rules as JSON values, each confirmation and each opening line under its own name."""
    written = {name: _as_json(getattr(rules, name)) for name in CLEANERS if name != "opening_lines"}
    lines = {f"opening_line_{code}": text for code, text in rules.opening_lines.items()}
    return {**written, **lines, **rules.confirmations}


def _as_json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value if value is None or isinstance(value, bool | int | str | list) else f"{value:%H:%M}"


@transaction.atomic
def kill_switch_set(*, on: bool, reason: str, source: str, actor: User | None) -> bool:
    """Stop all calls, or allow them again. True if this caller did; False if it was so already.

    Whoever stopped them first, and why, stays. Raises ValidationError without a reason.
    """
    why = text_at("reason", reason, longest=WHY_LONGEST, required=True)
    HouseRules.objects.get_or_create(pk=HouseRules.ONLY)
    changed = HouseRules.objects.filter(pk=HouseRules.ONLY, kill_switch=not on).update(
        kill_switch=on,
        kill_switch_reason=why if on else "",
        kill_switch_since=timezone.now() if on else None,
        kill_switch_by=actor if on else None,
    )
    if not changed:
        return False
    event_record(
        object_type=OBJECT_TYPE,
        object_id=HouseRules.ONLY,
        kind="kill_switch_on" if on else "kill_switch_off",
        source=source,
        actor=actor,
        before={"all_calls_stopped": not on},
        after={"all_calls_stopped": on},
        reason=why,
    )
    return True


def calls_stopped() -> dict[str, Any] | None:
    """Why, since when and by whom all calls are stopped; None while they are not. One query."""
    stopped = HouseRules.objects.filter(pk=HouseRules.ONLY, kill_switch=True)
    row = stopped.values("kill_switch_reason", "kill_switch_since", "kill_switch_by__username").first()
    if row is None:
        return None
    return {
        "reason": row["kill_switch_reason"],
        "since": row["kill_switch_since"],
        "by": row["kill_switch_by__username"] or "the system",
    }
