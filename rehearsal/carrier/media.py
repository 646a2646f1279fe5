"""A bidirectional media stream: Twilio's side of the WebSocket that <Connect><Stream> opens."""

import asyncio
import contextlib
import json
import secrets
import time
from collections.abc import Callable, Mapping
from email.utils import formatdate
from typing import Any

import aiohttp
from yarl import URL

from . import protocol
from .equipment import Equipment
from .handset import Handset
from .mulaw import RATE
from .playout import Playout
from .signature import HEADER, sign
from .twiml import Stream
from .webhooks import WebhookFailed

OPEN_TIMEOUT = 10.0
CLOSE_TIMEOUT = 0.5
UNSENT_LIMIT = 250  # messages (5 s) that wait for a reader that is too slow
PLAYOUT_LIMIT = 600 * RATE  # bytes: ten minutes
CLEAN_CLOSES = (1000, 1001, 1005)  # RFC 6455: normal, going away, no code given
MESSAGE_LIMIT = 16 * 1024 * 1024


class StreamFailed(Exception):
    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class MediaStream:
    """Runs until the application closes the socket (`run` returns: TwiML goes on) or the call ends (`run` is
    cancelled: `stop` is sent). A handshake that fails is the same as an application that closes at once."""

    def __init__(
        self, verb: Stream, equipment: Equipment, handset: Handset, params: Callable[[], Mapping[str, str]]
    ) -> None:
        self.sid = "MZ" + secrets.token_hex(16)
        self._verb = verb
        self._equipment = equipment
        self._handset = handset
        self._record = handset.record
        self._params = params
        self._playout = Playout()
        self._unsent: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self._sequence = 0
        self._chunk = 0
        self._warned: set[int] = set()
        self._notices = asyncio.Lock()  # keeps the stream's own callbacks in order

    async def run(self) -> None:
        try:
            socket = await self._open()
        except StreamFailed as failure:
            self._record.error(failure.code, str(failure))
            self._notify("stream-error", StreamError=str(failure), StreamErrorCode=str(failure.code))
            return
        stopped = False
        try:
            await self._talk(socket)
        except asyncio.CancelledError:
            stopped = True
            raise
        finally:
            self._record.event("stream_closed", stream=self.sid, by="carrier" if stopped else "application")
            self._notify("stream-stopped")

    async def _open(self) -> aiohttp.ClientWebSocketResponse:
        """The handshake is signed over the URL alone, without form parameters."""
        url, token = self._verb.url, self._equipment.config.auth_token
        try:
            return await self._equipment.session.ws_connect(
                URL(url, encoded=True),
                headers={HEADER: sign(token, url), "User-Agent": "Twilio.TmeWs/1.0"},
                timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_TIMEOUT),
                max_msg_size=MESSAGE_LIMIT,
            )
        except aiohttp.WSServerHandshakeError as error:
            raise StreamFailed(31920, f"Stream - WebSocket - Handshake Error: HTTP {error.status}") from error
        except TimeoutError as error:
            raise StreamFailed(31901, "Stream - WebSocket - Connection Timeout") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise StreamFailed(31902, "Stream - WebSocket - Connection Refused") from error

    async def _talk(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        await socket.send_str(protocol.connected())
        self._send(
            protocol.start(
                stream_sid=self.sid,
                account_sid=self._equipment.config.account_sid,
                call_sid=self._record.sid,
                parameters=self._verb.parameters,
            )
        )
        self._record.event("stream_opened", stream=self.sid)
        self._notify("stream-started")
        sender = asyncio.create_task(self._write(socket))
        handset = self._handset
        handset.playout, handset.listener, handset.awaiting_voice = self._playout, self, True
        try:
            async for message in socket:
                self._receive(message)
            self._judge_close(socket)
        finally:
            handset.playout, handset.listener, handset.awaiting_voice = None, None, False
            self._record.counters["underruns"] += self._playout.underruns
            self._send(
                protocol.stop(account_sid=self._equipment.config.account_sid, call_sid=self._record.sid)
            )
            self._unsent.put_nowait(None)
            await _bounded(sender)
            await _bounded(asyncio.ensure_future(socket.close()))

    def _judge_close(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """An application that broke off or broke the protocol is in the debugger; TwiML goes on all the same."""
        if isinstance(error := socket.exception(), aiohttp.WebSocketError):
            self._warn(31924, f"Stream - WebSocket - Protocol Error: {error}")
        elif socket.close_code not in CLEAN_CLOSES:
            self._warn(31921, f"Stream - WebSocket - Close Error: {socket.close_code}")

    # Towards the application

    def spoken(self, frame: bytes) -> None:
        """A frame of the handset's microphone; discarded when the application does not read (Twilio:
        31930)."""
        if self._unsent.qsize() >= UNSENT_LIMIT:
            self._record.counters["media_discarded"] += 1
            self._warn(31930, "Stream - Media - Buffer Overflow: the application reads too slowly")
            return
        self._chunk += 1
        self._send(protocol.media(self._chunk, (self._chunk - 1) * 20, frame))

    def pressed(self, digit: str) -> None:
        self._send(protocol.dtmf(digit))

    def _send(self, message: dict[str, Any]) -> None:
        self._sequence += 1
        self._unsent.put_nowait({**message, "sequenceNumber": str(self._sequence), "streamSid": self.sid})

    async def _write(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Waits where the socket's own buffer is full, so that a slow reader shows as unsent messages."""
        with contextlib.suppress(ConnectionError, aiohttp.ClientError, RuntimeError):
            while (message := await self._unsent.get()) is not None and not socket.closed:
                await socket.send_str(json.dumps(message))

    # From the application

    def _receive(self, message: aiohttp.WSMessage) -> None:
        if message.type is aiohttp.WSMsgType.BINARY:
            self._reject(protocol.Refused(31950, "Stream - Protocol - Malformed Message: binary format"))
            return
        try:
            self._obey(protocol.read(message.data, self.sid))
        except protocol.Refused as refused:
            self._reject(refused)

    def _obey(self, message: protocol.Media | protocol.Mark | protocol.Clear) -> None:
        match message:
            case protocol.Media(payload):
                if self._playout.waiting + len(payload) > PLAYOUT_LIMIT:
                    raise protocol.Refused(
                        31931, "Stream - Media - Media Discarded: more than 10 minutes are buffered"
                    )
                self._playout.queue(payload)
            case protocol.Mark(name):
                self._playout.mark(lambda played: self._echo(name, played))
            case protocol.Clear():
                self._record.event("clear", dropped_ms=self._playout.waiting * 1000 // RATE)
                self._playout.clear()

    def _echo(self, name: str, played: bool) -> None:
        """Twilio echoes a mark when it has been played and when it was cleared alike; only the ledger
        tells."""
        self._record.event("mark", name=name, played=played)
        self._send(protocol.mark(name))

    def _reject(self, refused: protocol.Refused) -> None:
        self._record.counters["messages_rejected"] += 1
        self._warn(refused.code, refused.message)

    def _warn(self, code: int, message: str) -> None:
        if code not in self._warned:
            self._warned.add(code)
            self._record.error(code, message)

    def _notify(self, event: str, **more: str) -> None:
        """The <Stream>'s own status callback; the call does not wait for it."""
        url = self._verb.status_callback
        if url is None:
            return
        call = self._params()
        params = {
            "AccountSid": call["AccountSid"],
            "CallSid": call["CallSid"],
            "StreamSid": self.sid,
            "StreamName": self._verb.name or self.sid,
            "StreamEvent": event,
            "Timestamp": formatdate(time.time()),
            **more,
        }
        self._equipment.background.start(self._deliver(url, params))

    async def _deliver(self, url: str, params: dict[str, str]) -> None:
        async with self._notices:
            try:
                await self._equipment.webhooks.send(self._verb.status_callback_method, url, params)
            except WebhookFailed as failure:
                self._record.error(11200, f"stream status callback: {failure}")


async def _bounded(task: "asyncio.Future[Any]") -> None:
    """Waits a moment for what should end by itself; it is dropped when it does not."""
    await asyncio.wait({task}, timeout=CLOSE_TIMEOUT)
    if not task.done():
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError, ConnectionError, aiohttp.ClientError):
        await task
