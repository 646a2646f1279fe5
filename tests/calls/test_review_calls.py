"""A call that is over is reviewed, shown, and corrected by staff."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from calls.aftermath.corrections import call_correct
from calls.aftermath.review import call_review
from calls.conversation import (
    SpokenLine,
    caller_hung_up,
    complaint_note,
    conversation_end,
    copy_request,
    dispute_open,
    payment_claim,
    plan_agree,
    promise_agree,
    recording_refused,
    transcript_append,
)
from calls.house import house_rules_change
from calls.models import Call, CallReview
from calls.services import call_transition
from calls.states import Status
from calls.tasks import after_call
from invoices.models import Event
from tests.calls.talks import changed, events, ledger, talk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
OPENING = "This is Casper, an AI assistant calling for Moonlight Supplies Limited. This call is recorded."


@pytest.fixture(autouse=True)
def _no_rooms(settings):
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}


def spoken(call, *turns):
    """Store turns of (speaker, text), five seconds each, ending now."""
    start = 1000
    lines = []
    for seq, (speaker, text) in enumerate(turns, start=1):
        lines.append(SpokenLine(seq, speaker, text, start, start + 3000))
        start += 5000
    transcript_append(call_id=call.pk, lines=lines)
    # The talk began so long ago.
    began = timezone.now() - timedelta(milliseconds=start)
    Call.objects.filter(pk=call.pk).update(
        stream_opened_at=began, verified_at=began + timedelta(seconds=12) if call.verified_at else None
    )


def over(call, disposition="unresolved"):
    call_transition(call_id=call.pk, to=Status.COMPLETED, source="carrier")
    if disposition == "hung_up":
        caller_hung_up(call_id=call.pk)
    else:
        conversation_end(call_id=call.pk, disposition=disposition)
    call.refresh_from_db()


def promised():
    call = talk()
    spoken(
        call,
        ("agent", OPENING),
        ("caller", "Speaking. February twenty-eighth."),
        (
            "agent",
            "Thank you. I am calling about invoice I N V 1. The balance is £120.50. When can you pay it?",
        ),
        ("caller", "On the fourth."),
        ("agent", "To confirm: you will pay £120.50 on Friday, December 4th. Is that right?"),
        ("caller", "Yes."),
    )
    promise_agree(call_id=call.pk, amount="120.50", due_date="2026-12-04")
    over(call)
    return call


def test_the_task_after_a_call_reviews_it():
    call = promised()
    Call.objects.filter(pk=call.pk).update(stream_closed_at=None)
    after_call(str(call.pk))
    review = CallReview.objects.get(call=call)
    assert not review.needs_attention
    assert {each["name"]: each["at_ms"] for each in review.disclosures} == {
        "ai": 1000,
        "business": 1000,
        "recorded": 1000,
    }
    assert {each["name"]: each["passed"] for each in review.checks}["promise_read_back"] is True
    call.refresh_from_db()
    assert call.summary == "The customer promised £120.50 by Friday, December 4 for INV-1."
    assert call.next_action == "Wait for the payment."


def test_looked_at_again_it_is_told_once_unless_something_is_new():
    call = promised()
    call_review(call_id=call.pk)
    call_review(call_id=call.pk)
    assert events(call).count("call_reviewed") == 1
    transcript_append(
        call_id=call.pk, lines=[SpokenLine(99, "agent", "I can offer you a discount.", 31_000, 33_000)]
    )
    review = call_review(call_id=call.pk)
    assert review is not None and review.needs_attention
    assert events(call).count("call_reviewed") == 2


def test_a_promise_that_nobody_confirmed_needs_a_look():
    call = talk()
    spoken(call, ("agent", OPENING), ("caller", "Hello."))
    promise_agree(call_id=call.pk, amount="120.50", due_date="2026-12-04")
    over(call)
    review = call_review(call_id=call.pk)
    assert review is not None and review.needs_attention
    told = Event.objects.get(kind="call_reviewed")
    assert told.after == {"needs_attention": True, "failed": ["promise_read_back"]}


@pytest.mark.parametrize(("refused", "missing"), [(False, ["callback_number"]), (True, [])])
def test_what_was_said_after_a_refusal_of_recording_is_not_looked_for(refused, missing):
    house_rules_change(source="staff", actor=None, reason="x", callback_number="+442079460199")
    call = talk()
    spoken(call, ("agent", OPENING), ("caller", "I do not want to be recorded."))
    if refused:
        recording_refused(call_id=call.pk)
    over(call)
    review = call_review(call_id=call.pk)
    assert review is not None
    assert [each["name"] for each in review.disclosures if not each["said"]] == missing


def test_the_summary_says_all_that_was_done_and_nothing_else():
    call = talk("120.50", "80.00")
    promise_agree(call_id=call.pk, amount="50", due_date="2026-12-04")
    payment_claim(call_id=call.pk, amount="10", paid_on="2026-11-20", method="cheque")
    dispute_open(call_id=call.pk, position=2, amount="20", reason="wrong_amount")
    copy_request(call_id=call.pk, position=2)
    plan_agree(call_id=call.pk, instalments=2, every="month", first_date="2026-12-01")
    over(call)
    call_review(call_id=call.pk)
    call.refresh_from_db()
    assert call.summary == (
        "The customer said that £10.00 was paid on Friday, November 20; in the ledger nothing like it is on file. "
        "The customer disputes £20.00 of INV-2: wrong amount. The customer asked for a copy of INV-2. "
        "The customer agreed to pay £120.50 in 2 instalments from Tuesday, December 1 for INV-1. "
        "An earlier agreement in the call was replaced or taken back."
    )
    assert call.next_action == (
        "Look for £10.00 paid on Friday, November 20 (cheque); nothing like it is on file. "
        "Answer the dispute about INV-2. Send a copy of INV-2 by e-mail. Wait for the first instalment."
    )


def test_where_nothing_was_done_the_summary_says_how_it_ended():
    call = talk(verified=False)
    spoken(call, ("agent", OPENING))
    complaint_note(call_id=call.pk, wording="Stop it.")
    over(call, "wrong_number")
    call_review(call_id=call.pk)
    call.refresh_from_db()
    assert call.summary == "The number belongs to somebody else. There was a complaint."


def test_who_hung_up_in_the_first_sentence_is_no_case_for_staff():
    call = talk(verified=False)
    transcript_append(call_id=call.pk, lines=[SpokenLine(1, "agent", "This is Cas", 900, 1200, True)])
    over(call, "hung_up")
    review = call_review(call_id=call.pk)
    assert review is not None and not review.needs_attention
    assert not any(each["said"] for each in review.disclosures)


@pytest.mark.parametrize("fields", [{"status": "in_progress"}, {"stream_opened_at": None}])
def test_before_its_end_and_without_anyone_on_the_line_nothing_is_reviewed(fields):
    call = promised()
    Call.objects.filter(pk=call.pk).update(**fields)
    assert call_review(call_id=call.pk) is None


def test_a_review_leaves_the_ledger_alone():
    call = promised()
    before = ledger()
    call_review(call_id=call.pk)
    assert changed(before) == ()


def test_the_call_page_shows_the_checklist(browser, viewer):
    call = promised()
    call_review(call_id=call.pk)
    text = browser(viewer).get(f"/calls/{call.pk}/").text
    for shown in ("Said that the call is recorded", "What was agreed was read back and confirmed", "0:21"):
        assert shown in text, shown
    assert "Look at it" not in text and "Not heard" not in text
    CallReview.objects.update(
        needs_attention=True, disclosures=[{"name": "recorded", "said": False, "at_ms": None}]
    )
    text = browser(viewer).get(f"/calls/{call.pk}/").text
    assert "Look at it" in text and "Not heard" in text


def test_a_collector_corrects_the_outcome_and_the_first_one_is_kept(browser, collector):
    call = promised()
    call_review(call_id=call.pk)
    call.refresh_from_db()
    before = ledger()
    page = browser(collector)
    assert "Correct the outcome" in page.get(f"/calls/{call.pk}/").text
    assert "The customer promised" in page.get(f"/calls/{call.pk}/correct/").text
    answer = page.post(
        f"/calls/{call.pk}/correct/",
        {
            "disposition": "complaint",
            "summary": "She was angry.",
            "next_action": call.next_action,
            "reason": "I listened to it",
        },
    )
    assert (answer.status_code, answer.url) == (302, f"/calls/{call.pk}/")
    told = Event.objects.get(kind="call_corrected")
    assert (told.actor, told.reason) == (collector, "I listened to it")
    assert told.before == {"disposition": "promise_to_pay", "summary": call.summary}
    assert told.after == {"disposition": "complaint", "summary": "She was angry."}
    # No rule writes over it.
    call_review(call_id=call.pk)
    call.refresh_from_db()
    assert (call.disposition, call.summary) == ("complaint", "She was angry.")
    assert changed(before) == ()


def test_the_same_again_is_no_correction(collector):
    call = promised()
    call_correct(call_id=call.pk, actor=collector, reason="Hm", disposition=call.disposition)
    assert not Event.objects.filter(kind="call_corrected").exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("disposition", "no_answer"),
        ("disposition", "wrong_number"),
        ("disposition", "blocked_by_policy"),
        ("disposition", "happy"),
        ("summary", "x" * 501),
        ("next_action", "x" * 201),
        ("reason", ""),
    ],
)
def test_what_a_call_can_not_be_corrected_to(collector, field, value):
    call = promised()
    given = {"reason": "Because", "summary": "Other.", field: value}
    with pytest.raises(ValidationError) as refused:
        call_correct(call_id=call.pk, actor=collector, **given)
    assert set(refused.value.message_dict) == {field}
    assert not Event.objects.filter(kind="call_corrected").exists()


def test_a_call_that_runs_and_one_that_nobody_took_are_not_made_conversations(browser, collector):
    call = talk()
    with pytest.raises(ValidationError):
        call_correct(call_id=call.pk, actor=collector, reason="Because", summary="Done.")
    answer = browser(collector).get(f"/calls/{call.pk}/correct/")
    assert (answer.status_code, answer.url) == (302, f"/calls/{call.pk}/")
    Call.objects.filter(pk=call.pk).update(status="no_answer", disposition="no_answer", answered_at=None)
    with pytest.raises(ValidationError):
        call_correct(call_id=call.pk, actor=collector, reason="Because", disposition="promise_to_pay")


def test_a_viewer_may_not_correct(browser, viewer):
    call = promised()
    with pytest.raises(PermissionDenied):
        call_correct(call_id=call.pk, actor=viewer, reason="Because", summary="Done.")
    page = browser(viewer)
    assert "Correct the outcome" not in page.get(f"/calls/{call.pk}/").text
    assert page.get(f"/calls/{call.pk}/correct/").status_code == 403
