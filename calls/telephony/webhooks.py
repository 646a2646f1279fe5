"""Twilio's requests to us. Each is checked for its signature, then hands over to one service."""

import logging
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from calls import rooms
from calls.announcement.modes import announcement_stands_in, announces_always
from calls.announcement.service import announcement_answer, announcement_begin, announcement_go_on
from calls.announcement.steps import Step
from calls.confirmations import confirmation_status_apply
from calls.interrupts import answer_allowed
from calls.models import Call
from calls.stream import broke_off, stream_token_issue
from calls.telephony import twiml
from calls.telephony.signature import webhook
from calls.telephony.statuses import carrier_sid_matches, carrier_status_apply
from calls.transfers import not_connected, transfer_answered, transfer_missed

logger = logging.getLogger(__name__)
LONGEST_SPEECH = 500
MOST_KEYS = 32


@webhook
def voice(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """The phone was answered: connect it to the agent; without one the announcement speaks, or an apology."""
    call = _call(request, call_id)
    if call is None:
        return _xml(twiml.hang_up())
    carrier_status_apply(call_id=call.pk, carrier_status="in-progress")
    call.refresh_from_db()
    if not call.is_live:
        return _xml(twiml.hang_up())
    if not answer_allowed(call):
        return _xml(twiml.apology())
    if announces_always() or not _agent_there(call):
        if not announcement_stands_in():
            return _xml(twiml.apology())
        return _xml(twiml.announcement(call, announcement_begin(call_id=call.pk)))
    return _xml(twiml.connect(call, token=stream_token_issue(call_id=call.pk)))


@webhook
def after_stream(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """The stream has closed: apologise if it broke off, else hang up."""
    call = _call(request, call_id)
    if call is None or not broke_off(call):
        return _xml(twiml.hang_up())
    return _xml(twiml.apology())


@webhook
def instead(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """The agent could not go on, and has had the carrier ask here: the announcement does."""
    call = _call(request, call_id)
    if call is None or call.disposition or not call.is_live:
        return _xml(twiml.hang_up())
    return _xml(twiml.announcement(call, announcement_go_on(call_id=call.pk)))


@webhook
def announcement(request: HttpRequest, call_id: UUID, step: str) -> HttpResponse:
    """A key was pressed or a word said, or nothing."""
    call, asked = _call(request, call_id), Step.of(step)
    if call is None or asked is None:
        return _xml(twiml.hang_up())
    prompt = announcement_answer(
        call_id=call.pk,
        step=asked,
        digits=_keys(request.POST.get("Digits", "")),
        speech=request.POST.get("SpeechResult", "").replace("\0", "")[:LONGEST_SPEECH],
    )
    return _xml(twiml.announcement(call, prompt))


@webhook
def transferred(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """The second leg has ended, or was never answered."""
    call = _call(request, call_id)
    if call is None:
        return _xml(twiml.hang_up())
    became = request.POST.get("DialCallStatus", "")
    if became in ("completed", "answered"):
        transfer_answered(call_id=call.pk)
        return _xml(twiml.hang_up())
    transfer_missed(call_id=call.pk, reason="No colleague came to the phone.")
    return _xml(twiml.announcement(call, not_connected()))


@webhook
def colleague(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """A status of the second leg, which names the first as its parent."""
    known = Call.objects.filter(pk=call_id, carrier_sid=request.POST.get("ParentCallSid", "")[:40])
    if request.POST.get("CallStatus") == "in-progress" and known.exists():
        transfer_answered(call_id=call_id)
    return HttpResponse(status=204)


@webhook
def message(request: HttpRequest, confirmation_id: UUID) -> HttpResponse:
    """A status of a text message. Always answered 2xx, as above."""
    confirmation_status_apply(
        confirmation_id=confirmation_id,
        sid=request.POST.get("MessageSid", "")[:40],
        status=request.POST.get("MessageStatus", ""),
        error_code=request.POST.get("ErrorCode", ""),
    )
    return HttpResponse(status=204)


@webhook
def status(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """A status callback. Always answered 2xx, or the carrier would repeat what we can't use."""
    if _call(request, call_id) is not None:
        code = request.POST.get("SipResponseCode", "")
        reason = f"The carrier reports SIP {code}." if code.isdigit() and code != "200" else ""
        carrier_status_apply(
            call_id=call_id, carrier_status=request.POST.get("CallStatus", ""), reason=reason
        )
    return HttpResponse(status=204)


def _keys(pressed: str) -> str:
    """Keys of a telephone and nothing else."""
    return "".join(key for key in pressed[:MOST_KEYS] if key in "0123456789*")


def _call(request: HttpRequest, call_id: UUID) -> Call | None:
    """Our call, if the carrier's id fits it."""
    if not carrier_sid_matches(call_id=call_id, sid=request.POST.get("CallSid", "")[:40]):
        logger.warning("call %s: callback of another or unknown call", call_id)
        return None
    return Call.objects.select_related("invoice").get(pk=call_id)


def _agent_there(call: Call) -> bool:
    """In the room, and with its greeting in hand: one whose models do not answer is there too, for a while."""
    try:
        return call.agent_ready_at is not None and rooms.agent_in_room(call)
    except rooms.RoomError:
        logger.warning("call %s: the audio server did not answer", call.pk)
        return False


def _xml(body: str) -> HttpResponse:
    return HttpResponse(body, content_type="text/xml")
