"""The rehearsal's model before the right party is verified."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rehearsal.models import spoken
from rehearsal.models.brain import Reply, ToolCall
from tests.rehearsal.minds.asking import (
    ASKED_BIRTH,
    GREETING,
    VERIFY,
    answers,
    called,
    identify,
    proves,
)


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
