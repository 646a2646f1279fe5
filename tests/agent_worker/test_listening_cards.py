"""Card and bank numbers are found however they are said; amounts, dates and ordinary numbers stay legible."""

import time
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent_worker.listening import card_digits, may_continue, redact
from tests.agent_worker.number_speech import dollars, in_words, spelled_out

CARD = "4242424242424242"
ORDINALS = {
    1: "first",
    2: "second",
    3: "third",
    4: "fourth",
    5: "fifth",
    12: "twelfth",
    21: "twenty first",
    30: "thirtieth",
}


def luhn_valid(prefix: str) -> str:
    """`prefix` with the check digit that makes it a card number."""
    total = 0
    for place, character in enumerate(reversed(prefix)):
        digit = int(character) * (2 if place % 2 == 0 else 1)
        total += digit - 9 if digit > 9 else digit
    return prefix + str(-total % 10)


CARDS = st.text("0123456789", min_size=12, max_size=18).map(luhn_valid)


@st.composite
def spoken(draw: st.DrawFn, digits: str) -> str:
    """The digits as one may say them or a recogniser may write them, each piece in its own way."""
    said: list[str] = []
    rest = digits
    while rest:
        size = draw(st.integers(1, min(4, len(rest))))
        piece, rest = rest[:size], rest[size:]
        ways = [
            piece,
            " ".join(piece),
            "-".join(piece),
            spelled_out(piece),
            spelled_out(piece).replace("zero", "oh"),
        ]
        if size == 2 and piece[0] != "0":
            ways.append(in_words(int(piece)))
        if size == 2 and piece[0] == piece[1]:
            ways.append(f"double {spelled_out(piece[0])}")
        if size == 3 and len(set(piece)) == 1:
            ways.append(f"triple {spelled_out(piece[0])}")
        said.append(draw(st.sampled_from(ways)))
        said.append(draw(st.sampled_from(["", "", "", "uh", "and then", "dash", "okay"])))
    return " ".join(word for word in said if word)


@settings(max_examples=50, deadline=None)
@given(CARDS.flatmap(spoken), st.sampled_from(["", "my card is ", "it's ", "yes okay so the number is "]))
def test_a_card_number_is_found_however_it_is_said(said, before):
    found = card_digits(before + said + " thank you")
    assert {secret.kind for secret in found} >= {"card"}
    left = redact(before + said + " thank you", found)
    assert not any(character.isdigit() for character in left)


@settings(max_examples=40, deadline=None)
@given(CARDS, st.data())
def test_a_card_number_over_three_turns_is_found(card, data):
    first, second = sorted(data.draw(st.tuples(st.integers(1, len(card) - 2), st.integers(2, len(card) - 1))))
    second = max(second, first + 1)
    turns = [data.draw(spoken(piece)) for piece in (card[:first], card[first:second], card[second:])]
    said = [
        f"my card number is {turns[0]}",
        f"yes {turns[1]}",
        f"and the rest is {turns[2]} that's it",
    ]
    tail = "\n".join(said[:2])
    found = card_digits(said[2], tail)
    assert any(secret.of == "text" for secret in found)
    assert not any(character.isdigit() for character in redact(said[2], found))
    assert not any(character.isdigit() for character in redact(tail, found, of="tail"))


AMOUNTS = st.decimals(min_value=Decimal("0.01"), max_value=Decimal("99999.99"), places=2)
DAYS = st.dates(min_value=date(2026, 1, 1), max_value=date(2027, 12, 31))


@st.composite
def ordinary(draw: st.DrawFn) -> str:
    """A turn about money and days."""
    amount = draw(AMOUNTS)
    day = draw(DAYS)
    money = draw(
        st.sampled_from([f"${amount:,.2f}", f"{amount} dollars", dollars(amount), f"{int(amount)} euros"])
    )
    when = draw(
        st.sampled_from(
            [
                f"on {day:%B} {day.day}",
                f"on {day:%B} {day.day}, {day.year}",
                f"on the {day.day}th of {day:%B}",
                f"on {day.isoformat()}",
                f"on {day:%m}/{day:%d}/{day.year}",
                f"on {day:%A}",
                f"on {day:%B} {ORDINALS.get(day.day, 'fifth')}",
                "at 10:30",
            ]
        )
    )
    return draw(st.sampled_from(["i can pay {} {}", "i will pay {} {}", "so {} {} okay", "{} {}"])).format(
        money, when
    )


@settings(max_examples=50, deadline=None)
@given(st.lists(ordinary(), min_size=1, max_size=4))
def test_amounts_and_dates_are_never_taken_for_a_card(turns):
    assert card_digits(turns[-1], "\n".join(turns[:-1])) == ()


@settings(max_examples=80, deadline=None)
@given(ordinary(), CARDS.flatmap(spoken))
def test_an_amount_beside_a_card_number_stays_legible(turn, card):
    text = f"{turn}. my card number is {card}"
    left = redact(text, card_digits(text))
    assert left.startswith(f"{turn}. my card number is [card]")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("customer number 10423 and my card is 4242 4242 4242 4242", "customer number 10423 and my card is [card]"),
        ("my phone number is 213 555 0101", "my phone number is 213 555 0101"),
        ("call me at plus one two one three five five five zero one zero one", None),
        ("my customer number is one zero four two three", None),
        ("i was born on march 14 1980", None),
        ("invoice one zero four two", None),
        ("it was 4242 dollars and 42 cents", None),
        ("my zip code is 90012", None),
        ("my iban is DE89 3704 0044 0532 0130 00", "my iban is [iban]"),
        ("d e eight nine three seven oh four oh oh four four oh five three two oh one three oh oh oh", "[iban]"),
        ("gb29 nwbk 6016 1331 9268 19", "[iban]"),
        ("the security code is one two three", "the security code is [cvv]"),
        ("cvv 737", "cvv [cvv]"),
        ("the three digits on the back are 7 3 7", "the three digits on the back are [cvv]"),
        ("sort code 20 30 41 account number 12345678", "sort code [bank] account number [bank]"),
        ("my bank account is 1234567", "my bank account is [bank]"),
        ("the routing number is 021000021", "the routing number is [bank]"),
        ("my pin is 4321", "my pin is [pin]"),
        ("my social is 123 45 6789", "my social is [ssn]"),
        ("my card number is 4242 42", "my card number is [card]"),
        ("٤٢٤٢ ٤٢٤٢ ٤٢٤٢ ٤٢٤٢", "[card]"),
        ("４２４２４２４２４２４２４２４２", "[card]"),
        ("quarante deux " * 8, "[card] "),
        ("cuatro dos cuatro dos cuatro dos cuatro dos cuatro dos cuatro dos cuatro dos cuatro dos", "[card]"),
    ],
)  # fmt: skip
def test_what_is_secret_goes_and_what_is_not_stays(text, left):
    assert redact(text, card_digits(text)) == (text if left is None else left)


def test_a_security_code_is_known_by_the_turn_before():
    (secret,) = card_digits("it is one two three", "what about the security code")
    assert (secret.kind, secret.of) == ("cvv", "text")


def test_a_turn_that_may_begin_a_card_number_says_so():
    assert may_continue("my card is 4242 4242")
    assert may_continue("4242", "four two four two")
    assert not may_continue("i can pay 4242 dollars")
    assert not may_continue("on december 4th 2026")
    assert not may_continue("hello")


def test_what_went_before_is_left_alone_when_the_turn_adds_nothing():
    assert card_digits("thank you goodbye", f"my card is {CARD}") == ()


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=120), st.text("0123456789 -.,abc four two", max_size=120))
def test_any_text_can_be_searched(text, tail):
    for secret in card_digits(text, tail):
        whole = text if secret.of == "text" else tail
        assert 0 <= secret.start < secret.end <= len(whole)


def test_a_long_row_of_number_words_is_searched_in_bounded_time():
    begun = time.process_time()
    for words in ("four two for to too ate won ", "one hundred and twenty ", "4 2 "):
        card_digits(words * 40, words * 10)
    assert time.process_time() - begun < 3
