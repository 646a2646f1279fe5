"""The rehearsal's own door to the model, under /rehearsal/mind: what it was asked lately, and whether it is hostile."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from .hostile import Hostility

KEPT = 300  # requests, some ten kilobytes each


@dataclass
class Mind:
    hostility: Hostility | None = None
    asked: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=KEPT))


MIND = web.AppKey("mind", Mind)


def routes() -> list[web.RouteDef]:
    return [
        web.get("/rehearsal/mind", lately),
        web.put("/rehearsal/mind", turn_hostile),
        web.delete("/rehearsal/mind", turn_kind),
    ]


async def lately(request: web.Request) -> web.Response:
    """The bodies of the last 300 requests, oldest first."""
    return web.json_response({"asked": list(request.app[MIND].asked)})


async def turn_hostile(request: web.Request) -> web.Response:
    """`{"seed": n, "told": [sentence, ...]}`: from now on, until it is kind again. Forgets what it was asked."""
    try:
        request.app[MIND].hostility = Hostility.from_json(await request.json())
    except ValueError as error:
        raise web.HTTPBadRequest(text=str(error)) from None
    request.app[MIND].asked.clear()
    return web.Response(status=204)


async def turn_kind(request: web.Request) -> web.Response:
    request.app[MIND].hostility = None
    return web.Response(status=204)
