"""Twilio's REST API for calls, under /2010-04-01 (Twilio docs: "Call resource")."""

import contextlib
import hmac
from base64 import b64decode
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from .call import Call
from .errors import RestError, bad_request, not_found
from .exchange import Exchange
from .faults import Faults
from .orders import UPDATE, read_create, read_program, refuse_unknown

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

ROOT = "/2010-04-01"
PAGE_SIZE, PAGE_SIZE_LIMIT = 50, 1000
LIST_FILTERS = frozenset(
    (
        "To",
        "From",
        "Status",
        "ParentCallSid",
        "StartTime",
        "StartTime<",
        "StartTime>",
        "PageSize",
        "Page",
        "PageToken",
    )
)


def middleware() -> Any:
    """Guards the API and words every error as Twilio does."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not request.path.startswith(ROOT):
            return await handler(request)
        try:
            _authenticate(request)
            return await handler(request)
        except RestError as error:
            headers = {"WWW-Authenticate": 'Basic realm="Twilio API"'} if error.status == 401 else {}
            return web.json_response(error.as_json(), status=error.status, headers=headers)
        except (web.HTTPNotFound, web.HTTPMethodNotAllowed):
            return web.json_response(not_found(request.path).as_json(), status=404)

    return guard


EXCHANGE = web.AppKey("exchange", Exchange)


def _authenticate(request: web.Request) -> None:
    config = request.app[EXCHANGE].equipment.config
    wanted = f"{config.account_sid}:{config.auth_token}".encode()
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    try:
        matches = scheme.lower() == "basic" and hmac.compare_digest(b64decode(given, validate=True), wanted)
    except ValueError:
        matches = False
    parts = request.path.split("/")
    own = len(parts) < 4 or parts[3].removesuffix(".json") == config.account_sid
    if not (matches and own):
        raise RestError(401, 20003, "Authenticate")


def routes() -> list[web.RouteDef]:
    account = ROOT + "/Accounts/{account}"
    return [
        web.get(account + ".json", fetch_account),
        web.post(account + "/Calls.json", create_call),
        web.get(account + "/Calls.json", list_calls),
        web.get(account + "/Calls/{sid}.json", fetch_call),
        web.post(account + "/Calls/{sid}.json", update_call),
    ]


async def fetch_account(request: web.Request) -> web.Response:
    sid = request.app[EXCHANGE].equipment.config.account_sid
    return web.json_response({"sid": sid, "friendly_name": "Rehearsal", "status": "active", "type": "Full"})


async def create_call(request: web.Request) -> web.StreamResponse:
    """A fault strikes before or after the order is taken, as its name says; a request held before that is
    dropped when its client has gone."""
    exchange = request.app[EXCHANGE]
    order = read_create(await read_form(request))
    exchange.ledger.asked(order.to)
    faults = exchange.equipment.faults
    fault, callback_fault = faults.take(order.to)
    mode, at = (fault.mode, fault.at) if fault else (None, None)
    if mode == "reject_429":
        raise RestError(429, 20429, "Too Many Requests")
    if mode == "reject_500":
        raise RestError(500, 20500, "An internal server error has occurred")
    if mode == "reject_400":
        raise bad_request(21211, f"The phone number you are attempting to call, {order.to}, is not valid.")
    if mode == "hang" or (mode == "hold" and at == "before_entry"):
        await faults.hold()
        if request.transport is None or request.transport.is_closing():
            raise RestError(503, 20503, "Service unavailable")
    call = exchange.place(order, callback_fault)
    if mode == "accept_then_timeout" or (mode == "hold" and at == "after_entry"):
        await faults.hold()
    if mode == "accept_then_500":
        raise RestError(500, 20500, "An internal server error has occurred")
    answer = web.json_response(call_json(call), status=201)
    return await _halting(request, answer, faults) if at == "after_headers" else answer


async def _halting(request: web.Request, answer: web.Response, faults: Faults) -> web.StreamResponse:
    """Sends the answer's head, then its body when released."""
    body = bytes(answer.body)  # type: ignore[arg-type]  # json_response always has bytes
    halting = web.StreamResponse(status=answer.status, headers={"Content-Type": "application/json"})
    halting.content_length = len(body)
    await halting.prepare(request)
    await faults.hold()
    with contextlib.suppress(ConnectionError):  # its client has gone
        await halting.write(body)
        await halting.write_eof()
    return halting


async def fetch_call(request: web.Request) -> web.Response:
    return web.json_response(call_json(_find(request)))


async def update_call(request: web.Request) -> web.Response:
    """Status=canceled ends a call that is not answered yet, Status=completed any call; Url or Twiml redirect
    one that is in progress. 21220 when the call's state does not allow it."""
    call, form = _find(request), await read_form(request)
    refuse_unknown(form, UPDATE)
    program, status = read_program(form), form.get("Status")
    if status is not None and status not in ("completed", "canceled"):
        raise bad_request(21218, f"Status is completed or canceled, not {status}")
    if status is None and program is None:
        raise bad_request(20001, "Nothing to update: Status, Url or Twiml is required")
    if call.ended or (status is None and call.status != "in-progress"):
        raise bad_request(21220, "Call is not in-progress. Cannot redirect.")
    if status == "completed" or (status == "canceled" and call.status != "in-progress"):
        call.cut()
    elif status is None and program is not None:
        call.redirect(program)
    return web.json_response(call_json(call))


async def list_calls(request: web.Request) -> web.Response:
    """Newest first. The inequalities include their bound, as at Twilio (`StartTime>=2026-01-31`)."""
    query = request.query
    refuse_unknown(query, LIST_FILTERS)
    found = [call_json(call) for call in request.app[EXCHANGE].newest_first() if _matches(call, query)]
    return listed(request, "calls", found)


def listed(request: web.Request, name: str, found: list[dict[str, Any]]) -> web.Response:
    """The page of `found` that the query asks for, as Twilio pages."""
    query = request.query
    size = min(_count(query.get("PageSize"), PAGE_SIZE) or PAGE_SIZE, PAGE_SIZE_LIMIT)
    page = _count(query.get("Page"), 0)
    chosen = found[page * size : (page + 1) * size]

    def uri(number: int) -> str:
        kept = [(key, value) for key, value in query.items() if key not in ("Page", "PageSize", "PageToken")]
        return request.path + "?" + urlencode([*kept, ("PageSize", size), ("Page", number)])

    return web.json_response(
        {
            name: chosen,
            "page": page,
            "page_size": size,
            "start": page * size,
            "end": page * size + max(0, len(chosen) - 1),
            "uri": request.path_qs,
            "first_page_uri": uri(0),
            "next_page_uri": uri(page + 1) if len(found) > (page + 1) * size else None,
            "previous_page_uri": uri(page - 1) if page else None,
        }
    )


def _matches(call: Call, query: Any) -> bool:
    wanted = (
        ("To", call.order.to),
        ("From", call.order.from_),
        ("Status", call.status),
        ("ParentCallSid", call.order.parent_sid),
    )
    if any(query.get(name) not in (None, "", value) for name, value in wanted):
        return False
    bounds = [(name, _moment(query[name])) for name in query if name.startswith("StartTime")]
    if not bounds:
        return True
    if call.dialled_at is None:  # a queued call has no start time yet
        return False
    at = datetime.fromtimestamp(int(call.dialled_at), UTC)
    tests = {
        "StartTime": lambda moment: at.date() == moment.date(),
        "StartTime<": lambda moment: at <= moment,
        "StartTime>": lambda moment: at >= moment,
    }
    return all(tests[name](moment) for name, moment in bounds)


def _moment(value: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise bad_request(20001, f"Not a date: {value}") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _count(value: str | None, default: int) -> int:
    if not value:
        return default
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise bad_request(20001, f"Not a number: {value}")
    return int(value)


def _find(request: web.Request) -> Call:
    call = request.app[EXCHANGE].find(request.match_info["sid"])
    if call is None:
        raise not_found(request.path)
    return call


async def read_form(request: web.Request) -> Any:
    if request.content_type != "application/x-www-form-urlencoded" and request.can_read_body:
        raise RestError(415, 20415, "Unsupported Media Type")
    return await request.post()


def when(seconds: float | None) -> str | None:
    return None if seconds is None else format_datetime(datetime.fromtimestamp(int(seconds), UTC))


def call_json(call: Call) -> dict[str, Any]:
    account = call.params()["AccountSid"]
    uri = f"{ROOT}/Accounts/{account}/Calls/{call.sid}"
    parts = ("events", "notifications", "payments", "recordings", "siprec", "streams", "transcriptions")
    return {
        "sid": call.sid,
        "account_sid": account,
        "annotation": None,
        "answered_by": None,
        "api_version": "2010-04-01",
        "caller_name": None,
        "date_created": when(call.created_at),
        "date_updated": when(call.updated_at),
        "direction": call.direction,
        "duration": None if call.duration is None else str(call.duration),
        "end_time": when(call.ended_at),
        "forwarded_from": None,
        "from": call.order.from_,
        "from_formatted": call.order.from_,
        "group_sid": None,
        "parent_call_sid": call.order.parent_sid,
        "phone_number_sid": "",
        "price": None,
        "price_unit": "USD",
        "queue_time": str(round(call.queue_seconds * 1000)),
        "start_time": when(call.dialled_at),
        "status": call.status,
        "subresource_uris": {part: f"{uri}/{part.capitalize()}.json" for part in parts},
        "to": call.order.to,
        "to_formatted": call.order.to,
        "trunk_sid": None,
        "uri": f"{uri}.json",
    }
