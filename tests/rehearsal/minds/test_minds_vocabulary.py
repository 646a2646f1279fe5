"""Whatever the two minds say, the other one's ears can hear: each line is in the grammar it is listened to with."""

import re
from datetime import date

import pytest

from rehearsal.carrier.people import PersonEntry
from rehearsal.customers.characters import WHEN_ASKED_FOR, WHEN_ASKED_TO_PAY
from rehearsal.customers.personas import PROGRAMME, RAMBLING
from rehearsal.customers.plan import Plan
from rehearsal.customers.promising import NOT_RIGHT, SAY_AGAIN, Promising
from rehearsal.models import grammar
from rehearsal.models.brain import complete
from rehearsal.models.speakable import speakable

TODAY = date(2026, 11, 24)
OWN_LINES = [line for lines in (*WHEN_ASKED_FOR.values(), *WHEN_ASKED_TO_PAY.values()) for line in lines]
CALLER_LINES = [
    "Hello?",
    "Yes, speaking.",
    "My birthday is March 14th.",
    "My customer number is 10041.",
    "I would rather not say.",
    "How much is it?",
    "Yes, that is right.",
    NOT_RIGHT,
    SAY_AGAIN,
    "Goodbye.",
    "Sorry, you have the wrong number. There is nobody called Robert Blake here.",
    "Nobody by that name lives here.",
    *(line.format(first="Robert", weekday="Tuesday", day="December 4th") for line in OWN_LINES),
    *PROGRAMME,
    *RAMBLING,
    "I do not want to be recorded.",
    Plan.from_json({"amount": "full", "days": 9}, TODAY).offer("$"),
    Plan.from_json({"amount": "1234.56", "days": 38}, TODAY).offer("£"),
    "Hello. You have reached Robert Blake. I am not available right now. Please leave your name and number "
    "and I will call you back. Please leave a message after the tone.",
]
FIXED_LINES = [
    "This is an automated call from Phantom Pay. Connecting you to our payment specialist. Please hold.",
    "This is Casper, an AI assistant calling for Phantom Pay. This call is recorded. May I speak with Robert Blake?",
    "Thank you. To make sure I speak with the right person, please tell me the month and day of your birth.",
    "Please tell me the day and month of your birth, or your customer number.",
    "I am sorry, that does not match our records. Could you try again please?",
    "Thank you. I am calling about invoice 1 0 0 7.",
    "I am calling about invoice I N V 1 0 4 2.",
    "The balance is $120.50, and it was due on November 3rd. When can you pay it?",
    "The balance is £1,120, and it is due on January 3rd, 2027. When can you pay it?",
    "One more invoice is open, £489.60 in all. When can you pay it?",
    "3 more invoices are open, $1,489.60 in all. When can you pay it?",
    "To confirm: you will pay $120.50 on Friday, December 4th, 2026. Is that right?",
    "That date is too far away. Please choose an earlier date.",
    "That is more than the balance. The balance is $120.50.",
    "I did not understand that date. Please say another date.",
    "Nothing was read back. Please say the amount and the date.",
    "Are you still there?",
    "You can also press 1 for yes, 2 for no, 0 for a colleague, or 9 to stop these calls.",
    "You can also press 1 to go on with keys, 0 for a colleague, or 9 to stop these calls.",
    "You can also enter it with the keys, as four digits, the month first.",
    "You can also enter its digits with the keys.",
    "One moment, please.",
    "I am sorry, I did not catch that. Could you say that again please?",
    "I am sorry. How much can you pay and when?",
    "Thank you. Your promise is noted. Goodbye.",
    "I apologize for the mistake. We will not call this number again. Goodbye.",
    "Thank you. We will try again another time. Goodbye.",
    "I am sorry, I could not verify your identity. I cannot continue this call. Goodbye.",
    "Thank you for confirming. There is nothing to discuss today. Have a nice day. Goodbye.",
    "I understand. Thank you for letting us know. Goodbye.",
    "Of course. We will call back another time. Goodbye.",
    "I understand. I will make a note of that. Goodbye.",
    "Thank you for your time. A colleague will contact you. Goodbye.",
    "I cannot hear you. We will try again another time. Goodbye.",
    "I am sorry, I have to end this call now. A colleague will contact you. Goodbye.",
    "I am sorry, there is a problem on the line. I could not note that. Goodbye.",
]
IDENTITY = "Customer name: Robert Blake\nBusiness name: Phantom Pay"
DEBT = "Invoice number: 1007\nBalance: 120.50 EUR\nDue date: 2026-11-03\nToday: 2026-11-24"
STATED = "The balance is €120.50. When can you pay it?"


def understood(line, name):
    words = re.findall(r"[a-z']+", speakable(line).lower())
    return grammar.automaton(name).punctuate(words) is not None


def spoken_by_the_brain(tool, prompt, asked, said):
    messages = [
        {"role": "system", "content": prompt},
        {"role": "assistant", "content": asked},
        {"role": "user", "content": said},
    ]
    return complete({"messages": messages, "tools": [{"function": {"name": tool}}]}).text


@pytest.mark.parametrize("line", CALLER_LINES)
def test_the_agents_ears_know_what_a_person_says(line):
    assert understood(line, grammar.CALLER)


@pytest.mark.parametrize("line", FIXED_LINES)
def test_a_persons_ears_know_the_agents_fixed_lines(line):
    assert understood(line, grammar.AGENT)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "Yes.",
        "Hello.",
        "Who is this?",
        "Are you a robot?",
        "I would rather not say.",
        "No.",
        "Pardon?",
        "Bye.",
        "Hm.",
    ],
)
def test_a_persons_ears_know_what_the_brain_says_before_verification(said):
    line = spoken_by_the_brain("check_identity", IDENTITY, "May I speak with Robert Blake?", said)
    assert line and understood(line, grammar.AGENT)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("", "Okay."),
        (STATED, "Yes."),
        (STATED, "No."),
        (STATED, "Hm."),
        (STATED, "I can pay $50."),
        (STATED, "I can't pay it all."),
        (STATED, "How much is it?"),
        (STATED, "Who is this?"),
        (STATED, "Are you a robot?"),
        (STATED, "Next week."),
    ],
)
def test_a_persons_ears_know_what_the_brain_says_about_the_debt(asked, said):
    line = spoken_by_the_brain("propose_promise", f"{IDENTITY}\n{DEBT}", asked, said)
    assert line and understood(line, grammar.AGENT)


def test_every_answer_of_a_payer_is_among_the_lines_that_are_checked():
    mind = Promising(PersonEntry("promises", "Robert Blake", 3, 14, "10041", {"days": 9}), TODAY)
    asked = [
        "May I speak with Robert Blake?",
        "the month and day of your birth",
        "your customer number",
        "",
        STATED,
    ]
    assert {mind.answer(text) for text in asked} <= set(CALLER_LINES)
