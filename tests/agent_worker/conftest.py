"""A customer who owes, a call about it, and a model that is a small HTTP server speaking OpenAI's protocol."""

import json
import uuid
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer
from django.conf import settings

from calls.models import Call
from calls.states import Status
from invoices.models import Customer
from invoices.services.documents import invoice_create
from invoices.services.parties import customer_create

# In no prompt but the second one's; looked for in every request before.
CANARY_AMOUNT = Decimal("8641.97")
CANARY_NUMBER = "INV-77513"


@pytest.fixture(autouse=True)
def _business(settings):
    settings.BUSINESS_LEGAL_NAME = "Moonlight Supplies Limited"
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}


@dataclass
class World:
    """Rows to talk about. Made and read from synchronous code."""

    def customer(self, **fields: Any) -> Customer:
        given: dict[str, Any] = {
            "number": f"1{uuid.uuid4().int % 10**4:04d}",
            "name": "Robert Blake",
            "kind": Customer.Kind.PERSON,
            "phone": "+12135550101",
            "country": "US",
            "time_zone": "America/Los_Angeles",
            "birth_month": 3,
            "birth_day": 14,
        } | fields
        return customer_create(source="seed", **given)

    def call(self, *, customer: Customer | None = None, is_test: bool = False, **invoice: Any) -> Call:
        given: dict[str, Any] = {
            "number": CANARY_NUMBER,
            "currency": "USD",
            "total": CANARY_AMOUNT,
            "issue_date": date(2026, 10, 4),
            "due_date": date(2026, 11, 3),
            "description": "Canary seed, twelve sacks",
        } | invoice
        owed = invoice_create(customer=customer or self.customer(), source="seed", **given)
        return Call.objects.create(
            invoice=owed,
            customer=owed.customer,
            status=Status.IN_PROGRESS,
            to_number=str(owed.customer.phone),
            is_test=is_test,
        )


@pytest.fixture
def world(transactional_db) -> World:
    return World()


def tool(name: str, **arguments: Any) -> dict[str, Any]:
    """A scripted answer: call this function."""
    return {"name": name, "arguments": arguments}


Answer = str | dict[str, Any]


@dataclass
class Brain:
    """Answers `POST /chat/completions` from a script, and keeps every request's body. With a voice it speaks, too."""

    url: str = ""
    has_voice: bool = False
    script: deque[Answer] = field(default_factory=deque)
    bodies: list[str] = field(default_factory=list)

    def will(self, *answers: Answer) -> None:
        self.script.extend(answers)

    @property
    def requests(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body in self.bodies]

    async def complete(self, request: web.Request) -> web.StreamResponse:
        body = await request.text()
        self.bodies.append(body)
        answer = self.script.popleft() if self.script else ""
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        for delta, finish in _deltas(answer):
            await response.write(_chunk(choices=[{"index": 0, "delta": delta, "finish_reason": finish}]))
        usage = {"prompt_tokens": 11, "completion_tokens": 3, "total_tokens": 14}
        await response.write(_chunk(choices=[], usage=usage) + b"data: [DONE]\n\n")
        return response

    async def speak(self, request: web.Request) -> web.Response:
        """A tenth of a second of 24 kHz sound, whatever is to be said."""
        if not self.has_voice:
            raise web.HTTPBadRequest
        return web.Response(body=b"\x00\x10" * 2400, content_type="audio/pcm")


def _deltas(answer: Answer) -> list[tuple[dict[str, Any], str | None]]:
    if isinstance(answer, str):
        return [({"role": "assistant", "content": answer}, None), ({}, "stop")]
    function = {"name": answer["name"], "arguments": json.dumps(answer["arguments"])}
    call = {"index": 0, "id": f"call_{uuid.uuid4().hex[:8]}", "type": "function", "function": function}
    return [({"role": "assistant", "tool_calls": [call]}, None), ({}, "tool_calls")]


def _chunk(**fields: Any) -> bytes:
    body = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "scripted"} | fields
    return b"data: " + json.dumps(body).encode() + b"\n\n"


@pytest_asyncio.fixture
async def brain() -> AsyncIterator[Brain]:
    brain = Brain()
    app = web.Application()
    app.router.add_post("/v1/chat/completions", brain.complete)
    app.router.add_post("/v1/audio/speech", brain.speak)
    server = TestServer(app)
    await server.start_server()
    brain.url = str(server.make_url("/v1"))
    before = settings.OPENAI_BASE_URL
    settings.OPENAI_BASE_URL = brain.url
    yield brain
    settings.OPENAI_BASE_URL = before
    await server.close()


def soon(days: int = 7) -> date:
    """A date that may be promised, wherever the customer is."""
    return date.today() + timedelta(days=days)  # noqa: DTZ011 (a day off does not matter)
