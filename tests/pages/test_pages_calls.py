"""The call's page: everything that happened, while it happens and afterwards."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from calls.services import call_conclude, call_transition
from calls.states import Status
from tests.factories import CallFactory, DecisionFactory, LineFactory

pytestmark = pytest.mark.django_db
WAV = bytes(range(256)) * 4


@pytest.fixture
def recorded(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    name = default_storage.save("recordings/call.wav", ContentFile(WAV))
    return CallFactory.create(status="completed", disposition="hung_up", recording=name)


def page(client, call):
    return client.get(f"/calls/{call.pk}/").text


def test_states_are_shown_with_their_times_and_who_moved_them(browser, viewer):
    call = CallFactory.create()
    call_transition(call_id=call.pk, to=Status.PLACING, source="worker")
    call_transition(call_id=call.pk, to=Status.BUSY, source="carrier", reason="the line was engaged")
    text = page(browser(viewer), call)
    for shown in ["Getting the agent ready", "carrier: the line was engaged", "<strong>Busy</strong>"]:
        assert shown in text


def test_outcome_agreement_usage_and_decisions_are_shown(browser, viewer):
    started = timezone.now()
    call = CallFactory.create(
        status="in_progress",
        answered_at=started - timedelta(seconds=95),
        agreed=[
            {
                "kind": "promise_to_pay",
                "invoice": "INV-1",
                "amount": "120.50",
                "currency": "USD",
                "date": "2026-12-04",
            }
        ],
        usage={"llm_input_tokens": 2412, "stt_seconds": 14.24},
        media={"frames_in": 4750},
    )
    DecisionFactory.create(call=call)
    DecisionFactory.create(call=call, moment="dial")
    call_transition(call_id=call.pk, to=Status.COMPLETED, source="carrier", ended_at=started)
    call_conclude(call_id=call.pk, disposition="promise_to_pay", source="agent", summary="Will pay.")
    text = page(browser(viewer), call)
    for shown in [
        "Promise to pay: $120.50 by Friday 4 December 2026 for INV-1",
        "Will pay.",
        "2,412",
        "14.2 s",
        "1 min 35 s",
        "4,750",
        "before dialling",
    ]:
        assert shown in text, shown
    assert "every 5s" not in text


def test_a_live_call_polls_as_well_and_reloads_without_scripts(browser, viewer):
    text = page(browser(viewer), CallFactory.create(status="in_progress", speaking="caller"))
    assert 'hx-trigger="every 5s"' in text and 'http-equiv="refresh"' in text
    assert "is speaking" in text


def test_lines_are_in_the_order_they_were_spoken_and_escaped(browser, viewer):
    call = CallFactory.create(status="completed", disposition="hung_up")
    LineFactory.create(
        call=call, seq=2, start_ms=5000, end_ms=6000, text="Second <i>line</i>", speaker="caller"
    )
    LineFactory.create(call=call, seq=1, start_ms=65000, end_ms=66000, text="Third", interrupted=True)
    LineFactory.create(call=call, seq=3, start_ms=1000, end_ms=2000, text="First")
    text = page(browser(viewer), call)
    assert text.index("First") < text.index("Second &lt;i&gt;line") < text.index("Third")
    assert "1:05" in text and "interrupted" in text


def test_a_line_of_a_recorded_call_plays_from_its_onset(browser, viewer, recorded):
    LineFactory.create(call=recorded, seq=1, start_ms=2500, end_ms=3000)
    text = page(browser(viewer), recorded)
    assert 'data-play-ms="2500"' in text and f'src="/calls/{recorded.pk}/recording/"' in text


def test_agreements_that_cannot_be_read_do_not_break_the_page(browser, viewer):
    call = CallFactory.create(
        status="completed", disposition="unresolved", agreed=[{"kind": "odd", "amount": "x"}, {}]
    )
    assert "Odd:" in page(browser(viewer), call)


def test_a_test_call_says_so(browser, viewer):
    assert "Test call" in page(browser(viewer), CallFactory.create(is_test=True))


def test_the_list_of_calls_filters_by_outcome_and_invoice(browser, viewer):
    busy = CallFactory.create(status="busy", disposition="busy")
    promised = CallFactory.create(status="completed", disposition="promise_to_pay")
    client = browser(viewer)
    text = client.get("/calls/", {"show": "promise_to_pay"}).text
    assert str(promised.pk) in text and str(busy.pk) not in text
    text = client.get("/calls/", {"invoice": busy.invoice_id}).text
    assert str(busy.pk) in text and str(promised.pk) not in text
    assert client.get("/calls/", {"invoice": "9" * 30}).status_code == 404
    assert client.get("/calls/", {"invoice": "²"}).status_code == 200


def test_lists_of_calls_cost_the_same_for_any_length(browser, viewer, django_assert_max_num_queries):
    CallFactory.create_batch(12, status="completed", disposition="hung_up")
    client = browser(viewer)
    for path, most in [("/calls/", 8), ("/", 12)]:
        with django_assert_max_num_queries(most):
            client.get(path)


def test_the_recording_is_sent_whole_and_kept_by_nobody(browser, viewer, recorded):
    response = browser(viewer).get(f"/calls/{recorded.pk}/recording/")
    assert (response.status_code, response.content, response["Content-Type"]) == (200, WAV, "audio/wav")
    assert "no-store" in response["Cache-Control"] and response["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize(
    ("asked", "status", "sent", "told"),
    [
        ("bytes=0-", 200, WAV, None),
        ("bytes=10-19", 206, WAV[10:20], "bytes 10-19/1024"),
        ("bytes=1000-5000", 206, WAV[1000:], "bytes 1000-1023/1024"),
        ("bytes=-24", 206, WAV[-24:], "bytes 1000-1023/1024"),
        ("bytes=1024-", 416, b"", "bytes */1024"),
        ("bytes=-0", 416, b"", "bytes */1024"),
        ("bytes=9-3", 200, WAV, None),
        ("bytes=-", 200, WAV, None),
        ("bytes=0-1,5-6", 200, WAV, None),
        ("lines=1-2", 200, WAV, None),
    ],
)
def test_a_range_of_the_recording_is_answered_by_the_book(
    browser, viewer, recorded, asked, status, sent, told
):
    response = browser(viewer).get(f"/calls/{recorded.pk}/recording/", headers={"Range": asked})
    assert (response.status_code, response.content, response.get("Content-Range")) == (status, sent, told)


def test_no_recording_and_a_lost_file_are_404(browser, viewer, recorded):
    client = browser(viewer)
    assert client.get(f"/calls/{CallFactory.create().pk}/recording/").status_code == 404
    default_storage.delete(recorded.recording)
    assert client.get(f"/calls/{recorded.pk}/recording/").status_code == 404
