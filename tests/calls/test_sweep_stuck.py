"""Calls that got stuck somewhere, and what the sweep makes of them. The carrier is a process of its own."""

import json
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from calls.findings import Finding
from calls.models import MAY_HAVE_RUNG, Call
from calls.placing import call_place, dial_claim
from calls.states import LIVE
from calls.stream import stream_close
from calls.sweep import sweep
from calls.sweep_selectors import sweep_findings
from calls.telephony.client import call_create
from invoices.models import Event
from tests.calls.conftest import put
from tests.factories import CallFactory, DecisionFactory
from tests.waiting import eventually

pytestmark = pytest.mark.django_db
NUMBER = "+442079460107"


@pytest.fixture
def carrier(carrier):
    """At the number of all these calls a phone rings for half a minute."""
    put(f"{carrier}/rehearsal/people/{NUMBER}", b'{"persona": "no_answer", "name": "N"}')
    return carrier


def ago(**how) -> datetime:
    return timezone.now() - timedelta(**how)


def stuck(status, *, requested_at=None, **fields):
    call = CallFactory.create(status=status, **fields)
    Call.objects.filter(pk=call.pk).update(requested_at=requested_at or ago(minutes=5))
    call.refresh_from_db()
    return call


def findings(call):
    kinds = Event.objects.filter(object_type="call", object_id=str(call.pk), kind__startswith="sweep_")
    return [kind.removeprefix("sweep_") for kind in kinds.values_list("kind", flat=True)]


def after_sweep(call, times=1):
    for _ in range(times):
        sweep()
    call.refresh_from_db()
    return call


def placing(**fields):
    """A call whose worker has not been heard of for five minutes."""
    return stuck("placing", placed_at=ago(minutes=5), **{"claim": uuid4(), **fields})


def unknown(**fields):
    """A call that the carrier was asked for ten minutes ago, and never answered about."""
    return stuck("unknown", placed_at=ago(minutes=10), dial_asked_at=ago(minutes=10), **fields)


def dialled(to=NUMBER):
    """A dial at the carrier that no call of ours knows of, made just now."""
    decision = DecisionFactory.create(moment="dial", call__status="completed", call__disposition="hung_up")
    return call_create(call_id=decision.call_id, to=to, decision_id=decision.pk).sid


def at_carrier(carrier, sid):
    with urllib.request.urlopen(f"{carrier}/rehearsal/calls/{sid}", timeout=5) as answer:
        return json.load(answer)["status"]


# The claim of a dial


def test_who_has_the_claim_dials_once():
    call = stuck("placing", placed_at=timezone.now(), claim=uuid4())
    assert dial_claim(call)
    assert not dial_claim(call)
    call.refresh_from_db()
    assert call.dial_asked_at is not None


def test_a_call_that_was_taken_away_is_not_dialled_by_who_had_it():
    asleep = placing()
    taken = after_sweep(Call.objects.get(pk=asleep.pk))
    assert taken.status == "requested"
    assert not dial_claim(asleep)
    Call.objects.filter(pk=taken.pk).update(status="placing", claim=uuid4(), placed_at=timezone.now())
    assert not dial_claim(asleep), "nor when somebody else has it"
    assert dial_claim(Call.objects.get(pk=asleep.pk))


def test_a_closed_call_is_not_dialled():
    asleep = placing()
    Call.objects.filter(pk=asleep.pk).update(status="failed")
    assert not dial_claim(asleep)


# Before the carrier


def test_a_request_that_no_worker_took_is_queued_again_and_told_once():
    call = after_sweep(stuck("requested"), times=3)
    assert call.status == "requested"
    assert findings(call) == ["request_unqueued"]


def test_a_request_that_waited_for_an_hour_fails_with_its_reason(noon):
    call = after_sweep(stuck("requested", requested_at=ago(minutes=61)), times=2)
    assert (call.status, call.disposition) == ("failed", "failed")
    assert "waited too long" in call.end_reason
    assert findings(call) == ["request_too_old"]


def test_a_request_that_waited_for_an_hour_is_not_dialled_by_a_late_worker(call):
    Call.objects.filter(pk=call.pk).update(requested_at=ago(minutes=61))
    call_place(call_id=call.pk)
    call.refresh_from_db()
    assert (call.status, call.claim) == ("requested", None)


def test_a_worker_lost_before_it_asked_the_carrier_gives_the_call_back():
    call = after_sweep(placing())
    assert (call.status, call.claim, call.disposition) == ("requested", None, "")
    assert findings(call) == ["placing_undialled"]


@pytest.mark.parametrize(
    "fields",
    [{"dial_asked_at": ago(minutes=5)}, {"claim": None}],
    ids=["asked", "claimed by the version before"],
)
def test_a_worker_that_may_have_asked_the_carrier_leaves_the_call_unknown(fields):
    call = after_sweep(placing(**fields))
    assert call.status == "unknown"
    assert findings(call)[0] == "placing_unsure"


# Whatever the carrier's answer was


def test_the_one_dial_in_the_carriers_list_is_adopted(carrier):
    call = unknown()
    sid = dialled()
    after_sweep(call)
    assert call.carrier_sid == sid
    assert call.status in ("dialling", "ringing")
    assert findings(call) == ["unknown_found"]


def test_what_the_carriers_list_does_not_show_was_not_dialled(carrier):
    call = after_sweep(unknown())
    assert (call.status, call.end_reason) == ("failed", Finding.UNKNOWN_NOT_DIALLED.label)
    assert findings(call) == ["unknown_not_dialled"]


def test_of_two_dials_to_a_test_number_neither_is_taken_for_it(carrier):
    """It may have rung, and stays closed."""
    call = unknown(is_test=True)
    dialled(), dialled()
    after_sweep(call, times=2)
    assert (call.status, call.end_reason, call.carrier_sid) == ("failed", MAY_HAVE_RUNG, None)
    assert findings(call) == ["unknown_ambiguous"]
    call_place(call_id=call.pk)
    call.refresh_from_db()
    assert call.status == "failed"


def test_one_dial_that_two_calls_may_have_made_is_taken_by_neither(carrier):
    calls = [unknown(is_test=True), unknown(is_test=True)]
    dialled()
    assert [after_sweep(call).end_reason for call in calls] == [MAY_HAVE_RUNG, MAY_HAVE_RUNG]


def test_a_callback_that_never_came_is_asked_for(carrier):
    ringing = stuck("dialling", placed_at=ago(minutes=5), carrier_sid=dialled())
    put(f"{carrier}/rehearsal/people/{NUMBER}", b'{"persona": "busy", "name": "N"}')
    ended = stuck("ringing", placed_at=ago(minutes=5), carrier_sid=dialled())
    eventually(lambda: at_carrier(carrier, ended.carrier_sid) == "busy", within=30)
    eventually(lambda: at_carrier(carrier, ringing.carrier_sid) != "queued", within=30)
    assert after_sweep(ended, times=2).status == "busy"
    assert findings(ended) == ["callback_missing"]
    ringing.refresh_from_db()
    assert ringing.status in ("dialling", "ringing", "no_answer")


def test_a_call_that_the_carrier_has_forgotten_is_closed(carrier):
    call = after_sweep(stuck("ringing", placed_at=ago(minutes=5), carrier_sid="CA" + "9" * 32))
    assert (call.status, call.end_reason) == ("failed", Finding.CARRIER_FORGOT.label)
    assert findings(call) == ["carrier_forgot"]


def test_what_a_conversation_came_to_stays_when_the_carrier_forgets_it(carrier):
    call = stuck(
        "in_progress",
        placed_at=ago(minutes=5),
        answered_at=ago(minutes=4),
        stream_opened_at=ago(minutes=4),
        carrier_sid="CA" + "9" * 32,
        disposition="promise_to_pay",
    )
    after_sweep(call)
    assert (call.status, call.disposition) == ("completed", "promise_to_pay")


def test_an_answered_call_that_the_carrier_never_connected_is_put_down(carrier):
    sid = dialled()
    call = stuck(
        "in_progress",
        placed_at=timezone.now(),
        answered_at=ago(minutes=2),
        carrier_sid=sid,
        disposition="hung_up",
    )
    after_sweep(call)
    assert (call.status, call.end_reason) == ("completed", Finding.STREAM_MISSING.label)
    assert findings(call) == ["stream_missing"]
    eventually(lambda: at_carrier(carrier, sid) in ("completed", "canceled"))


def test_an_announcement_that_takes_its_time_is_left_alone(carrier):
    call = stuck(
        "in_progress",
        placed_at=timezone.now(),
        answered_at=ago(minutes=2),
        announced_at=ago(minutes=2),
        carrier_sid=dialled(),
    )
    assert after_sweep(call).status == "in_progress" and findings(call) == []


def test_a_carrier_that_is_away_changes_no_call_and_stops_nothing_else(twilio, settings):
    settings.TWILIO_API_BASE_URL = "http://127.0.0.1:9"
    waiting = [unknown() for _ in range(4)]
    old = stuck("requested", requested_at=ago(hours=2))
    done = sweep()
    assert done.carrier_away
    assert {Call.objects.get(pk=call.pk).status for call in waiting} == {"unknown"}
    assert after_sweep(old).status == "failed"


# After the end


def test_an_audio_stream_whose_end_nobody_wrote_is_closed_and_its_recording_kept(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    call = stuck(
        "completed",
        ended_at=ago(minutes=4),
        stream_opened_at=ago(minutes=8),
        disposition="hung_up",
        end_reason="The phone hung up.",
    )
    name = default_storage.save(f"recordings/{call.pk}.wav", ContentFile(b"RIFF"))
    after_sweep(call, times=2)
    assert (call.recording, call.end_reason) == (name, "The phone hung up.")
    assert call.stream_closed_at is not None
    assert sorted(findings(call)) == ["recording_left", "stream_left_open"]
    assert not stream_close(call_id=call.pk, reason="idle", media={}, recording="")


def test_an_audio_stream_that_may_still_be_written_is_left_alone():
    call = stuck("completed", ended_at=ago(minutes=1), stream_opened_at=ago(minutes=8), disposition="hung_up")
    assert after_sweep(call).stream_closed_at is None
    assert findings(call) == []


def test_a_conversation_that_nobody_concluded_is_concluded_once():
    call = stuck(
        "completed", ended_at=ago(minutes=1), stream_opened_at=ago(minutes=8), stream_closed_at=ago(minutes=1)
    )
    after_sweep(call, times=2)
    assert (call.disposition, "agent was lost" in call.end_reason) == ("unresolved", True)
    assert findings(call) == ["not_concluded"]


# All together


def test_one_call_that_fails_does_not_stop_the_others():
    first, second = placing(), placing()
    refuse(first)
    try:
        done = sweep()
    finally:
        relent()
    assert done.failed == 1
    assert findings(first) == ["failed"]
    assert after_sweep(second).status == "requested"
    assert after_sweep(first).status == "requested", "it is tried again"


def refuse(call):
    """The database refuses every change of this call's state."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                f"CREATE TRIGGER refuse BEFORE UPDATE OF status ON calls_call WHEN NEW.id = '{call.pk.hex}' "
                "BEGIN SELECT RAISE(ABORT, 'no'); END"
            )
            return
        cursor.execute(
            "CREATE FUNCTION refuse() RETURNS trigger AS $$ BEGIN RAISE 'no'; END $$ LANGUAGE plpgsql;"
            "CREATE TRIGGER refuse BEFORE UPDATE OF status ON calls_call FOR EACH ROW "
            f"WHEN (NEW.id = '{call.pk}') EXECUTE FUNCTION refuse()"
        )


def relent():
    with connection.cursor() as cursor:
        on = "" if connection.vendor == "sqlite" else " ON calls_call; DROP FUNCTION refuse"
        cursor.execute(f"DROP TRIGGER refuse{on}")


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_act_once():
    calls = [
        placing(),
        placing(dial_asked_at=ago(minutes=5)),
        stuck("requested"),
        stuck("requested", requested_at=ago(hours=2)),
        stuck("completed", ended_at=ago(minutes=9), stream_opened_at=ago(minutes=9), disposition="hung_up"),
        stuck("completed", ended_at=ago(minutes=9)),
    ]

    def one(_):
        try:
            return sweep().failed
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as sweeps:
        assert sum(sweeps.map(one, range(4))) == 0
    told = [findings(call) for call in calls]
    assert all(len(each) == len(set(each)) for each in told), told
    assert [each[0] for each in told] == [
        "placing_undialled",
        "placing_unsure",
        "request_unqueued",
        "request_too_old",
        "stream_left_open",
        "not_concluded",
    ]


def test_calls_that_go_well_are_not_touched(carrier):
    now = timezone.now()
    for status in sorted(LIVE):
        fields = {"claim": uuid4(), "dial_asked_at": now} if status not in ("requested", "placing") else {}
        answered = {"answered_at": ago(seconds=20)} if status == "in_progress" else {}
        stuck(status, requested_at=now, placed_at=ago(seconds=10), **fields, **answered)
    stuck("completed", ended_at=ago(seconds=5), stream_opened_at=ago(minutes=2))
    stuck("no_answer", ended_at=ago(days=1), disposition="no_answer")
    before = list(Call.objects.order_by("pk").values())
    sweep(), sweep()
    assert list(Call.objects.order_by("pk").values()) == before
    assert not any(sweep_findings(ago(days=1)).values())


def test_findings_are_counted_by_kind_since_a_time():
    placing(), placing()
    stuck("requested", requested_at=ago(hours=2))
    sweep()
    counts = sweep_findings(ago(minutes=1))
    assert {kind: count for kind, count in counts.items() if count} == {
        "sweep_placing_undialled": 2,
        "sweep_request_too_old": 1,
    }
    assert set(counts) == {finding.kind for finding in Finding}
    assert not any(sweep_findings(timezone.now() + timedelta(seconds=1)).values())
