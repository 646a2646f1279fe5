"""Amounts and dates, read from what people write and say."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rehearsal.models import spoken
from rehearsal.models.brain_dates import date_said, month_day
from rehearsal.models.brain_money import amount_said, amounts, says_in_full
from rehearsal.models.brain_words import cardinal_at, digits, split

TODAY = date(2026, 11, 24)  # a Tuesday
DAYS = st.dates(date(2026, 1, 1), date(2032, 12, 31))
SUMS = st.decimals("0.01", "999999.99", places=2)


@settings(deadline=None)  # a busy machine is no failure
@given(SUMS, st.sampled_from(sorted(spoken.MONEY)))
def test_a_spoken_amount_is_read_back_as_it_was(amount, currency):
    assert amount_said(f"I can pay {spoken.amount(amount, currency)} on Friday") == amount


@settings(deadline=None)  # a busy machine is no failure
@given(SUMS, st.sampled_from("$£€"))
def test_a_written_amount_is_read_back_as_it_was(amount, sign):
    assert amount_said(f"you will pay {sign}{amount:,.2f} on Friday.") == amount


@settings(deadline=None)  # a busy machine is no failure
@given(st.integers(0, 999_999))
def test_a_spoken_number_is_one_number_with_or_without_and(number):
    words = spoken.cardinal(number).split()
    without = [word for word in words if word != "and"]
    assert cardinal_at(words, 0) == (number, len(words))
    assert cardinal_at(without, 0) == (number, len(without))


@settings(deadline=None)  # a busy machine is no failure
@given(DAYS, DAYS, st.sampled_from(["december fourth", "december the fourth", "the fourth of december"]))
def test_a_spoken_date_with_a_year_is_that_day_whenever_it_is_said(day, today, style):
    said = f"on {spoken.month_day(day.month, day.day, style=style)} {spoken.year(day.year)}"
    assert date_said(said, today) == day


@settings(deadline=None)  # a busy machine is no failure
@given(st.integers(0, 364), DAYS)
def test_a_date_without_a_year_is_the_next_such_day(ahead, today):
    day = today + timedelta(days=ahead)
    assert date_said(f"I can pay it on {day:%B} {spoken.ordinal(day.day)}", today) == day


@settings(deadline=None)  # a busy machine is no failure
@given(DAYS)
def test_a_written_read_back_is_the_day_it_names(day):
    assert (
        date_said(f"you will pay $50.00 on {day:%A}, {day:%B} {day.day}, {day.year}. Is that right?", TODAY)
        == day
    )


@settings(deadline=None)  # a busy machine is no failure
@given(
    st.integers(1, 12),
    st.integers(1, 31),
    st.sampled_from(["{0} {1}", "the {1} of {0}", "it is {0} the {1} nineteen eighty"]),
)
def test_a_birthday_is_its_month_and_day(month, day, form):
    said = form.format(spoken.MONTHS[month - 1], spoken.ordinal(day))
    real = day <= (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]
    assert month_day(said) == ((month, day) if real else None)


@settings(deadline=None)  # a busy machine is no failure
@given(st.from_regex(r"[0-9]{4,8}", fullmatch=True))
def test_digits_said_one_by_one_are_the_number(number):
    assert digits(split(f"my customer number is {spoken.digits(number)}")) == number
    assert digits(split(f"it is {number}")) == number


@pytest.mark.parametrize(
    ("said", "amount"),
    [
        ("I can pay fifty on Friday", "50"),
        ("120.5", "120.50"),
        ("a hundred and five bucks", "105"),
        ("two thousand dollars and six cents", "2000.06"),
        ("one hundred twenty dollars fifty", "120.50"),
        ("one hundred twenty point five zero dollars", "120.50"),
        ("seventy five cents", "0.75"),
        ("I can't pay 120 dollars but I can pay 50 dollars", "50"),
        ("not fifty dollars, sixty dollars", "60"),
        ("that is not right, fifty dollars", "50"),
        ("50 dollars 4 December", "50"),
        ("I can pay 4 December", None),
        ("in two weeks", None),
        ("on the 31st", None),
        ("my customer number is 10041", None),
    ],
)
def test_amounts_are_told_from_other_numbers(said, amount):
    assert amount_said(said) == (None if amount is None else Decimal(amount))


def test_every_amount_of_a_sentence_is_found_in_order():
    assert amounts("not $1,204.50 but fifty pounds") == [Decimal("1204.50"), Decimal("50.00")]


@pytest.mark.parametrize(
    "said", ["in full", "the whole amount", "I can pay all of it", "I'll pay it all", "everything"]
)
def test_all_of_it_is_understood(said):
    assert says_in_full(said)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("on Friday", "2026-11-27"),
        ("next Friday", "2026-12-04"),
        ("Tuesday", "2026-12-01"),
        ("a week from today", "2026-12-01"),
        ("tomorrow", "2026-11-25"),
        ("the day after tomorrow", "2026-11-26"),
        ("today", "2026-11-24"),
        ("in two weeks", "2026-12-08"),
        ("ten days from now", "2026-12-04"),
        ("in a month", "2026-12-24"),
        ("fifteenth", "2026-12-15"),
        ("the 31st", "2026-12-31"),
        ("on the fifth", "2026-12-05"),
        ("the fifth of next month", "2026-12-05"),
        ("at the end of the month", "2026-11-30"),
        ("the end of next month", "2026-12-31"),
        ("at the beginning of next month", "2026-12-01"),
        ("12/4", "2026-12-04"),
        ("31/12/2026", "2026-12-31"),
        ("2026-12-04", "2026-12-04"),
        ("December 4th, that's a Friday", "2026-12-04"),
        ("not on Friday, on Monday", "2026-11-30"),
        ("I can't pay until Friday", "2026-11-27"),
        ("february 29th", "2028-02-29"),
        ("february 30th", None),
        ("the first thing I heard", None),
        ("I may pay some day", None),
        ("I cannot pay right now", None),
    ],
)
def test_a_day_is_resolved_against_today(said, day):
    assert date_said(said, TODAY) == (None if day is None else date.fromisoformat(day))
