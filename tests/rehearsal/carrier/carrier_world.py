"""What the carrier's tests stand on: the carrier on a real socket, an application for it to call, people who answer."""

import asyncio
import json
import math
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import aiohttp
import numpy as np
from aiohttp import web

from rehearsal.carrier.app import create_app
from rehearsal.carrier.config import CarrierConfig
from rehearsal.carrier.line import Line
from rehearsal.carrier.people import PersonEntry, Ringing
from rehearsal.carrier.rest import EXCHANGE

SID = "AC" + "0" * 32
TOKEN = "a secret of the tests"
FROM, TO = "+15005550006", "+12135550101"
DEADLINE = 8.0

Socket = Callable[[web.WebSocketResponse], Awaitable[None]]


def tone(milliseconds: int, rate: int = 8000, hertz: float = 440.0, amplitude: int = 8000) -> np.ndarray:
    at = np.arange(rate * milliseconds // 1000) / rate
    return (amplitude * np.sin(2 * math.pi * hertz * at)).astype(np.int16)


async def until(what: Callable[[], Any], deadline: float = DEADLINE) -> Any:
    """The first true value of `what`; fails at the deadline."""
    async with asyncio.timeout(deadline):
        while not (value := what()):  # noqa: ASYNC110 - the carrier is watched from outside
            await asyncio.sleep(0.005)
    return value


async def silent(line: Line) -> None:
    """Listens and says nothing."""
    async for _ in line.heard():
        pass


class Somebody:
    def __init__(self, ringing: Ringing, talk: Callable[[Line], Awaitable[None]]) -> None:
        self._ringing, self._talk = ringing, talk

    def ring(self) -> Ringing:
        return self._ringing

    async def talk(self, line: Line) -> None:
        await self._talk(line)


class Application:
    """The product's place: TwiML by path, a WebSocket at /stream, and every request it was sent."""

    def __init__(self) -> None:
        self.url = ""
        self.twiml: dict[str, str | web.Response | Callable[[], web.Response]] = {}
        self.requests: list[dict[str, Any]] = []
        self.handshakes: list[dict[str, str]] = []
        self.socket: Socket = self._until_closed
        self.failures: list[int] = []  # statuses for the next status callbacks
        self.speech_requests: list[dict[str, Any]] = []
        self.speech = tone(200, 24_000)
        self.recognised = ""  # what the models server hears in any sound
        self.wav = b""
        self.held = asyncio.Event()

    @staticmethod
    async def _until_closed(socket: web.WebSocketResponse) -> None:
        async for _ in socket:
            pass

    def respond(self, path: str, body: str) -> str:
        """Serves `<Response>body</Response>` at `path`; its URL."""
        self.twiml[path] = f'<?xml version="1.0" encoding="UTF-8"?><Response>{body}</Response>'
        return self.url + path

    @property
    def stream_url(self) -> str:
        return self.url.replace("http", "ws") + "/stream"

    def connect(self, after: str = "", inside: str = "", attributes: str = "") -> str:
        """The URL of TwiML that opens the stream."""
        stream = f'<Stream url="{self.stream_url}" {attributes}>{inside}</Stream>'
        return self.respond("/voice", f"<Connect>{stream}</Connect>{after}")

    def callbacks(self) -> list[dict[str, str]]:
        return [request["form"] for request in self.requests if request["path"] == "/status"]

    def statuses(self) -> list[str]:
        return [form["CallStatus"] for form in self.callbacks()]

    async def _any(self, request: web.Request) -> web.StreamResponse:
        form = dict(await request.post()) if request.method == "POST" else {}
        self.requests.append(
            {
                "method": request.method,
                "path": request.path,
                "url": self.url + request.raw_path,
                "headers": request.headers,
                "form": form,
            }
        )
        if request.path == "/status":
            return web.Response(status=self.failures.pop(0) if self.failures else 204)
        if request.path == "/tone.wav":
            return web.Response(body=self.wav, content_type="audio/wav")
        if request.path == "/hang":
            await self.held.wait()
        found = self.twiml.get(request.path)
        if isinstance(found, str):
            return web.Response(text=found, content_type="text/xml")
        return found() if callable(found) else found or web.Response(status=404)

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        self.handshakes.append({**request.headers, "path": request.path_qs})
        socket = web.WebSocketResponse(autoping=True)
        await socket.prepare(request)
        await self.socket(socket)
        await socket.close()
        return socket

    async def _speak(self, request: web.Request) -> web.Response:
        self.speech_requests.append(await request.json())
        return web.Response(body=self.speech.astype("<i2").tobytes(), content_type="audio/pcm")

    async def _listen(self, request: web.Request) -> web.Response:
        await request.read()
        return web.json_response({"text": self.recognised})

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/stream", self._stream)
        app.router.add_post("/v1/audio/speech", self._speak)
        app.router.add_post("/v1/audio/transcriptions", self._listen)
        app.router.add_route("*", "/{path:.*}", self._any)
        return app


class World:
    """A carrier and an application, and the carrier's two doors as a client sees them."""

    def __init__(self, application: Application, session: aiohttp.ClientSession, url: str) -> None:
        self.application = application
        self.url = url
        self.session = session
        self.headers = {"Authorization": aiohttp.encode_basic_auth(SID, TOKEN)}
        self.ringing = Ringing("answer", 0.0)
        self.talk: Callable[[Line], Awaitable[None]] = silent
        self.entries: list[PersonEntry] = []
        self.exchange: Any = None

    def person_for(self, entry: PersonEntry, models_url: str) -> Somebody:
        if entry.persona == "nobody":
            raise ValueError("no persona 'nobody'")
        self.entries.append(entry)
        return Somebody(self.ringing, lambda line: self.talk(line))

    @property
    def calls(self) -> str:
        return f"{self.url}/2010-04-01/Accounts/{SID}/Calls"

    async def post(self, url: str, form: Any, **more: Any) -> tuple[int, dict[str, Any]]:
        async with self.session.post(url, data=form, headers=self.headers, **more) as answer:
            return answer.status, json.loads(await answer.text())

    async def get(self, url: str, **more: Any) -> tuple[int, Any]:
        async with self.session.get(url, headers=self.headers, **more) as answer:
            return answer.status, await answer.json()

    async def call(self, url: str | None = None, **form: Any) -> str:
        """Places a call whose status callbacks all go to /status; its sid."""
        fields = {"To": TO, "From": FROM, "StatusCallback": self.application.url + "/status", **form}
        if url is not None:
            fields["Url"] = url
        pairs = list(fields.items())
        pairs += [("StatusCallbackEvent", name) for name in ("initiated", "ringing", "answered", "completed")]
        status, call = await self.post(self.calls + ".json", pairs)
        assert status == 201, call
        return str(call["sid"])

    def record(self, sid: str) -> Any:
        return self.exchange.ledger.get(sid)

    def events(self, sid: str, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.record(sid).events if event["kind"] == kind]

    def errors(self, sid: str) -> list[int]:
        return [event["code"] for event in self.events(sid, "error")]

    async def ended(self, sid: str) -> Any:
        call = self.exchange.find(sid)
        await until(lambda: call.ended)
        return self.record(sid)

    async def hang_up(self, sid: str) -> Any:
        status, call = await self.post(f"{self.calls}/{sid}.json", {"Status": "completed"})
        assert status == 200, call
        return await self.ended(sid)


@asynccontextmanager
async def served(app: web.Application):
    """The application on a free loopback port; its URL."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def running_world(**config: Any):
    application = Application()
    async with served(application.app()) as application.url, aiohttp.ClientSession() as session:
        world = World(application, session, "")
        settings = CarrierConfig(
            account_sid=SID,
            auth_token=TOKEN,
            models_url=application.url + "/v1",
            calls_per_second=1000.0,
            retry_delays=(0.01, 0.01),
            webhook_timeout=2.0,
        )
        carrier = create_app(replace(settings, **config), world.person_for)
        async with served(carrier) as world.url:
            world.exchange = carrier[EXCHANGE]
            yield world
            application.held.set()
