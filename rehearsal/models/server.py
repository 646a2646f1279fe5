"""The application: routes, health, and the listening processes' life."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from aiohttp import web

from . import kept, mind
from .chat import chat
from .ears import Ears
from .errors import answer_errors, stamp
from .grammar import AGENT_LINES_MODEL
from .kept import SPOKEN, spoken
from .mind import MIND, Mind
from .speech import speak, synthesise
from .transcriptions import EARS, LARGEST, transcribe
from .voices import DEFAULT

MODELS = ("gpt-4o", "gpt-4o-mini", "gpt-4.1", "gpt-4.1-mini", "whisper-1", "gpt-4o-transcribe",
          "gpt-4o-mini-transcribe", "tts-1", "tts-1-hd", "gpt-4o-mini-tts", AGENT_LINES_MODEL)  # fmt: skip


def make_app(ears: int = 2) -> web.Application:
    """The pretended OpenAI with *ears* listening processes."""
    app = web.Application(middlewares=[answer_errors], client_max_size=LARGEST)
    app[EARS] = Ears(ears)
    app[SPOKEN] = spoken()
    app[MIND] = Mind()
    app.on_response_prepare.append(stamp)
    app.cleanup_ctx.append(_prepare)
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/v1/models", models)
    app.router.add_post("/v1/audio/speech", speak)
    app.router.add_post("/v1/audio/transcriptions", transcribe)
    app.router.add_post("/v1/chat/completions", chat)
    app.router.add_routes(kept.routes())
    app.router.add_routes(mind.routes())
    return app


async def healthz(request: web.Request) -> web.Response:
    """200 when it can speak and listen, 503 until then."""
    ready = request.app[EARS].ready
    return web.json_response({"ready": ready}, status=200 if ready else 503)


async def models(request: web.Request) -> web.Response:
    """The list that clients read to warm a connection."""
    known = [
        {"id": name, "object": "model", "created": 1_700_000_000, "owned_by": "rehearsal"} for name in MODELS
    ]
    return web.json_response({"object": "list", "data": known})


async def _prepare(app: web.Application) -> AsyncIterator[None]:
    """Loads both halves while the socket already answers 503."""
    opening = asyncio.create_task(_open(app[EARS]))
    yield
    opening.cancel()
    await asyncio.gather(opening, return_exceptions=True)
    await asyncio.to_thread(app[EARS].close)


async def _open(ears: Ears) -> None:
    await asyncio.to_thread(synthesise, "Ready.", DEFAULT)
    await ears.open()
