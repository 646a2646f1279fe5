"""No cell is empty: each disposition, and each thing that a person can say, is shown by a conversation or a test."""

from pathlib import Path

import pytest

from calls.models import Disposition
from tests.conversations.test_conversations import ALL

ROOT = Path(__file__).resolve().parents[2]
D = Disposition
# What no conversation leads to, and which test shows it.
REACHED_NOBODY = (
    "tests/calls/test_agreed_matrix.py",
    "test_a_call_that_reached_nobody_leaves_the_ledger_alone",
)
ELSEWHERE = {
    D.NO_ANSWER: ("tests/system/test_personas.py", "test_a_call_ends_as_its_persona_leads_to"),
    D.BUSY: ("tests/system/test_personas.py", "test_a_call_ends_as_its_persona_leads_to"),
    D.FAILED: REACHED_NOBODY,
    D.NO_RESPONSE: (
        "tests/calls/test_announcement_calls.py",
        "test_silence_is_asked_again_and_then_ends_kindly",
    ),
    D.LINK_SENT: ("tests/calls/test_announcement_calls.py", "test_it_is_sent_as_a_text_message"),
    D.TRANSFERRED: (
        "tests/calls/test_transfers.py",
        "test_a_colleague_who_picks_up_is_what_the_call_came_to",
    ),
    D.BLOCKED_BY_POLICY: REACHED_NOBODY,
    D.CANCELLED: REACHED_NOBODY,
    D.INVALID_NUMBER: ("tests/system/test_signalling.py", "test_a_carrier_that_refuses_is_believed"),
}
SAID = [
    "promise in full",
    "promise in part",
    "several invoices",
    "a date that has passed",
    "change of mind",
    "promise kept on hang-up",
    "a plan",
    "already paid",
    "what is it for",
    "send me a copy",
    "another currency",
    "a discount",
    "dispute with reason and amount",
    "hardship",
    "callback",
    "third party at the phone",
    "another language",
    "a human please",
    "keys instead of speech",
    "are you a robot",
    "injection by voice",
    "card numbers",
    "refusal of recording",
    "a doubtful phrase",
    "minor",
    "not at work",
    "threats",
    "claims to be human",
    "two demands at once",
    "a name",
    "amounts",
    "not a good time",
    "balance changes",
    "foolish functions",
]


def shown() -> set[str]:
    return {row for case in ALL.values() for row in case.shows}


@pytest.mark.parametrize("disposition", Disposition.values)
def test_every_disposition_is_shown(disposition):
    if disposition in ELSEWHERE:
        path, name = ELSEWHERE[Disposition(disposition)]
        assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8")
    else:
        assert disposition in shown()


@pytest.mark.parametrize("said", SAID)
def test_everything_that_a_person_can_say_is_shown(said):
    assert said in shown()


@pytest.mark.parametrize("name", sorted(ALL))
def test_every_conversation_says_what_came_of_it(name):
    assert ALL[name].then and ALL[name].shows
