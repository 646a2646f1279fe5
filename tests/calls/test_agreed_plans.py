"""Plans: amounts to the last minor unit, days, limits."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.conversation import PlanRefused, agreement_withdraw, dispute_open, plan_agree, plan_check
from calls.conversation.plans import days_of, split
from calls.house import house_rules_change
from invoices.models import Instalment, PaymentPlan
from invoices.money import minor_units
from invoices.services.plans import Part, plan_create
from tests.calls.talks import events, talk

pytestmark = pytest.mark.usefixtures("noon")
DECIMALS = {"JPY": 0, "USD": 2, "GBP": 2, "BHD": 3}


@given(
    currency=st.sampled_from(sorted(DECIMALS)),
    units=st.integers(min_value=1, max_value=10**13),
    count=st.integers(min_value=2, max_value=60),
)
def test_instalments_come_to_the_total_and_differ_by_a_unit_at_most(currency, units, count):
    assert minor_units(currency) == DECIMALS[currency]
    unit = Decimal(1).scaleb(-DECIMALS[currency])
    parts = split(units * unit, currency, count)
    assert len(parts) == count
    assert sum(parts) == units * unit
    assert max(parts) - min(parts) in (0, unit)
    assert parts == sorted(parts, reverse=True)
    assert all(part == part.quantize(unit) for part in parts)


@given(
    first=st.dates(min_value=date(2026, 1, 1), max_value=date(2032, 12, 31)),
    every=st.sampled_from(["week", "two_weeks", "month"]),
    count=st.integers(min_value=2, max_value=60),
)
def test_days_follow_one_another_at_the_interval(first, every, count):
    days = days_of(first, every, count)
    assert (len(days), days[0]) == (count, first)
    gaps = {(later - earlier).days for earlier, later in pairwise(days)}
    assert gaps <= {"week": {7}, "two_weeks": {14}, "month": {28, 29, 30, 31}}[every]
    if every == "month":
        ends_month = [(day + timedelta(days=1)).day == 1 for day in days]
        assert all(
            day.day == first.day or (end and day.day < first.day)
            for day, end in zip(days, ends_month, strict=True)
        )


@pytest.mark.django_db
def test_a_plan_is_in_ledger_and_call():
    call = talk("100.00", "80.00")
    entry = plan_agree(call_id=call.pk, instalments=3, every="month", first_date="2026-12-31")
    plan = PaymentPlan.objects.get()
    assert (plan.total, str(plan.source_call_id)) == (Decimal(100), str(call.pk))
    assert list(Instalment.objects.values_list("due_date", "amount")) == [
        (date(2026, 12, 31), Decimal("33.34")),
        (date(2027, 1, 31), Decimal("33.33")),
        (date(2027, 2, 28), Decimal("33.33")),
    ]
    call.refresh_from_db()
    assert call.agreed == [entry]
    assert entry["instalments"][2] == {"date": "2027-02-28", "amount": "33.33"}
    assert (entry["kind"], entry["invoice"], entry["amount"]) == ("payment_plan", "INV-1", "100.00")


@pytest.mark.django_db
def test_a_plan_over_several_invoices_leaves_out_what_is_disputed():
    call = talk("100.00", "80.00")
    dispute_open(call_id=call.pk, position=2, amount="30", reason="faulty")
    plan = plan_check(call_id=call.pk, instalments=2, every="week", first_date="2026-12-01", positions=(1, 2))
    assert (plan.total, plan.invoices) == (Decimal("150.00"), ("INV-1", "INV-2"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"instalments": 1}, "2 to 6"),
        ({"instalments": 7}, "2 to 6"),
        ({"instalments": -2}, "2 to 6"),
        ({"every": "year"}, "every week"),
        ({"first_date": "2026-11-23"}, "past"),
        ({"first_date": "2027-02-01"}, "too far"),
        ({"first_date": "soon"}, "did not understand"),
        ({"instalments": 6, "every": "month", "first_date": "2027-01-20"}, "too long"),
        ({"instalments": 6, "positions": (2,)}, "at least £10.00"),
        ({"positions": (3,)}, "do not find"),
        ({"positions": (0,)}, "do not find"),
    ],
)
def test_plans_that_are_refused(asked, why):
    call = talk("100.00", "30.00")
    given = {"instalments": 3, "every": "month", "first_date": "2026-12-01", **asked}
    with pytest.raises(PlanRefused, match=why):
        plan_check(call_id=call.pk, **given)
    with pytest.raises(PlanRefused, match=why):
        plan_agree(call_id=call.pk, **given)
    assert not PaymentPlan.objects.exists()


@pytest.mark.django_db
def test_a_wholly_disputed_invoice_needs_no_plan():
    call = talk("100.00")
    dispute_open(call_id=call.pk, position=1, amount=None, reason="not_mine")
    with pytest.raises(PlanRefused, match="disputed"):
        plan_check(call_id=call.pk, instalments=2, every="week", first_date="2026-12-01")


@pytest.mark.django_db
def test_a_plan_from_before_stands():
    call = talk("100.00")
    parts = [Part(date(2026, 12, 1), "50"), Part(date(2027, 1, 1), "50")]
    plan_create(invoices=[call.invoice], parts=parts, source="staff")
    with pytest.raises(PlanRefused, match="already"):
        plan_agree(call_id=call.pk, instalments=2, every="week", first_date="2026-12-01")
    assert PaymentPlan.objects.get().status == "active"
    call.refresh_from_db()
    assert (call.agreed, "plan_agreed" in events(call)) == ([], False)


@pytest.mark.django_db
def test_staff_limits_hold_at_their_edges():
    house_rules_change(
        source="staff", actor=None, reason="Why", plan_most_instalments=8, plan_least_instalment="12.50"
    )
    call = talk("100.00")
    plan = plan_check(call_id=call.pk, instalments=8, every="week", first_date="2026-12-01")
    assert {amount for _, amount in plan.parts} == {Decimal("12.50")}


@pytest.mark.django_db
def test_what_was_agreed_can_be_taken_back():
    call = talk("100.00")
    plan_agree(call_id=call.pk, instalments=2, every="week", first_date="2026-12-01")
    assert agreement_withdraw(call_id=call.pk)
    assert not agreement_withdraw(call_id=call.pk)
    call.refresh_from_db()
    assert (call.agreed, PaymentPlan.objects.get().status) == ([], "cancelled")
