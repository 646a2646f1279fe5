"""The rehearsal's own door, under /rehearsal: people, the ledger, the handset's audio, faults
(docs/architecture.md)."""

from aiohttp import web

from .ledger import CallRecord
from .orders import E164
from .people import PersonEntry
from .rest import EXCHANGE


def routes() -> list[web.RouteDef]:
    return [
        web.get("/healthz", healthy),
        web.put("/rehearsal/people/{number}", put_person),
        web.get("/rehearsal/calls", get_calls),
        web.get("/rehearsal/calls/{sid}", get_call),
        web.get("/rehearsal/calls/{sid}/audio", get_audio),
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


def _refused(why: str) -> web.Response:
    return web.json_response({"error": why}, status=400)
