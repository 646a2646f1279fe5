"""The stream in the database: a token opens it once, it closes once."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from calls.models import Call
from calls.states import LIVE, Status
from calls.stream import MAY_STREAM, stream_close, stream_open, stream_token_issue
from invoices.models import Event

SID = "CA" + "1" * 32


@pytest.fixture
def call(call):
    Call.objects.filter(pk=call.pk).update(status=Status.RINGING, carrier_sid=SID)
    call.refresh_from_db()
    return call


def events(call):
    return list(Event.objects.filter(object_id=str(call.pk), source="bridge").values_list("kind", "reason"))


def test_a_token_opens_its_call_once(call):
    token = stream_token_issue(call_id=call.pk)
    call.refresh_from_db()
    assert token not in call.stream_token_hash and len(token) > 30
    assert stream_open(token=token, call_sid=SID) == call.pk
    assert stream_open(token=token, call_sid=SID) is None
    call.refresh_from_db()
    assert call.stream_opened_at and call.stream_token_hash == ""
    assert events(call) == [("stream_opened", "")]


def test_a_call_is_opened_once_whatever_the_token(call):
    assert stream_open(token=stream_token_issue(call_id=call.pk), call_sid=SID)
    assert stream_open(token=stream_token_issue(call_id=call.pk), call_sid=SID) is None


def test_a_new_token_replaces_the_old_one(call):
    old, new = stream_token_issue(call_id=call.pk), stream_token_issue(call_id=call.pk)
    assert stream_open(token=old, call_sid=SID) is None
    assert stream_open(token=new, call_sid=SID) == call.pk


def test_a_token_expires(call):
    token = stream_token_issue(call_id=call.pk)
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        assert stream_open(token=token, call_sid=SID) is None


@pytest.mark.parametrize("token", ["", "forged"])
def test_another_token_opens_nothing(call, token):
    Call.objects.filter(pk=call.pk).update(stream_token_hash="")
    assert stream_open(token=token, call_sid=SID) is None


def test_a_token_opens_nothing_for_another_call_sid(call):
    token = stream_token_issue(call_id=call.pk)
    assert stream_open(token=token, call_sid="CA" + "2" * 32) is None
    assert stream_open(token=token, call_sid="") is None


def test_an_unknown_sid_is_adopted(call):
    Call.objects.filter(pk=call.pk).update(carrier_sid=None)
    assert stream_open(token=stream_token_issue(call_id=call.pk), call_sid="CA9") == call.pk
    call.refresh_from_db()
    assert call.carrier_sid == "CA9"


@pytest.mark.parametrize("status", Status.values)
def test_a_call_that_is_over_opens_nothing(call, status):
    token = stream_token_issue(call_id=call.pk)
    Call.objects.filter(pk=call.pk).update(status=status)
    assert bool(stream_open(token=token, call_sid=SID)) == (status in MAY_STREAM)
    assert (status in MAY_STREAM) == (status in LIVE and status != Status.REQUESTED)


def test_a_stream_closes_once(call):
    assert stream_close(call_id=call.pk, reason="room_lost", media={"frames_in": 5}, recording="a.wav")
    assert not stream_close(call_id=call.pk, reason="idle", media={}, recording="")
    call.refresh_from_db()
    assert (call.media, call.recording) == ({"frames_in": 5}, "a.wav")
    assert call.end_reason == "The connection to the voice room was lost"
    assert events(call) == [("stream_closed", "room_lost")]


def test_an_ending_that_was_wished_needs_no_reason(call):
    stream_close(call_id=call.pk, reason="caller_hung_up", media={}, recording="")
    call.refresh_from_db()
    assert call.end_reason == ""


def test_who_noticed_first_keeps_the_word(call):
    Call.objects.filter(pk=call.pk).update(end_reason="because")
    stream_close(call_id=call.pk, reason="idle", media={}, recording="")
    call.refresh_from_db()
    assert call.end_reason == "because"
