"""The output guard against sentences that people can read: tests/agent_worker/corpus/guard_*.txt."""

from datetime import date
from decimal import Decimal

import pytest

from agent_worker import lines
from agent_worker.guard import Phase, check
from calls.conversation import DebtFacts, OpeningFacts, Promise
from tests.agent_worker.corpus import labelled, sentences
from tests.agent_worker.guarding import STRANGER, VERIFIED

BEFORE, AFTER = Phase.BEFORE_VERIFICATION, Phase.VERIFIED
# Fixed lines that code speaks once the customer is verified; all others may be said to anybody.
OF_THE_DEBT = {"ASK_AMOUNT_AND_DATE"}
FIXED = {name: line for name, line in vars(lines).items() if name.isupper() and isinstance(line, str)}


def rules(text, phase, facts):
    return check(text, phase, facts).rules


@pytest.mark.parametrize("text", sentences("guard_before_passes.txt"))
def test_a_kind_sentence_may_be_said_to_a_stranger(text):
    assert rules(text, BEFORE, STRANGER) == ()


@pytest.mark.parametrize(
    "text", sentences("guard_before_passes.txt") + sentences("guard_verified_passes.txt")
)
def test_a_true_sentence_may_be_said_to_the_customer(text):
    assert rules(text, AFTER, VERIFIED) == ()


@pytest.mark.parametrize(("rule", "text"), labelled("guard_before_caught.txt"))
def test_nothing_of_a_debt_is_said_to_a_stranger(rule, text):
    assert rule in rules(text, BEFORE, STRANGER)


@pytest.mark.parametrize("text", [text for _, text in labelled("guard_before_caught.txt")])
def test_the_debt_is_caught_without_any_facts(text):
    assert rules(text, BEFORE, type(STRANGER)())


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize(("rule", "text"), labelled("guard_always_caught.txt"))
def test_threats_false_claims_and_offers_are_said_to_nobody(rule, text, phase):
    assert rule in rules(text, phase, STRANGER if phase is BEFORE else VERIFIED)


@pytest.mark.parametrize(("rule", "text"), labelled("guard_verified_caught.txt"))
def test_amounts_and_dates_are_true_or_agreed(rule, text):
    assert rule in rules(text, AFTER, VERIFIED)


@pytest.mark.parametrize("name", sorted(FIXED))
def test_the_fixed_lines_pass_in_their_phase(name):
    if name not in OF_THE_DEBT:
        assert rules(FIXED[name], BEFORE, STRANGER) == ()
    assert rules(FIXED[name], AFTER, VERIFIED) == ()


def test_the_lines_with_facts_pass_in_their_phase():
    opening = OpeningFacts("Robert Blake", "Moonlight Supplies Limited", "Casper", "customer number")
    assert rules(lines.greeting(opening), BEFORE, STRANGER) == ()
    debt = DebtFacts(
        customer_name="Robert Blake",
        business_name="Moonlight Supplies Limited",
        agent_name="Casper",
        invoice_number="INV-77513",
        description="Canary seed, twelve sacks",
        balance=Decimal("8641.97"),
        currency="USD",
        due_date=date(2026, 11, 3),
        today=date(2026, 11, 24),
    )
    assert rules(lines.statement(debt), AFTER, VERIFIED) == ()
    assert rules(lines.statement(debt), BEFORE, STRANGER)
    promise = Promise(Decimal("100.00"), "USD", date(2026, 12, 4))
    assert rules(lines.read_back(promise), AFTER, VERIFIED) == ()
    assert rules(lines.read_back(promise), BEFORE, STRANGER)
