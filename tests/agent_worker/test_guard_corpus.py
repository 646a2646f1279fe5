"""The output guard against sentences that people can read: tests/agent_worker/corpus/guard_*.txt."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from agent_worker import lines
from agent_worker.guard import GuardFacts, Phase, check
from calls.conversation import OpeningFacts, Promise
from tests.agent_worker.corpus import labelled, sentences
from tests.agent_worker.guarding import STRANGER, VERIFIED
from tests.agent_worker.test_words import debts, invoice

BEFORE, AFTER = Phase.BEFORE_VERIFICATION, Phase.VERIFIED
# Fixed lines that code speaks once the customer is verified; all others may be said to anybody.
OF_THE_DEBT = {"ASK_AMOUNT_AND_DATE", "WHEN", "PLAN_NOTED", "PAID_NOTED", "PAID_FOUND"}
# Keys of the telephone, and a danger to life: code says these, and a model has no business to.
CODE_ALONE = {"RECORDING_ENDS", "CRISIS", "KEYS_YES_NO", "KEYS_ONLY", "KEYS_BIRTHDAY"}
FIXED = {
    name: line
    for name, line in vars(lines).items()
    if name.isupper() and isinstance(line, str) and name not in CODE_ALONE
}


def rules(text, phase, facts):
    return check(text, phase, facts).rules


def refused(texts, phase, facts):
    """Those of `texts` that may not be spoken, with the rules that they break."""
    return {text: found for text in texts if (found := rules(text, phase, facts))}


def missed(pairs, phase, facts):
    """Those of the (rule, text) pairs whose rule is not among what the guard finds."""
    return {text: rule for rule, text in pairs if rule not in rules(text, phase, facts)}


def test_kind_sentences_may_be_said_to_a_stranger():
    texts = sentences("guard_before_passes.txt")
    assert len(texts) > 120
    assert refused(texts, BEFORE, STRANGER) == {}


def test_true_sentences_may_be_said_to_the_customer():
    texts = sentences("guard_before_passes.txt") + sentences("guard_verified_passes.txt")
    assert refused(texts, AFTER, VERIFIED) == {}


def test_nothing_of_a_debt_is_said_to_a_stranger():
    assert missed(labelled("guard_before_caught.txt"), BEFORE, STRANGER) == {}


def test_a_debt_is_recognised_without_any_facts_about_it():
    texts = [text for _, text in labelled("guard_before_caught.txt")]
    assert set(refused(texts, BEFORE, GuardFacts())) == set(texts)


@pytest.mark.parametrize("phase", Phase)
def test_threats_false_claims_and_offers_are_said_to_nobody(phase):
    facts = STRANGER if phase is BEFORE else VERIFIED
    assert missed(labelled("guard_always_caught.txt"), phase, facts) == {}


def test_amounts_and_dates_are_true_or_agreed():
    assert missed(labelled("guard_verified_caught.txt"), AFTER, VERIFIED) == {}


def test_the_fixed_lines_pass_in_their_phase():
    to_anybody = [line for name, line in FIXED.items() if name not in OF_THE_DEBT]
    assert refused(to_anybody, BEFORE, STRANGER) == {}
    assert refused(FIXED.values(), AFTER, VERIFIED) == {}


@pytest.mark.parametrize(
    ("customer", "passes", "caught"),
    [
        (
            "Bill Price",
            "Is Bill Price there? May I speak with Bill?",
            "Is Bill there? It is about your bill.",
        ),
        ("Bill Price", "Hello Bill.", "Your Bill is open."),
        ("April May", "May I speak with April?", "It was on the fifth of April."),
        ("王小明", "May I speak with 王小明?", "你欠钱"),
        ("Иван Петров", "Is this Иван Петров?", "долг"),
    ],
)
def test_a_name_is_no_word_about_a_debt(customer, passes, caught):
    facts = replace(STRANGER, customer_name=customer)
    assert rules(passes, BEFORE, facts) == ()
    assert rules(caught, BEFORE, facts)


def test_a_business_may_be_called_after_money():
    facts = replace(STRANGER, business_name="Debt & Payment Recovery 365 Ltd.", exact_lines=())
    assert rules("I am calling for Debt & Payment Recovery 365 Ltd.", BEFORE, facts) == ()
    assert rules("I am calling for Debt & Payment Recovery 365 about something.", BEFORE, facts) == ()
    assert rules("I am calling about debt and payment recovery.", BEFORE, facts)


def test_a_fixed_line_is_exempt_only_as_it_stands():
    assert rules("Connecting you to our payment specialist. Please hold.", BEFORE, STRANGER) == ()
    assert rules("Connecting you to our payment specialist now.", BEFORE, STRANGER)


def test_what_is_known_of_this_debt_is_a_second_net():
    facts = replace(STRANGER, descriptions=("Canary seed, twelve sacks",), invoice_numbers=("ABCD",))
    assert rules("It is about the canary.", BEFORE, facts) == ("debt.fact",)
    assert rules("It is about A B C D.", BEFORE, facts) == ("debt.fact",)


def test_dates_go_unchecked_only_where_the_caller_says_so():
    assert rules("On the fifth of May.", AFTER, replace(VERIFIED, allowed_dates=None)) == ()


def test_a_finding_says_where_it_stands():
    text = "Hello Robert. Your in\u200bvoice is open."
    (finding,) = check(text, BEFORE, STRANGER).findings
    assert text[finding.start : finding.end] == "in\u200bvoice"


def test_the_lines_with_facts_pass_in_their_phase():
    opening = OpeningFacts("Robert Blake", "Moonlight Supplies Limited", "Casper", "customer number")
    assert rules(lines.greeting(opening), BEFORE, STRANGER) == ()
    owed = debts(
        invoice(number="INV-77513", description="Canary seed, twelve sacks", balance=Decimal("8641.97"))
    )
    assert rules(lines.statement(owed), AFTER, VERIFIED) == ()
    assert rules(lines.statement(owed), BEFORE, STRANGER)
    promise = Promise(Decimal("100.00"), "USD", date(2026, 12, 4))
    assert rules(lines.read_back(promise), AFTER, VERIFIED) == ()
    assert rules(lines.read_back(promise), BEFORE, STRANGER)
