"""What the rules find in a transcript."""

from datetime import date
from decimal import Decimal

import pytest

from calls.aftermath.findings import Deal, Line, Talked, find
from calls.aftermath.words import breaks, sentences
from tests.agent_worker.corpus import labelled

OPENING = "This is Casper, an AI assistant calling for Moonlight Supplies Limited. This call is recorded."
READ_BACK = "To confirm: you will pay $120.50 on Friday, December 4th. Is that right?"
DEAL = Deal((Decimal("120.50"),), date(2026, 12, 4), at_ms=30_000)


def agent(text: str, start_ms: int, *, interrupted: bool = False) -> Line:
    return Line("agent", text, start_ms, start_ms + 2000, interrupted)


def caller(text: str, start_ms: int) -> Line:
    return Line("caller", text, start_ms, start_ms + 800)


def talked(
    *lines: Line, deal: Deal | None = None, verified_ms: int | None = 10_000, number: str = ""
) -> Talked:
    return Talked(
        lines=lines,
        business="Moonlight Supplies Limited",
        callback_number=number,
        verified_ms=verified_ms,
        invoice_numbers=("INV-1042",),
        balances=(Decimal("120.50"),),
        deal=deal,
    )


def checks(talk: Talked) -> dict[str, tuple[bool | None, int | None]]:
    return {each["name"]: (each["passed"], each["at_ms"]) for each in find(talk).checks}


@pytest.mark.parametrize(
    ("answer", "text"), [each for each in labelled("answers.txt") if each[0] in ("yes", "no")]
)
def test_the_review_takes_for_a_yes_what_the_agent_did(answer, text):
    talk = talked(agent(OPENING, 1200), agent(READ_BACK, 20_000), caller(text, 25_000), deal=DEAL)
    assert checks(talk)["promise_read_back"][0] is (answer == "yes")


def test_a_call_as_it_should_be_passes_everything():
    found = find(
        talked(
            agent(OPENING, 1200),
            caller("Speaking.", 4000),
            agent("I am calling about invoice I N V 1 0 4 2. The balance is $120.50.", 12_000),
            agent(READ_BACK, 20_000),
            caller("Yes, that is right.", 25_000),
            deal=DEAL,
        )
    )
    assert found.failed == []
    assert [(each["name"], each["at_ms"]) for each in found.disclosures] == [
        ("ai", 1200),
        ("business", 1200),
        ("recorded", 1200),
    ]


def test_what_was_cut_off_was_not_heard_and_what_is_said_again_counts_from_then():
    talk = talked(agent(OPENING, 1000, interrupted=True))
    assert find(talk).failed == ["ai", "business", "recorded"]
    again = talked(agent(OPENING, 1000, interrupted=True), agent(OPENING, 6000))
    assert [each["at_ms"] for each in find(again).disclosures] == [6000, 6000, 6000]


def test_the_callback_number_is_due_once_somebody_was_verified():
    number = "+442079460200"
    assert "callback_number" in find(talked(agent(OPENING, 1), number=number)).failed
    assert "callback_number" not in find(talked(agent(OPENING, 1), number=number, verified_ms=None)).failed
    said = talked(agent(OPENING, 1), agent("Call us back on 0 2 0 7 9 4 6 0 2 0 0.", 9000), number=number)
    assert find(said).failed == []


@pytest.mark.parametrize(
    "early",
    [
        "You owe us money.",
        "It is about invoice 1042.",
        "It is about I N V 1 0 4 2.",
        "It is $120.50.",
        "It is 120.5 dollars.",
        "Your balance is overdue.",
    ],
)
def test_the_debt_before_verification_is_found(early):
    assert checks(talked(agent(OPENING, 1000), agent(early, 4000)))["debt_after_verification"] == (
        False,
        4000,
    )
    never = talked(agent(OPENING, 1000), agent(early, 60_000), verified_ms=None)
    assert checks(never)["debt_after_verification"] == (False, 60_000)
    assert checks(talked(agent(early, 12_000)))["debt_after_verification"] == (True, None)


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [agent(READ_BACK, 20_000)],
        [agent(READ_BACK, 20_000), caller("No, on Monday.", 25_000)],
        [agent(READ_BACK, 20_000), caller("That's not right.", 25_000)],
        [agent(READ_BACK, 20_000, interrupted=True), caller("Yes.", 25_000)],
        [caller("Yes.", 15_000), agent(READ_BACK, 20_000)],
        [agent(READ_BACK.replace("120.50", "120.05"), 20_000), caller("Yes.", 25_000)],
        [agent(READ_BACK.replace("4th", "5th"), 20_000), caller("Yes.", 25_000)],
        [agent(READ_BACK, 60_000), caller("Yes.", 65_000)],
    ],
)
def test_what_was_not_read_back_whole_and_confirmed_is_found(lines):
    passed, _ = checks(talked(agent(OPENING, 1000), *lines, deal=DEAL))["promise_read_back"]
    assert passed is False


def test_without_an_agreement_nothing_had_to_be_read_back():
    assert checks(talked(agent(OPENING, 1000)))["promise_read_back"] == (None, None)


@pytest.mark.parametrize(
    ("check", "text"),
    [
        ("no_threat", "If you do not pay, the police will come."),
        ("no_threat", "If you do not pay we will sue."),
        ("no_threat", "We may take legal action."),
        ("no_threat", "This goes on your credit report."),
        ("no_threat", "I will tell your employer."),
        ("no_human_claim", "I am a real person."),
        ("no_human_claim", "I'm not a robot, I promise."),
        ("no_human_claim", "No, I am human."),
        ("no_discount", "I can give you a discount."),
        ("no_discount", "How about 20% off?"),
        ("no_discount", "We will waive the rest."),
        ("no_card_request", "Please tell me your card number."),
        ("no_card_request", "And the security code?"),
    ],
)
def test_forbidden_claims_are_found_with_their_moment(check, text):
    assert breaks(check, text)
    assert checks(talked(agent(OPENING, 1000), agent(f"I see. {text}", 14_000)))[check] == (False, 14_000)


@pytest.mark.parametrize(
    "text",
    [
        "I am sorry, I cannot offer a discount.",
        "We never ask for card numbers.",
        "Please don't tell me your card number.",
        "I am an AI assistant, not a person.",
        "No, this is only a reminder, and nobody can arrest you for it.",
        "You can pay the amount of $120.50 by transfer.",
    ],
)
def test_a_denial_and_plain_talk_are_no_breach(text):
    found = checks(talked(agent(OPENING, 1000), agent(text, 14_000)))
    assert {name for name, (passed, _) in found.items() if passed is False} == set()


def test_the_customer_may_say_what_they_like():
    talk = talked(
        agent(OPENING, 1000), caller("Give me a discount or I call the police, I am a human!", 5000)
    )
    assert find(talk).failed == []


def test_nothing_is_found_where_the_agent_never_spoke():
    assert find(talked(caller("Hello?", 100))).failed == []


def test_an_amount_does_not_end_a_sentence():
    assert sentences("It is $120.50 now. Not $3. Right?") == ["It is $120.50 now.", "Not $3.", "Right?"]
