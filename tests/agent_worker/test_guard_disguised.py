"""The output guard against words and amounts in disguise."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from agent_worker.guard import Phase, check
from tests.agent_worker.disguises import disguised
from tests.agent_worker.guarding import STRANGER, VERIFIED
from tests.agent_worker.number_speech import dollars, in_words, spelled_out

BEFORE, AFTER = Phase.BEFORE_VERIFICATION, Phase.VERIFIED
TELLING = (
    "debt",
    "invoice",
    "balance",
    "overdue",
    "payment",
    "unpaid",
    "arrears",
    "outstanding",
    "collections",
    "money",
    "dollars",
    "settlement",
    "factura",
    "deuda",
    "dinero",
    "rechnung",
    "schulden",
    "zahlung",
    "facture",
    "dette",
    "paiement",
    "montant",
)
WORDS = (
    "one",
    "hundred",
    "thousand",
    "million",
    "and",
    "twenty",
    "oh",
    "point",
    "1",
    "22",
    "1,000",
    "4.5",
    "cent",
    "cents",
    "quatre",
    "vingt",
    "und",
    "ein",
    "zwanzig",
    "dollars",
    "$",
    ".",
    ",",
    "may",
    "third",
    "2026",
    "not",
    "if",
    "i",
    "am",
    "a",
    "human",
    "card",
    "9999999999999999999999999999999",
    "k",
)
FRAMES = ["It is about the {}.", "I am calling because of {} today", "Robert, {}?", "{}", "So. {} it is."]
AMOUNTS = st.decimals(min_value=Decimal("1.01"), max_value=Decimal("99999.99"), places=2)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(TELLING).flatmap(disguised), st.sampled_from(FRAMES))
def test_a_word_about_the_debt_is_caught_in_any_disguise(word, frame):
    assert not check(frame.format(word), BEFORE, STRANGER).ok


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 999_999), st.sampled_from(FRAMES), st.data())
def test_a_number_is_caught_before_verification_however_it_is_written(number, frame, data):
    ways = [
        str(number),
        f"{number:,}",
        in_words(number),
        in_words(number, joiner=" "),
        spelled_out(str(number)),
    ]
    text = data.draw(
        st.sampled_from(ways).flatmap(lambda way: disguised(way) if way.isdigit() else st.just(way))
    )
    assert not check(frame.format(text), BEFORE, STRANGER).ok


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 999_999), st.data())
def test_a_number_word_in_pieces_is_caught(number, data):
    words = in_words(number).split()
    at = data.draw(st.sampled_from([index for index, word in enumerate(words) if word not in ("one", "and")]))
    words[at] = data.draw(disguised(words[at]))
    assert not check(f"It is {' '.join(words)}.", BEFORE, STRANGER).ok


def _said(amount: Decimal) -> st.SearchStrategy[str]:
    return st.sampled_from(
        [
            f"${amount:,.2f}",
            f"{amount} dollars",
            f"{int(amount)} dollars and {int(amount * 100) % 100} cents",
            dollars(amount),
            dollars(amount, joiner=" "),
            f"USD {amount:,.2f}",
            f"{amount:,.2f} USD",
        ]
    )


@settings(max_examples=60, deadline=None)
@given(AMOUNTS, st.data())
def test_the_true_amount_may_be_said_in_any_form_and_no_other(amount, data):
    facts = replace(VERIFIED, amounts=frozenset({amount}), allowed_amounts=frozenset())
    assume(int(amount * 100) % 100)
    assert check(f"The balance is {data.draw(_said(amount))}.", AFTER, facts).rules == ()
    other = data.draw(AMOUNTS)
    assume(other != amount and int(other * 100) % 100)
    assert "amount" in check(f"The balance is {data.draw(_said(other))}.", AFTER, facts).rules


@settings(max_examples=80, deadline=None)
@given(
    st.one_of(
        st.text(max_size=200),
        st.lists(
            st.sampled_from(WORDS),
            max_size=40,
        ).map(" ".join),
    ),
    st.sampled_from(Phase),
)
def test_any_text_gets_a_verdict_with_places_inside_it(text, phase):
    for finding in check(text, phase, VERIFIED if phase is AFTER else STRANGER).findings:
        assert 0 <= finding.start < finding.end <= len(text)
