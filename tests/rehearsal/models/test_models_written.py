"""Spoken to written and back: every amount and every date survives the trip."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.models import spoken
from rehearsal.models.speakable import speakable
from rehearsal.models.written import names, number, sentence, suffix

AMOUNTS = st.integers(1, 9_999_999).map(lambda cents: Decimal(cents) / 100)
DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
STYLES = st.sampled_from(["december fourth", "december the fourth", "the fourth of december"])
SIGNS = {"USD": "$", "GBP": "£"}


def written(words):
    return sentence(words.split()).removesuffix(".")


def figure(value, currency):
    return SIGNS[currency] + (f"{value:,.0f}" if value == value.to_integral_value() else f"{value:,.2f}")


@given(AMOUNTS, st.sampled_from(["USD", "GBP"]))
def test_every_amount_spoken_is_written_as_it_was(value, currency):
    assert written(spoken.amount(value, currency)) == figure(value, currency)


@given(AMOUNTS, st.sampled_from(["USD", "GBP"]))
def test_the_voice_says_every_written_amount_in_the_same_words(value, currency):
    assert speakable(figure(value, currency)) == spoken.amount(value, currency)
    assert speakable(f"{value} {currency}") == spoken.amount(value, currency)


@given(DAYS, STYLES)
def test_every_day_spoken_is_written_as_it_was(day, style):
    assert (
        written(spoken.month_day(day.month, day.day, style=style)) == f"{day:%B} {day.day}{suffix(day.day)}"
    )


@given(DAYS, STYLES)
def test_every_date_with_a_year_is_written_as_it_was(day, style):
    words = f"{spoken.month_day(day.month, day.day, style=style)} {spoken.year(day.year)}"
    if 2000 < day.year < 2010 or day.year % 100 >= 10:
        assert written(words) == f"{day:%B} {day.day}{suffix(day.day)}, {day.year}"


@given(DAYS)
def test_the_voice_says_dates_in_whatever_form_they_are_written(day):
    said = f"{spoken.month_day(day.month, day.day)} {spoken.year(day.year)}".capitalize()
    for form in (
        day.isoformat(),
        f"{day:%B} {day.day}, {day.year}",
        f"{day:%B} {day.day}{suffix(day.day)}, {day.year}",
        f"{day.day} {day:%B} {day.year}",
        f"the {day.day}{suffix(day.day)} of {day:%B} {day.year}",
    ):
        assert speakable(form) == said


@given(st.integers(0, 999_999))
def test_every_number_is_understood_whole(value):
    words = spoken.cardinal(value).split()
    assert number(words) == (value, len(words))


@given(st.text("0123456789", min_size=2, max_size=12))
def test_digits_said_one_by_one_are_joined(figures):
    assert written(f"my number is {spoken.digits(figures)}") == f"My number is {figures}"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("yes this is robert blake .", "Yes, this is Robert Blake."),
        ("i can pay a hundred dollars on next friday", "I can pay $100 on next Friday."),
        ("who is this ?", "Who is this?"),
        ("may i speak with mister young ?", "May I speak with Mr. Young?"),
        ("in fourteen days", "In 14 days."),
        ("in two weeks", "In two weeks."),
        ("i n v one oh four two", "INV1042."),
        ("march first two thousand and five", "March 1st, 2005."),
        ("i may pay in december", "I may pay in December."),
        ("four hundred and ten dollars on march third", "$410 on March 3rd."),
        ("december fourth twenty dollars", "December 4th $20."),
        ("fifteen pounds and five pence", "£15.05."),
        ("phantom pay", "Phantom Pay."),
    ],
)
def test_sentences_are_written_as_people_write_them(said, expected):
    assert sentence(said.split()).replace(",", "") == expected.replace(",", "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Invoice INV-2026-0012", "Invoice I N V two zero two six zero zero one two"),
        ("My number is 10041.", "My number is one zero zero four one."),
        ("Customer number 417", "Customer number four one seven"),
        ("in 14 days", "in fourteen days"),
        ("A$75.00 by 4 May", "seventy five dollars by May fourth"),
        ("€9.99", "nine euros and ninety nine cents"),
        ("It is 20 dollars. I may call 3 times.", "It is twenty dollars. I may call three times."),
        ("the 2nd time", "the second time"),
        ("Mr. Blake", "mister Blake"),
        ("$1", "one dollar"),
        ("$0.01", "one cent"),
    ],
)
def test_the_voice_is_given_words_instead_of_figures(text, said):
    assert speakable(text) == said


def test_a_name_that_is_also_a_plain_word_of_the_phrases_is_no_name():
    assert "blake" in names()
    assert "will" not in names() and "may" not in names()
