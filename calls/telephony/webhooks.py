"""Twilio's requests to us. Each is checked for its signature, then hands over to one service."""

import logging
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from calls import rooms
from calls.interrupts import answer_allowed
from calls.models import Call
from calls.stream import broke_off, stream_token_issue
from calls.telephony import twiml
from calls.telephony.signature import webhook
from calls.telephony.statuses import carrier_sid_matches, carrier_status_apply

logger = logging.getLogger(__name__)


@webhook
def voice(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """The phone was answered: connect it to the agent, or apologise when there is none."""
    call = _call(request, call_id)
    if call is None:
        return _xml(twiml.hang_up())
    carrier_status_apply(call_id=call.pk, carrier_status="in-progress")
    call.refresh_from_db()
    if not call.is_live:
        return _xml(twiml.hang_up())
    if not answer_allowed(call):
        return _xml(twiml.apology())
    if not _agent_there(call):
        return _xml(twiml.apology())
    return _xml(twiml.connect(call, token=stream_token_issue(call_id=call.pk)))


@webhook
def after_stream(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """The stream has closed: apologise if it broke off, else hang up."""
    call = _call(request, call_id)
    if call is None or not broke_off(call):
        return _xml(twiml.hang_up())
    return _xml(twiml.apology())


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


def _call(request: HttpRequest, call_id: UUID) -> Call | None:
    """Our call, if the carrier's id fits it."""
    if not carrier_sid_matches(call_id=call_id, sid=request.POST.get("CallSid", "")[:40]):
        logger.warning("call %s: callback of another or unknown call", call_id)
        return None
    return Call.objects.select_related("invoice").get(pk=call_id)


def _agent_there(call: Call) -> bool:
    try:
        return rooms.agent_in_room(call)
    except rooms.RoomError:
        logger.warning("call %s: the audio server did not answer", call.pk)
        return False


def _xml(body: str) -> HttpResponse:
    return HttpResponse(body, content_type="text/xml")
