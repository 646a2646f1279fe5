"""Every disposition: how it arises, and that the ledger then has exactly what the table says."""

import pytest

from calls.conversation import (
    callback_agree,
    caller_hung_up,
    complaint_note,
    conversation_end,
    copy_request,
    dispute_open,
    hardship_report,
    language_barrier,
    message_declined,
    outcome_of,
    payment_claim,
    plan_agree,
    promise_agree,
)
from calls.effects import EFFECTS
from calls.models import Call, Disposition
from calls.outcomes import OUTCOMES
from calls.services import call_transition
from calls.states import Status
from tests.calls.talks import changed, ledger, talk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
D = Disposition

DEEDS = {
    D.PROMISE_TO_PAY: lambda pk: promise_agree(call_id=pk, amount="120.50", due_date="2026-12-04"),
    D.PARTIAL_PROMISE: lambda pk: promise_agree(call_id=pk, amount="50", due_date="2026-12-04"),
    D.PAYMENT_PLAN: lambda pk: plan_agree(call_id=pk, instalments=3, every="month", first_date="2026-12-01"),
    D.PAID_CLAIMED: lambda pk: payment_claim(call_id=pk, amount=None, paid_on=None, method=None),
    D.DISPUTE: lambda pk: dispute_open(call_id=pk, position=1, amount=None, reason="not_received"),
    D.HARDSHIP: lambda pk: hardship_report(call_id=pk, wording="I have lost my job."),
    D.CALLBACK: lambda pk: callback_agree(call_id=pk, when="2026-11-26T15:00"),
    D.COMPLAINT: lambda pk: complaint_note(call_id=pk, wording="You ring too often."),
    D.LANGUAGE_BARRIER: lambda pk: language_barrier(call_id=pk, language="Polish"),
    D.THIRD_PARTY: lambda pk: message_declined(call_id=pk),
}
# Said by code that has made sure of it: the recognised words, the ear for machines, the failed comparison.
ENDINGS = [disposition for disposition in D if EFFECTS[disposition].by == "ending"]
STATES = {
    D.NO_ANSWER: Status.NO_ANSWER,
    D.BUSY: Status.BUSY,
    D.FAILED: Status.FAILED,
    D.CANCELLED: Status.CANCELED,
    D.BLOCKED_BY_POLICY: Status.BLOCKED,
}


def came_to(call: Call) -> str:
    call.refresh_from_db()
    return call.disposition


def test_no_cell_is_empty():
    known = {*DEEDS, *ENDINGS, *STATES} | {each for each in D if EFFECTS[each].by == "words"}
    assert set(D) == known == set(EFFECTS) == set(OUTCOMES)
    assert all(effect.how for effect in EFFECTS.values())
    assert all(summary and action for summary, action in OUTCOMES.values())
    for disposition in DEEDS:
        assert EFFECTS[disposition].by in ("deed", "remark")


@pytest.mark.parametrize("disposition", DEEDS)
def test_a_deed_has_its_ledger_effect_once_and_says_what_the_call_came_to(disposition):
    call = talk("120.50", "80.00")
    before = ledger()
    DEEDS[disposition](call.pk)
    assert changed(before) == EFFECTS[disposition].ledger
    once = ledger()
    DEEDS[disposition](call.pk)
    assert changed(once) == ()
    assert outcome_of(call.pk) == disposition
    assert caller_hung_up(call_id=call.pk)
    assert came_to(call) == disposition
    assert call.summary and call.next_action
    assert changed(once) == ()


@pytest.mark.parametrize("disposition", DEEDS)
def test_a_test_call_writes_nothing_and_comes_to_the_same(disposition):
    call = talk("120.50", is_test=True)
    before = ledger()
    DEEDS[disposition](call.pk)
    conversation_end(call_id=call.pk)
    assert changed(before) == ()
    assert came_to(call) == disposition


@pytest.mark.parametrize("disposition", ENDINGS)
def test_an_ending_has_its_ledger_effect(disposition):
    call = talk()
    before = ledger()
    assert conversation_end(call_id=call.pk, disposition=disposition)
    assert changed(before) == EFFECTS[disposition].ledger
    assert came_to(call) == disposition
    assert call.next_action


@pytest.mark.parametrize("disposition", STATES)
def test_a_call_that_reached_nobody_leaves_the_ledger_alone(disposition):
    call = talk()
    Call.objects.filter(pk=call.pk).update(
        status=Status.PLACING if disposition == D.BLOCKED_BY_POLICY else Status.RINGING
    )
    before = ledger()
    assert call_transition(call_id=call.pk, to=STATES[disposition], source="carrier")
    assert came_to(call) == disposition
    assert changed(before) == EFFECTS[disposition].ledger == ()


def test_a_copy_leaves_the_outcome_open_and_something_to_do():
    call = talk()
    before = ledger()
    assert copy_request(call_id=call.pk, position=1).channel == "email"
    conversation_end(call_id=call.pk)
    assert (came_to(call), call.next_action) == (D.UNRESOLVED, "Send a copy of INV-1 by e-mail.")
    assert changed(before) == ()
