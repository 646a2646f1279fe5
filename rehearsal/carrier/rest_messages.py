"""Twilio's REST API for messages, under /2010-04-01 (Twilio docs: "Messages resource")."""

from typing import Any

from aiohttp import web

from .errors import not_found
from .messages import Message
from .orders import refuse_unknown
from .rest import EXCHANGE, ROOT, listed, read_form, when

LIST_FILTERS = frozenset(("To", "From", "PageSize", "Page", "PageToken"))


def routes() -> list[web.RouteDef]:
    account = ROOT + "/Accounts/{account}"
    return [
        web.post(account + "/Messages.json", create_message),
        web.get(account + "/Messages.json", list_messages),
        web.get(account + "/Messages/{sid}.json", fetch_message),
    ]


async def create_message(request: web.Request) -> web.Response:
    exchange = request.app[EXCHANGE]
    message = exchange.messages.send(await read_form(request))
    return web.json_response(message_json(message, _account(request)), status=201)


async def fetch_message(request: web.Request) -> web.Response:
    message = request.app[EXCHANGE].messages.find(request.match_info["sid"])
    if message is None:
        raise not_found(request.path)
    return web.json_response(message_json(message, _account(request)))


async def list_messages(request: web.Request) -> web.Response:
    """Newest first."""
    refuse_unknown(request.query, LIST_FILTERS)
    wanted = {name: request.query.get(name) or None for name in ("To", "From")}
    found = [
        message_json(each, _account(request))
        for each in reversed(request.app[EXCHANGE].messages.all())
        if wanted["To"] in (None, each.to) and wanted["From"] in (None, each.from_)
    ]
    return listed(request, "messages", found)


def _account(request: web.Request) -> str:
    return request.app[EXCHANGE].equipment.config.account_sid


def message_json(message: Message, account: str) -> dict[str, Any]:
    uri = f"{ROOT}/Accounts/{account}/Messages/{message.sid}"
    return {
        "sid": message.sid,
        "account_sid": account,
        "api_version": "2010-04-01",
        "body": message.body,
        "date_created": when(message.created_at),
        "date_sent": when(message.sent_at),
        "date_updated": when(message.updated_at),
        "direction": "outbound-api",
        "error_code": message.error_code,
        "error_message": None,
        "from": message.from_,
        "messaging_service_sid": None,
        "num_media": "0",
        "num_segments": str(message.segments),
        "price": None,
        "price_unit": "USD",
        "status": message.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": message.to,
        "uri": f"{uri}.json",
    }
