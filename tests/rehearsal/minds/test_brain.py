"""What the rule-based model answers to a request, seen as its caller sees it: messages and tools in, a message out."""

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rehearsal.models import spoken
from rehearsal.models.brain import Reply, ToolCall, complete

FIND = (
    "person_found",
    "report_wrong_number",
    "report_third_party",
    "report_machine",
    "report_language",
    "end_call",
)
VERIFY = ("check_identity", "report_wrong_number", "report_third_party", "end_call")
DEBT = (
    "propose_promise",
    "propose_plan",
    "confirm",
    "claim_paid",
    "open_dispute",
    "report_hardship",
    "send_copy",
    "ask_callback",
    "transfer_to_human",
    "end_call",
)
CLOSE = ("go_back", "end_call")
GREETING = "This is Casper, an AI assistant calling for Phantom Pay. May I speak with Robert Blake?"
ASKED_BIRTH = "Thank you. Please tell me the month and day of your birth."
STATEMENT = (
    "Thank you. I am calling about invoice 1007. "
    "The balance is $120.50 and was due on November 3rd. When can you pay it?"
)
READ_BACK = "To confirm: you will pay $120.50 on Friday, December 4th, 2026. Is that right?"


def request(*turns, tools, facts):
    prompt = "You are a polite voice.\n" + "\n".join(f"{key}: {value}" for key, value in facts.items())
    roles = {"agent": "assistant", "caller": "user", "tool": "tool"}
    messages: list[dict[str, Any]] = [{"role": "system", "content": prompt}]
    for speaker, said in turns:
        if isinstance(said, ToolCall):
            function = {"name": said.name, "arguments": json.dumps(said.arguments)}
            messages.append(
                {
                    "role": "assistant",
                    "content": None,
                    "tool_calls": [{"id": "1", "type": "function", "function": function}],
                }
            )
        else:
            messages.append({"role": roles[speaker], "content": said})
    described = [{"type": "function", "function": {"name": name, "parameters": {}}} for name in tools]
    return {"model": "gpt-test", "messages": messages, "tools": described}


def identify(*turns, name="Robert Blake", fact="month and day of birth", tools=FIND):
    facts = {"Customer name": name, "Business name": "Phantom Pay", "Asked fact": fact}
    return complete(request(*turns, tools=tools, facts=facts))


def negotiate(*turns, balance="120.50 USD", today="2026-11-24 (Tuesday)", number="1007"):
    facts = {
        "Customer name": "Robert Blake",
        "Business name": "Phantom Pay",
        "Invoice number": number,
        "Balance": balance,
        "Due date": "2026-11-03",
        "Today": today,
    }
    return complete(request(*turns, tools=DEBT, facts=facts))


def called(name, **arguments):
    return Reply("", (ToolCall(name, arguments),))


def answers(said, asked=GREETING, **kwargs):
    return identify(("agent", asked), ("caller", said), **kwargs)


def proves(said, asked=ASKED_BIRTH, **kwargs):
    return answers(said, asked, tools=VERIFY, **kwargs)


def closes(said):
    facts = {"Customer name": "Robert Blake", "Business name": "Phantom Pay", "Today": "2026-11-24 (Tuesday)"}
    asked = "Thank you. Your promise is noted. Is there anything else?"
    return complete(request(("agent", asked), ("caller", said), tools=CLOSE, facts=facts))


def offers(said, *earlier, **kwargs):
    return negotiate(("agent", STATEMENT), *earlier, ("caller", said), **kwargs)


def settles(said):
    proposed = ToolCall("propose_promise", {"amount": "120.50", "date": "2026-12-04"})
    return offers(said, ("caller", "I can pay on December 4th"), ("agent", proposed), ("agent", READ_BACK))


# Before the right party is verified


@pytest.mark.parametrize(
    "said",
    [
        "Yes.",
        "Yes, speaking.",
        "This is Robert.",
        "Robert Blake here.",
        "It's me.",
        "Yes, this is she.",
        "My birthday is March 14th.",
    ],
)
def test_a_person_who_asserts_the_name_or_proves_it_is_found(said):
    assert answers(said) == called("person_found")


def test_a_customer_without_a_birthday_is_asked_for_the_customer_number():
    assert proves("Yes.", "", fact="customer number").text.endswith("Please tell me your customer number.")


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("Stop calling me.", "stop_calling"),
        ("Call me back later.", "callback"),
        ("I don't want to talk.", "refused"),
    ],
)
def test_who_wants_no_talk_is_let_go_before_they_prove_anything(said, reason):
    assert answers(said) == called("end_call", reason=reason)


def test_without_a_tool_to_end_the_call_the_wish_is_acknowledged():
    assert (
        answers("Stop calling me.", tools=("check_identity",)).text
        == "I understand. I will make a note of that."
    )


@settings(deadline=None)  # a busy machine is no failure
@given(
    st.dates(date(1930, 1, 1), date(2010, 12, 31)),
    st.sampled_from(sorted({"my birthday is {}", "{}", "Yes. It's {}."})),
)
def test_a_birthday_goes_to_the_check_whatever_day_it_is(born, form):
    said = form.format(spoken.month_day(born.month, born.day))
    assert proves(said) == called(
        "check_identity", birth_month=born.month, birth_day=born.day, customer_number=None
    )


@pytest.mark.parametrize(
    "said", ["March 14th", "the 14th of March", "14 March", "3/14", "march fourteenth, 1980"]
)
def test_every_way_to_give_a_birthday_is_the_same_day(said):
    assert proves(said).tool_calls[0].arguments["birth_month"] == 3
    assert proves(said).tool_calls[0].arguments["birth_day"] == 14


@settings(deadline=None)  # a busy machine is no failure
@given(st.from_regex(r"[1-9][0-9]{3,7}", fullmatch=True), st.booleans())
def test_a_customer_number_goes_to_the_check(number, aloud):
    said = f"My customer number is {spoken.digits(number) if aloud else number}."
    expected = called("check_identity", birth_month=None, birth_day=None, customer_number=number)
    assert proves(said, "Please tell me your customer number.") == expected


def test_three_digits_are_no_customer_number():
    assert not proves("one two three", "Please tell me your customer number.").tool_calls


@pytest.mark.parametrize(
    "said",
    [
        "Sorry, you have the wrong number. There is nobody called Robert Blake here.",
        "There is no Robert here.",
        "We don't have a Robert here.",
        "Nobody by that name lives here.",
        "I don't know Robert Blake.",
    ],
)
def test_a_wrong_number_is_reported(said):
    assert answers(said) == called("report_wrong_number")


@settings(deadline=None)  # a busy machine is no failure
@given(st.sampled_from(["Zoë Quartz", "Kwame Nkrumah", "Ann O'Neil", "Siobhan Kelly-Burke"]))
def test_an_unseen_name_is_asked_for_and_denied_like_any_other(name):
    assert f"May I speak with {name}?" in answers("Who is this?", "", name=name).text
    assert answers(f"I do not know {name}.", name=name) == called("report_wrong_number")


@pytest.mark.parametrize(
    "said",
    [
        "He is not here right now.",
        "Can I take a message?",
        "I'm his wife.",
        "She's not home.",
        "Robert is at work.",
    ],
)
def test_somebody_else_at_the_phone_is_reported(said):
    assert answers(said) == called("report_third_party", coming=False)


@pytest.mark.parametrize(
    "said",
    [
        "You have reached Robert Blake. I am not available right now. Please leave a message after the tone.",
        "Please record your message at the tone.",
        "The person you are calling is not available.",
    ],
)
def test_a_voicemail_is_reported(said):
    assert answers(said) == called("report_machine", kind="voicemail")


@pytest.mark.parametrize("said", ["Who is this?", "What is this about?", "Where are you calling from?"])
def test_who_asks_hears_for_whom_and_the_question_again_and_nothing_of_a_debt(said):
    reply = answers(said)
    assert "Phantom Pay" in reply.text and "personal matter" in reply.text
    assert reply.text.endswith("May I speak with Robert Blake?")
    assert not {"debt", "invoice", "balance", "owe", "pay"} & set(reply.text.lower().split())


def test_asked_whether_it_is_a_robot_it_says_yes():
    assert answers("Are you a robot?").text.startswith("Yes, I am an automated assistant.")


@pytest.mark.parametrize("said", ["Mumble.", "The weather is nice."])
def test_what_is_unclear_is_asked_again(said):
    reply = proves(said)
    assert "did not catch" in reply.text and "month and day of your birth" in reply.text


def test_who_will_not_give_a_birthday_is_asked_for_the_customer_number():
    assert "customer number" in proves("I would rather not say.").text


def test_a_tools_words_for_the_customer_are_spoken_as_they_stand():
    check = ToolCall("check_identity", {"birth_month": 3, "birth_day": 15, "customer_number": None})
    result = "That does not match our records. Please try again."
    turns = ("agent", ASKED_BIRTH), ("caller", "March 15th"), ("agent", check), ("tool", result)
    reply = identify(*turns, tools=VERIFY)
    assert reply == Reply(result)


def test_nothing_is_said_after_a_tool_that_ends_the_call():
    reply = identify(
        ("agent", GREETING),
        ("caller", "Voicemail."),
        ("agent", ToolCall("report_machine", {"kind": "voicemail"})),
        ("tool", "ok"),
    )
    assert reply == Reply("")


# Afterwards


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
