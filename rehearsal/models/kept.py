"""The rehearsal's own door, under /rehearsal/speech: what was spoken lately, to be compared with what was recorded."""

from __future__ import annotations

import itertools
import time
from collections import deque
from dataclasses import dataclass, field

from aiohttp import web

KEPT = 200  # answers, about three seconds each: some 30 MB
_ids = itertools.count(1)


@dataclass(frozen=True)
class Spoken:
    """One answer of /v1/audio/speech: `pcm` is 16-bit mono at 24 kHz, `at` in seconds since 1970."""

    model: str
    voice: str
    words: str
    pcm: bytes
    id: int = field(default_factory=lambda: next(_ids))
    at: float = field(default_factory=time.time)


SPOKEN = web.AppKey("spoken", deque[Spoken])


def spoken() -> deque[Spoken]:
    return deque(maxlen=KEPT)


def routes() -> list[web.RouteDef]:
    return [web.get("/rehearsal/speech", lately), web.get("/rehearsal/speech/{id:\\d+}", samples)]


async def lately(request: web.Request) -> web.Response:
    """Oldest first; the last 200."""
    answers = [
        {"id": each.id, "at": each.at, "model": each.model, "voice": each.voice, "input": each.words}
        for each in request.app[SPOKEN]
    ]
    return web.json_response({"speech": answers})


async def samples(request: web.Request) -> web.Response:
    """One answer's raw samples; 404 when it is no longer kept."""
    wanted = int(request.match_info["id"])
    for each in request.app[SPOKEN]:
        if each.id == wanted:
            return web.Response(body=each.pcm, content_type="audio/pcm")
    raise web.HTTPNotFound
