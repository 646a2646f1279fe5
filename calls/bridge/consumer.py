"""`/twilio-stream`: the carrier's WebSocket. Checks the handshake and hands everything over to a Session."""

import asyncio
import contextlib
from typing import Any

from channels.consumer import AsyncConsumer
from channels.exceptions import StopConsumer

from calls.bridge.session import Session
from calls.telephony.signature import stream_signature_valid

PATH = "/twilio-stream"
SUBPROTOCOL = "audio.twilio.com"
# Daphne cancels a consumer 10 s after its socket has gone.
CLOSE_SECONDS = 8.0


class TwilioStreamConsumer(AsyncConsumer):
    """No frame waits for Redis or the database.

    With a channel layer, a Redis restart would end the consumer and with it the call. Channels' own `dispatch` hops
    through the process's one shared database thread for each message: measured, 2 s of silence while another consumer
    blocked it.
    """

    channel_layer_alias = "none: see above"
    session: Session | None = None

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            if self.session is not None:
                self.session.close("shutdown")  # unless it closes already
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.session.closed(), CLOSE_SECONDS)

    async def dispatch(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        if kind == "websocket.receive":
            if self.session is not None:
                self.session.receive(message.get("text"))
        elif kind == "websocket.connect":
            await self._connect()
        elif kind == "websocket.disconnect":
            if self.session is not None:
                self.session.close("caller_hung_up")
            raise StopConsumer

    async def _connect(self) -> None:
        headers = dict(self.scope["headers"])
        signature = headers.get(b"x-twilio-signature", b"").decode("latin-1")
        if not stream_signature_valid(path=PATH, signature=signature):
            await self.send({"type": "websocket.close"})  # before `accept`: HTTP 403
            raise StopConsumer
        offered = SUBPROTOCOL in self.scope.get("subprotocols", [])
        self.session = Session(self._send_text, self._close)
        await self.send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL if offered else None})

    async def _send_text(self, text: str) -> None:
        await self.send({"type": "websocket.send", "text": text})

    async def _close(self, code: int) -> None:
        await self.send({"type": "websocket.close", "code": code})
