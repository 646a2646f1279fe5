"""The rehearsal's own door, under /rehearsal: people, the ledger, a phone's keys and sound, messages, faults
(docs/architecture.md)."""

import asyncio
import base64

from aiohttp import web

from .handset import Handset
from .ledger import CallRecord
from .moments import Moment, MomentGone
from .orders import E164
from .people import PersonEntry
from .rest import EXCHANGE
from .speech import SpeechFailed

KEY_SECONDS = 0.1


def routes() -> list[web.RouteDef]:
    return [
        web.get("/healthz", healthy),
        web.put("/rehearsal/people/{number}", put_person),
        web.get("/rehearsal/calls", get_calls),
        web.get("/rehearsal/calls/{sid}", get_call),
        web.get("/rehearsal/calls/{sid}/audio", get_audio),
        web.post("/rehearsal/calls/{sid}/keys", press_keys),
        web.post("/rehearsal/calls/{sid}/words", say_words),
        web.post("/rehearsal/calls/{sid}/sound", make_sound),
        web.get("/rehearsal/messages", get_messages),
        web.get("/rehearsal/requests/{number}", get_requests),
        web.get("/rehearsal/faults", get_faults),
        web.put("/rehearsal/faults", put_faults),
        web.delete("/rehearsal/faults", delete_faults),
        web.delete("/rehearsal/faults/held", delete_held),
    ]


async def healthy(request: web.Request) -> web.Response:
    return web.json_response({"ok": True})


async def put_person(request: web.Request) -> web.Response:
    number = request.match_info["number"]
    if not E164.fullmatch(number):
        return _refused(f"not an E.164 number: {number}")
    try:
        entry = PersonEntry.from_json(await request.json())
        request.app[EXCHANGE].register(number, entry)
    except ValueError as error:
        return _refused(str(error))
    return web.json_response({"number": number, "persona": entry.persona})


async def get_calls(request: web.Request) -> web.Response:
    """Oldest first; `?to=` one number only."""
    to = request.query.get("to")
    records = request.app[EXCHANGE].ledger.all()
    return web.json_response({"calls": [each.as_json() for each in records if to in (None, each.to)]})


async def get_call(request: web.Request) -> web.Response:
    return web.json_response(_record(request).as_json())


async def get_audio(request: web.Request) -> web.Response:
    """What has passed so far; a finished call's whole audio."""
    record = _record(request)
    if not record.into_handset:
        raise web.HTTPNotFound
    return web.Response(body=record.wav(), content_type="audio/wav")


async def press_keys(request: web.Request) -> web.Response:
    """`{"keys": "1234#"}` pressed on the phone of an answered call, KEY_SECONDS apart; answers when all are."""
    line = _handset(request).line
    keys = _text(await request.json(), "keys")
    try:
        for key in keys:
            line.press(key)
            await asyncio.sleep(KEY_SECONDS)
    except ValueError as error:
        return _refused(str(error))
    return web.json_response({"pressed": len(keys)})


async def say_words(request: web.Request) -> web.Response:
    """`{"text": ..., "after": moment}` spoken into the phone of an answered call; answers when it has been said."""
    handset, body = _handset(request), await request.json()
    text = _text(body, "text")
    try:
        audio = await request.app[EXCHANGE].equipment.speech.say(text)
    except SpeechFailed as failure:
        return _refused(f"the models server did not speak: {failure}")
    return await _into(handset, audio, text, body.get("after"))


async def make_sound(request: web.Request) -> web.Response:
    """`{"ulaw": base64 of mu-law at 8 kHz, "name": ..., "after": moment}`: any sound made into the phone."""
    handset, body = _handset(request), await request.json()
    try:
        audio = base64.b64decode(_text(body, "ulaw"), validate=True)
    except ValueError as error:
        return _refused(f"not base64: {error}")
    return await _into(handset, audio, f"[{_text(body, 'name')}]", body.get("after"))


async def _into(handset: Handset, audio: bytes, what: str, after: object) -> web.Response:
    """At once, or when the moment `after` has come."""
    line = handset.line
    if after is not None:
        try:
            await handset.other_side.moment(Moment.from_json(after))
        except ValueError as error:
            return _refused(str(error))
        except MomentGone:
            raise web.HTTPConflict(text="the call ended before that moment") from None
    start_ms = line.now_ms
    await line.say(audio)
    line.said(what, start_ms, line.now_ms)
    return web.json_response({"start_ms": start_ms, "end_ms": line.now_ms})


async def get_messages(request: web.Request) -> web.Response:
    """Text messages, oldest first; `?to=` one number only."""
    to = request.query.get("to")
    messages = request.app[EXCHANGE].messages.all()
    return web.json_response({"messages": [each.as_json() for each in messages if to in (None, each.to)]})


async def get_requests(request: web.Request) -> web.Response:
    """How often the carrier was asked to ring a number, refused and dropped requests included."""
    asked = request.app[EXCHANGE].ledger.requests
    return web.json_response({"requests": asked[request.match_info["number"]]})


async def get_faults(request: web.Request) -> web.Response:
    return web.json_response(request.app[EXCHANGE].equipment.faults.as_json())


async def put_faults(request: web.Request) -> web.Response:
    faults = request.app[EXCHANGE].equipment.faults
    try:
        faults.switch(await request.json())
    except ValueError as error:
        return _refused(str(error))
    return web.json_response(faults.as_json())


async def delete_faults(request: web.Request) -> web.Response:
    request.app[EXCHANGE].equipment.faults.clear()
    return web.Response(status=204)


async def delete_held(request: web.Request) -> web.Response:
    """What is held goes on; the switches stay."""
    request.app[EXCHANGE].equipment.faults.release()
    return web.Response(status=204)


def _record(request: web.Request) -> CallRecord:
    record = request.app[EXCHANGE].ledger.get(request.match_info["sid"])
    if record is None:
        raise web.HTTPNotFound
    return record


def _handset(request: web.Request) -> Handset:
    call = request.app[EXCHANGE].find(request.match_info["sid"])
    if call is None:
        raise web.HTTPNotFound
    if call.handset is None:
        raise web.HTTPConflict(text="nobody holds this phone")
    return call.handset


def _text(body: object, name: str) -> str:
    value = body.get(name) if isinstance(body, dict) else None
    if not isinstance(value, str) or not value:
        raise web.HTTPBadRequest(text=f"{name} must be text")
    return value


def _refused(why: str) -> web.Response:
    return web.json_response({"error": why}, status=400)
