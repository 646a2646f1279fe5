"""Closes what nobody closed, twice a minute: calls that are stuck, callbacks that never came, rooms, audio and ends
that were left. What the rooms say is in `sweep_rooms`.

Every step asks for what is overdue, acts by a conditional UPDATE, and writes one finding with it: two sweeps at once
act once, and a call that is going well is not among the rows. One call that fails does not stop the others.
"""

from datetime import datetime, timedelta

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from calls.findings import SOURCE, Finding, finding_record, finding_record_once, within
from calls.interrupts import AT_THE_PHONE, recheck_enqueue
from calls.models import IN_ORDER, MAY_HAVE_RUNG, Call
from calls.reconcile import call_settle
from calls.services import CONCLUDE_SECONDS, call_enqueue, call_note, call_transition
from calls.states import AT_CARRIER, Status
from calls.stream import stream_close
from calls.sweep_pass import Pass, put_down
from calls.sweep_rooms import sweep_rooms
from calls.telephony import client
from calls.telephony.statuses import carrier_status_apply

# At most so many calls of one kind in a pass, those first that have waited longest.
BATCH = 100
# The agent and the task that follows a call's end conclude it; after this, nobody did.
CONCLUDED_WITHIN = timedelta(seconds=2 * CONCLUDE_SECONDS)
# Where a dial may be on its way of which the carrier's id is not known.
UNSETTLED = (Status.PLACING, Status.UNKNOWN)


def sweep() -> Pass:
    """One pass over everything that can be left behind."""
    now, done = timezone.now(), Pass()
    requested = Call.objects.filter(status=Status.REQUESTED).order_by("requested_at")
    done.each(requested.filter(requested_at__lte=now - within("REQUESTED_AT_MOST"))[:BATCH], _give_up)
    # What waits its turn is not lost: calls/pace.py looks after it.
    lost = requested.exclude(waiting_for__in=sorted(IN_ORDER))
    done.each(lost.filter(requested_at__lt=now - within("QUEUED_WITHIN"))[:BATCH], _queue_again)
    placing = Call.objects.filter(status=Status.PLACING, placed_at__lt=now - within("PLACED_WITHIN"))
    done.each(placing.order_by("placed_at")[:BATCH], _close_placing)
    overdue = Call.objects.filter(
        status__in=sorted(AT_CARRIER), placed_at__lt=now - within("CALLBACK_WITHIN")
    )
    # In any order: calls that the carrier never answers about must not be the first to be asked for each time.
    done.each(overdue.order_by("?")[:BATCH], _ask_carrier)
    # Time passes too: what rings or waits in the carrier's queue may have come into a forbidden hour.
    for call_id in Call.objects.filter(status__in=AT_THE_PHONE).values_list("pk", flat=True)[:BATCH]:
        recheck_enqueue(call_id)
    if not done.carrier_away:
        done.each(_answered_without_stream(now)[:BATCH], _put_down_unconnected)
    sweep_rooms(done)
    done.each(_streams_left(now)[:BATCH], _close_stream)
    unconcluded = Call.objects.filter(disposition="", ended_at__lt=now - CONCLUDED_WITHIN)
    done.each(unconcluded.order_by("ended_at")[:BATCH], _conclude)
    return done


@transaction.atomic
def _give_up(call: Call) -> None:
    """It stays in nobody's way: who asked long ago does not expect it any more."""
    finding = Finding.REQUEST_TOO_OLD
    if call_transition(
        call_id=call.pk,
        to=Status.FAILED,
        source=SOURCE,
        reason=str(finding.label),
        only_if={"status": Status.REQUESTED},
    ):
        finding_record(call_id=call.pk, finding=finding)


def _queue_again(call: Call) -> None:
    finding_record_once(call_id=call.pk, finding=Finding.REQUEST_UNQUEUED)
    call_enqueue(call.pk)


@transaction.atomic
def _close_placing(call: Call) -> None:
    """The worker died, or stands still, under its claim.

    Without `dial_asked_at` it has not dialled, and can't any more once the claim is taken away. A claim of the version
    before has no token and wrote nothing down: there, and where the carrier was asked, nobody knows.
    """
    undialled = call.claim is not None and call.dial_asked_at is None
    finding = Finding.PLACING_UNDIALLED if undialled else Finding.PLACING_UNSURE
    if call_transition(
        call_id=call.pk,
        to=Status.REQUESTED if undialled else Status.UNKNOWN,
        source=SOURCE,
        reason=str(finding.label),
        only_if={"claim": call.claim, "dial_asked_at": call.dial_asked_at},
        claim=None if undialled else call.claim,
    ):
        finding_record(call_id=call.pk, finding=finding)
        if undialled:
            transaction.on_commit(lambda: call_enqueue(call.pk))


def _ask_carrier(call: Call) -> None:
    if call.carrier_sid is None:
        _find_at_carrier(call)
        return
    try:
        found = client.call_fetch(sid=call.carrier_sid)
    except client.CarrierError as error:
        if error.code != client.NOT_FOUND:
            raise
        _end(call, Status.COMPLETED if call.answered_at else Status.FAILED, Finding.CARRIER_FORGOT)
        return
    _apply(call, found.status, Finding.CALLBACK_MISSING)


@transaction.atomic
def _apply(call: Call, carrier_status: str, finding: Finding) -> None:
    if carrier_status_apply(call_id=call.pk, carrier_status=carrier_status, reason=str(finding.label)):
        finding_record(call_id=call.pk, finding=finding)
    # While nobody knew that it rang, nobody could put it down.
    transaction.on_commit(lambda: recheck_enqueue(call.pk))


@transaction.atomic
def _end(call: Call, to: Status, finding: Finding) -> None:
    if call_transition(
        call_id=call.pk, to=to, source=SOURCE, reason=str(finding.label), only_if={"status": call.status}
    ):
        finding_record(call_id=call.pk, finding=finding)


def _find_at_carrier(call: Call) -> None:
    """Adopt the one call that the carrier may have made of an unsure answer; never dial again."""
    since = call.placed_at or call.requested_at
    listed = client.calls_since(to=call.to_number, since=since)
    sids = [seen.sid for seen in listed]
    taken = set(Call.objects.filter(carrier_sid__in=sids).values_list("carrier_sid", flat=True))
    found = [seen for seen in listed if seen.sid not in taken]
    if len(found) == 1 and not _rivals(call, since):
        _adopt(call, found[0])
    elif timezone.now() - since > within("UNKNOWN_AT_MOST"):
        finding = Finding.UNKNOWN_AMBIGUOUS if found else Finding.UNKNOWN_NOT_DIALLED
        _end(call, Status.FAILED, finding)


@transaction.atomic
def _adopt(call: Call, seen: client.CarrierCall) -> None:
    if call_note(call_id=call.pk, kind="carrier_accepted", source=SOURCE, carrier_sid=seen.sid):
        finding_record(call_id=call.pk, finding=Finding.UNKNOWN_FOUND)
        carrier_status_apply(
            call_id=call.pk, carrier_status=seen.status, reason=str(Finding.UNKNOWN_FOUND.label)
        )
    transaction.on_commit(lambda: recheck_enqueue(call.pk))


def _rivals(call: Call, since: datetime) -> bool:
    """Whether what the list shows may as well be another call's to the same number: a test number gets many."""
    others = Call.objects.filter(
        to_number=call.to_number,
        carrier_sid=None,
        dial_asked_at__gt=since - within("UNKNOWN_AT_MOST"),
    ).exclude(pk=call.pk)
    return others.filter(status__in=UNSETTLED).exists() or others.filter(end_reason=MAY_HAVE_RUNG).exists()


def _answered_without_stream(now: datetime) -> QuerySet[Call]:
    return Call.objects.filter(
        status=Status.IN_PROGRESS,
        stream_opened_at=None,
        # The announcement needs no stream.
        announced_at=None,
        answered_at__lt=now - within("STREAM_WITHIN"),
        carrier_sid__isnull=False,
    ).order_by("answered_at")


def _put_down_unconnected(call: Call) -> None:
    put_down(call, Finding.STREAM_MISSING, stream_opened_at=None, announced_at=None)


def _streams_left(now: datetime) -> QuerySet[Call]:
    return Call.objects.filter(
        stream_opened_at__isnull=False,
        stream_closed_at=None,
        ended_at__lt=now - within("STREAM_END_WITHIN"),
    ).order_by("ended_at")


@transaction.atomic
def _close_stream(call: Call) -> None:
    """The bridge that carried it is gone; it may have died after it had stored the recording."""
    name = f"recordings/{call.pk}.wav"
    recording = name if default_storage.exists(name) else ""
    if stream_close(call_id=call.pk, reason="server_lost", media=call.media, recording=recording):
        finding_record(call_id=call.pk, finding=Finding.STREAM_LEFT_OPEN)
        if recording:
            finding_record(call_id=call.pk, finding=Finding.RECORDING_LEFT)


def _conclude(call: Call) -> None:
    if call_settle(call_id=call.pk):
        finding_record(call_id=call.pk, finding=Finding.NOT_CONCLUDED)
