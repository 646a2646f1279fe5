"""What a person makes of what they heard: texts in, what they say out. And a whole call between the two minds."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from rehearsal.carrier.people import PersonEntry
from rehearsal.customers import PERSONAS, person_for
from rehearsal.customers.characters import WHEN_ASKED_FOR, WHEN_ASKED_TO_PAY, ChangesMind, Character
from rehearsal.customers.hearing import Asks, hear
from rehearsal.customers.promising import SAY_AGAIN, Promising
from rehearsal.models.brain import complete

TODAY = date(2026, 11, 24)
FULL = {"amount": "full", "date": "2026-12-04"}
STATEMENT = (
    "Thank you. I am calling about invoice 1007. "
    "The balance is $120.50 and was due on November 3rd. When can you pay it?"
)
RIGHT = "To confirm: you will pay $120.50 on Friday, December 4th, 2026. Is that right?"


def payer(plan=FULL, **known):
    known = {"name": "Robert Blake", "birth_month": 3, "birth_day": 14, "customer_number": "10041", **known}
    return Promising(PersonEntry(plan=plan, **known), TODAY)


@pytest.mark.parametrize(
    ("said", "asks"),
    [
        (
            "This is Casper, an AI assistant calling for Phantom Pay. May I speak with Robert Blake?",
            Asks.NAME,
        ),
        ("This is an automated call from Phantom Pay. Please hold.", Asks.PATIENCE),
        ("Please hold. This is Casper. This call is recorded. May I speak with Robert Blake?", Asks.NAME),
        ("Thank you. Please tell me the month and day of your birth.", Asks.BIRTHDAY),
        ("Please tell me your customer number.", Asks.CUSTOMER_NUMBER),
        (STATEMENT, Asks.DATE),
        ("How much can you pay and when?", Asks.AMOUNT_AND_DATE),
        ("Nothing was read back. Please say the amount and the date.", Asks.AMOUNT_AND_DATE),
        (RIGHT, Asks.CONFIRMATION),
        ("Thank you.", Asks.PATIENCE),
        ("I am sorry, I did not catch that.", Asks.AGAIN),
        ("I am sorry, I did not catch that. When can you pay it?", Asks.DATE),
        ("Are you still there?", Asks.AGAIN),
        ("Thank you for your time. Goodbye.", Asks.NOTHING_MORE),
        ("Mumble mumble", None),
    ],
)
def test_a_turn_is_understood_by_its_key_phrase(said, asks):
    assert hear(said, TODAY).asks is asks


def test_the_connecting_message_is_waited_out_silently():
    message = (
        "This is an automated call from Phantom Pay. Connecting you to our payment specialist. Please hold."
    )
    assert payer().answer(message) is None


def test_a_birthday_is_told_only_to_who_asks_for_one():
    assert payer().answer("May I speak with Robert Blake?") == "Yes, speaking."
    assert payer().answer("Please tell me the month and day of your birth.") == "My birthday is March 14th."


def test_a_customer_number_is_told_when_that_is_asked():
    assert payer().answer("Please tell me your customer number.") == "My customer number is 10041."


def test_who_knows_nothing_of_it_proves_nothing():
    known = {"birth_month": None, "birth_day": None, "customer_number": None}
    assert (
        payer(**known).answer("Please tell me the month and day of your birth.") == "I would rather not say."
    )


def test_the_full_amount_is_promised_as_it_was_heard():
    mind = payer()
    assert mind.answer(STATEMENT) == "I can pay the full amount on December 4th."
    assert mind.intended == (Decimal("120.50"), date(2026, 12, 4))


@pytest.mark.parametrize(
    ("balance", "sign"), [("$120.50", "$"), ("£120.50", "£"), ("120 pounds", "£"), ("€7", "€")]
)
def test_a_part_is_promised_in_the_currency_that_was_heard(balance, sign):
    mind = payer({"amount": "50.00", "days": 10})
    assert (
        mind.answer(f"The balance is {balance}. When can you pay it?")
        == f"I can pay {sign}50 on December 4th."
    )
    assert mind.intended == (Decimal("50.00"), date(2026, 12, 4))


def test_who_did_not_hear_the_balance_asks_for_it():
    mind = payer()
    assert mind.answer("When can you pay it?") == "How much is it?"
    assert mind.intended is None


def test_a_right_read_back_is_confirmed_even_when_its_question_comes_a_breath_later():
    mind = payer()
    mind.answer(STATEMENT)
    assert mind.answer("To confirm: you will pay $120.50 on Friday, December 4th, 2026.") is None
    assert mind.answer("Is that right?") == "Yes, that is right."


@pytest.mark.parametrize(
    "read_back",
    [
        "To confirm: you will pay $120.15 on Friday, December 4th, 2026. Is that right?",
        "To confirm: you will pay $120.50 on Friday, December 11th, 2026. Is that right?",
        "To confirm: you will pay $120.50 on Saturday, December 4th, 2027. Is that right?",
    ],
)
def test_a_wrong_read_back_is_denied(read_back):
    mind = payer()
    mind.answer(STATEMENT)
    answer = mind.answer(read_back)
    assert answer.startswith("No, that is not right.")


def test_a_read_back_that_was_not_heard_is_asked_for_again():
    mind = payer()
    mind.answer(STATEMENT)
    assert mind.answer("Is that right?") == SAY_AGAIN


def test_who_understands_nothing_asks_three_times_and_then_is_silent():
    mind = payer()
    assert [mind.answer("") for _ in range(5)] == [SAY_AGAIN] * 3 + [None] * 2


def test_who_was_not_understood_says_it_again():
    mind = payer()
    mind.answer("Please tell me the month and day of your birth.")
    assert mind.answer("That does not match our records. Please try again.") == "My birthday is March 14th."


def test_a_plan_that_cannot_be_read_is_refused():
    with pytest.raises(ValueError, match="not an amount"):
        payer({"amount": "a lot", "days": 7})


def test_a_persona_nobody_plays_is_refused():
    with pytest.raises(ValueError, match="no persona 'juggler'"):
        person_for(PersonEntry(persona="juggler"), "http://127.0.0.1:9/v1")


@pytest.mark.parametrize("persona", PERSONAS)
def test_each_personas_phone_rings_to_its_end(persona):
    outcome = {"busy": "busy", "no_answer": "no-answer"}.get(persona, "answer")
    assert person_for(PersonEntry(persona=persona), "http://127.0.0.1:9/v1").ring().outcome == outcome


# People with something of their own to say


def character(persona, mind=Character):
    known: dict[str, Any] = {
        "name": "Robert Blake",
        "birth_month": 3,
        "birth_day": 14,
        "customer_number": "10041",
    }
    return mind(PersonEntry(persona=persona, plan=FULL, **known), TODAY)


@pytest.mark.parametrize("persona", WHEN_ASKED_FOR)
def test_who_is_asked_for_says_their_own_line_once_and_then_answers(persona):
    person = character(persona)
    first = person.answer("May I speak with Robert Blake?")
    assert first and first != "Yes, speaking." and "{" not in first
    assert person.answer("May I speak with Robert Blake?") == "Yes, speaking."


@pytest.mark.parametrize("persona", WHEN_ASKED_TO_PAY)
def test_who_is_asked_to_pay_says_their_own_line_once_and_then_promises(persona):
    person = character(persona)
    assert person.answer("May I speak with Robert Blake?") == "Yes, speaking."
    first = person.answer(STATEMENT)
    assert first and "{" not in first and not first.startswith("I can pay")
    assert person.answer("When can you pay it?") == "I can pay the full amount on December 4th."


def test_who_thinks_again_does_so_when_asked_whether_they_are_still_there():
    person = character("changes_mind", ChangesMind)
    person.answer(STATEMENT)
    person.answer(RIGHT)
    assert person.answer("Are you still there?") == "I can pay $20 on December 6th."


def test_who_thinks_again_promises_something_else_once():
    person = character("changes_mind", ChangesMind)
    person.answer(STATEMENT)
    assert person.answer("Your promise is noted. Is there anything else?") == "I can pay $20 on December 6th."
    assert person.intended == (Decimal(20), date(2026, 12, 6))
    assert person.answer("Is there anything else?") == "No, thank you."


# The two minds, talking in texts


class Desk:
    """A bare agent: the model, its prompts and tools, and what the tools would say."""

    messages: list[dict[str, Any]]
    tools: tuple[str, ...]

    def __init__(self, balance, currency):
        self.identity = [
            {"role": "system", "content": "Customer name: Robert Blake\nBusiness name: Phantom Pay"}
        ]
        facts = (
            f"Invoice number: 1007\nBalance: {balance} {currency}\nDue date: 2026-11-03\nToday: 2026-11-24"
        )
        self.debt = [{"role": "system", "content": facts}]
        self.messages, self.tools = self.identity, ("person_found", "report_wrong_number")
        self.proposed = self.recorded = None
        self.sign = {"USD": "$", "GBP": "£"}[currency]

    def say(self, text):
        self.messages.append({"role": "assistant", "content": text})
        return text

    def hear(self, text):
        self.messages.append({"role": "user", "content": text})
        reply = complete(
            {
                "messages": self.messages,
                "tools": [{"type": "function", "function": {"name": name}} for name in self.tools],
            }
        )
        for call in reply.tool_calls:
            function = {"name": call.name, "arguments": json.dumps(call.arguments)}
            self.messages.append(
                {"role": "assistant", "tool_calls": [{"type": "function", "function": function}]}
            )
            return getattr(self, call.name)(**call.arguments)
        return self.say(reply.text)

    def person_found(self):
        self.tools = ("check_identity", "report_wrong_number")
        return self.say("Thank you. Please tell me the day and month of your birth.")

    def check_identity(self, birth_month, birth_day, customer_number):
        if (birth_month, birth_day) != (3, 14):
            return self.say("That does not match our records. Please try again.")
        self.messages, self.tools = self.debt, ("propose_promise", "confirm", "end_call")
        return self.say(
            complete({"messages": self.messages, "tools": [{"function": {"name": "propose_promise"}}]}).text
        )

    def propose_promise(self, amount, date):
        self.proposed = amount, date
        return self.say(f"To confirm: you will pay {self.sign}{amount} on {date}. Is that right?")

    def confirm(self, confirmed):
        if not confirmed:
            return self.say("I am sorry. How much can you pay and when?")
        self.recorded = self.proposed
        self.tools = ("go_back", "end_call")
        return self.say("Thank you. Your promise is noted. Is there anything else?")

    def end_call(self, reason):
        return self.say("Thank you for your time. Goodbye.")


@pytest.mark.parametrize(
    ("plan", "balance", "currency", "promise"),
    [
        (FULL, "120.50", "USD", ("120.50", "2026-12-04")),
        ({"amount": "50.00", "days": 10}, "1204.09", "GBP", ("50.00", "2026-12-04")),
        ({"amount": "33.33", "date": "2027-01-31"}, "99.00", "USD", ("33.33", "2027-01-31")),
    ],
)
def test_a_call_between_the_two_minds_ends_in_the_intended_promise(plan, balance, currency, promise):
    desk, mind = Desk(balance, currency), payer(plan)
    said = desk.say("This is Casper, an AI assistant calling for Phantom Pay. May I speak with Robert Blake?")
    for _ in range(10):
        answer = mind.answer(said)
        if answer in (None, "Goodbye."):
            break
        said = desk.hear(answer)
    assert desk.recorded == promise
    assert mind.intended == (Decimal(promise[0]), date.fromisoformat(promise[1]))


def test_a_desk_that_reads_back_another_amount_gets_no_promise():
    class Careless(Desk):
        def propose_promise(self, amount, date):
            return super().propose_promise("99.00", date)

    desk, mind = Careless("120.50", "USD"), payer()
    said = desk.say("This is Casper. May I speak with Robert Blake?")
    for _ in range(20):
        answer = mind.answer(said)
        if answer is None:
            break
        said = desk.hear(answer)
    assert answer is None and desk.proposed == ("99.00", "2026-12-04") and desk.recorded is None
