"""The rehearsal's model once the invoice may be spoken of."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rehearsal.models import spoken
from rehearsal.models.brain import Reply, ToolCall, complete
from tests.rehearsal.minds.asking import (
    ASKED_BIRTH,
    FIND,
    GREETING,
    READ_BACK,
    STATEMENT,
    answers,
    called,
    closes,
    negotiate,
    offers,
    request,
    settles,
)


def test_the_invoice_is_stated_before_anything_is_asked():
    reply = negotiate(
        ("agent", ASKED_BIRTH), ("caller", "March 14th"), balance="4321.09 GBP", number="INV-77"
    )
    assert reply.text == (
        "I am calling about invoice INV-77. The balance is £4,321.09. It was due on November 3rd. When can you pay it?"
    )


def test_a_birthday_given_before_is_never_a_date_of_payment():
    earlier = ("agent", ASKED_BIRTH), ("caller", "March 14th"), ("agent", STATEMENT)
    assert "When can you pay it?" in negotiate(*earlier, ("caller", "Okay.")).text


@settings(deadline=None)  # a busy machine is no failure
@given(
    st.decimals("1", "9999.99", places=2),
    st.integers(1, 300),
    st.dates(date(2026, 1, 1), date(2031, 1, 1)),
    st.sampled_from(["I can pay {amount} on {day}.", "{day}, {amount}", "Can I pay {amount} on {day}?"]),
)
def test_an_offer_is_proposed_as_it_was_made(amount, ahead, today, form):
    day = today + timedelta(days=ahead)
    said = form.format(amount=spoken.amount(amount), day=spoken.month_day(day.month, day.day))
    reply = offers(said, balance="10000.00 USD", today=today.isoformat())
    assert reply == called("propose_promise", amount=str(amount), date=day.isoformat())


@pytest.mark.parametrize(
    "said", ["I can pay on Friday", "I can pay the full amount on Friday", "Friday, all of it"]
)
def test_a_day_without_an_amount_is_for_the_balance(said):
    assert offers(said) == called("propose_promise", amount="120.50", date="2026-11-27")


def test_an_amount_alone_is_asked_its_date_and_kept_until_it_comes():
    assert "date" in offers("I can pay fifty dollars").text
    reply = offers(
        "December 4th", ("caller", "I can pay fifty dollars"), ("agent", "On which date can you pay?")
    )
    assert reply == called("propose_promise", amount="50.00", date="2026-12-04")


def test_a_refused_proposal_is_told_with_a_question_behind_it():
    proposed = ToolCall("propose_promise", {"amount": "500.00", "date": "2026-11-27"})
    refusal = "That is more than the balance. The balance is $120.50."
    reply = negotiate(
        ("agent", STATEMENT), ("caller", "500 dollars on Friday"), ("agent", proposed), ("tool", refusal)
    )
    assert reply == Reply(f"{refusal} How much can you pay and when?")


def test_the_latest_amount_and_date_stand():
    earlier = (
        ("caller", "fifty dollars on Friday"),
        ("agent", "That date is in the past. Please choose another date."),
    )
    assert offers("then on Monday", *earlier) == called("propose_promise", amount="50.00", date="2026-11-30")


def test_a_day_for_a_part_is_not_a_day_for_the_balance():
    assert offers("I can do half on Friday").text == "How much would you like to pay?"
    earlier = ("caller", "I can do half on Friday"), ("agent", "How much would you like to pay?")
    assert offers("Sixty.", *earlier) == called("propose_promise", amount="60.00", date="2026-11-27")


def test_who_denies_the_name_has_not_asserted_it():
    assert answers("I am not Robert.").text.endswith("May I speak with Robert Blake?")


def test_who_cannot_pay_all_of_it_is_asked_how_much():
    assert "How much can you pay" in offers("I can't pay it all.").text


@pytest.mark.parametrize("said", ["Next week.", "I can pay next month.", "I can't pay until January."])
def test_who_names_no_day_is_asked_for_one(said):
    assert offers(said).text == "Of course. On which day can you pay?"


def test_what_was_proposed_and_turned_down_is_not_proposed_again_by_itself():
    proposed = ToolCall("propose_promise", {"amount": "120.50", "date": "2026-11-27"})
    refusal = "That date is too far away."
    earlier = ("caller", "On Friday"), ("agent", proposed), ("tool", refusal), ("agent", refusal)
    assert not offers("Okay.", *earlier).tool_calls


def test_a_read_back_that_was_cut_off_is_asked_for_once_more():
    proposed = ToolCall("propose_promise", {"amount": "120.50", "date": "2026-11-27"})
    earlier = ("caller", "On Friday"), ("agent", proposed), ("tool", ""), ("agent", "To confirm: you will")
    assert offers("Yes.", *earlier) == Reply("", (proposed,))


def test_a_confirmation_that_the_tool_refused_is_told_to_the_customer():
    confirmed = ToolCall("confirm", {"confirmed": True})
    refusal = "Nothing was read back. Please say the amount and the date."
    reply = negotiate(("agent", STATEMENT), ("caller", "Yes."), ("agent", confirmed), ("tool", refusal))
    assert reply == Reply(refusal)


@pytest.mark.parametrize(
    "said",
    [
        "Yes.",
        "Perfect.",
        "That works.",
        "That's right.",
        "Yes, that is correct.",
        "Yes, December 4th.",
        "Yes thank you, goodbye",
    ],
)
def test_a_yes_to_the_read_back_confirms_it(said):
    assert settles(said) == called("confirm", confirmed=True)


@pytest.mark.parametrize(
    "said",
    [
        "No.",
        "Not exactly.",
        "I never said that.",
        "No, that is wrong.",
        "That's not right.",
        "No, that is not correct.",
    ],
)
def test_a_no_to_the_read_back_does_not(said):
    assert settles(said) == called("confirm", confirmed=False)


@pytest.mark.parametrize(
    ("said", "amount", "day"),
    [
        ("No, I said fifty dollars.", "50.00", "2026-12-04"),
        ("No, that is not right. On December 11th.", "120.50", "2026-12-11"),
        ("Yes, but fifty dollars on the 11th", "50.00", "2026-12-11"),
    ],
)
def test_a_correction_of_the_read_back_is_a_new_proposal(said, amount, day):
    assert settles(said) == called("propose_promise", amount=amount, date=day)


@pytest.mark.parametrize("said", ["Mumble.", "I'm not sure.", "I don't know if that's right."])
def test_an_unclear_answer_to_the_read_back_repeats_it(said):
    assert settles(said).text.endswith(READ_BACK)


def test_after_a_refused_read_back_nothing_of_it_is_assumed():
    refused = ToolCall("confirm", {"confirmed": False})
    earlier = (
        ("agent", READ_BACK),
        ("caller", "No."),
        ("agent", refused),
        ("agent", "When can you pay, and how much?"),
    )
    assert (
        "How much" in offers("On December 11th.", ("caller", "fifty dollars on December 4th"), *earlier).text
    )


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("I will not pay.", "refused"),
        ("I can't pay that.", "refused"),
        ("Stop calling me.", "stop_calling"),
        ("Take me off your list.", "stop_calling"),
        ("Goodbye.", "done"),
    ],
)
def test_what_ends_a_call_ends_it_for_that_reason(said, reason):
    assert offers(said) == called("end_call", reason=reason)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Please call me back tomorrow.", "ask_callback"),
        ("I already paid it last week.", "claim_paid"),
        ("I want to dispute this invoice.", "open_dispute"),
        ("I lost my job.", "report_hardship"),
        ("Can you send me a copy?", "send_copy"),
        ("I want to speak to a human.", "transfer_to_human"),
    ],
)
def test_what_is_no_offer_goes_to_the_tool_that_takes_it(said, name):
    assert [call.name for call in offers(said).tool_calls] == [name]


@pytest.mark.parametrize("said", ["No.", "No, thank you.", "No, that's all. Goodbye.", "Goodbye."])
def test_who_has_nothing_else_is_let_go(said):
    assert closes(said) == called("end_call", reason="done")


@pytest.mark.parametrize(
    "said", ["Actually, make it Friday.", "I can only pay $50.", "How much is it again?"]
)
def test_who_changes_their_mind_is_taken_back(said):
    assert closes(said) == called("go_back")


def test_the_balance_is_repeated_to_who_asks():
    assert "The balance is $120.50." in offers("How much is it?").text


def test_without_tools_it_answers_shortly():
    assert complete({"messages": [{"role": "user", "content": "Goodbye"}]}) == Reply("Goodbye.")


def test_a_message_in_parts_is_read_like_a_text():
    facts = {"Customer name": "Robert Blake"}
    body = request(
        ("agent", GREETING),
        ("caller", [{"type": "text", "text": "wrong number"}]),
        tools=FIND,
        facts=facts,
    )
    assert complete(body) == called("report_wrong_number")


def test_the_amount_of_the_balance_is_exact():
    assert Decimal(offers("Friday", balance="1234567.89 USD").tool_calls[0].arguments["amount"]) == Decimal(
        "1234567.89"
    )


# What is asked for in more words


def test_a_plan_is_proposed_when_all_of_it_was_said():
    said = "Can I pay in three weekly installments starting on December 4th?"
    plan = called("propose_plan", instalments=3, every="week", first_date="2026-12-04")
    assert offers(said) == plan
    assert offers("Can I pay in 3 installments starting on December 4th?").tool_calls[0].arguments == {
        "instalments": 3,
        "every": "month",
        "first_date": "2026-12-04",
    }


def test_a_plan_without_a_number_is_asked_for():
    assert offers("Can I pay in installments?") == Reply("Of course. How much can you pay and when?")


@pytest.mark.parametrize(
    ("said", "when"),
    [
        ("Please call me back on Tuesday at 11 in the morning.", "2026-12-01T11:00"),
        ("Please call me back on Wednesday at two in the afternoon.", "2026-11-25T14:00"),
        ("Please call me back on Wednesday.", None),
        ("Call me later.", None),
    ],
)
def test_a_call_back_has_the_time_that_was_said(said, when):
    assert offers(said) == called("ask_callback", when=when)


@pytest.mark.parametrize(
    ("said", "language"), [("I only speak Spanish.", "Spanish"), ("I don't speak English.", "another one")]
)
def test_a_language_that_it_lacks_is_reported(said, language):
    assert answers(said) == called("report_language", language=language)
