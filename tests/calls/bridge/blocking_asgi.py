"""The product's application, and beside it a consumer that keeps the process's database thread busy as a slow query
would: each message is for how many seconds."""

import time
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter

from phantompay.asgi import application as product


@database_sync_to_async
def slow_query(seconds: float) -> None:
    from django.db import connection

    connection.ensure_connection()
    connection.connection.create_function("wait", 1, time.sleep)
    with connection.cursor() as cursor:
        cursor.execute("SELECT wait(%s)", [seconds])


class Blocker(AsyncWebsocketConsumer):
    channel_layer_alias = "none"

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self.send("blocking")
        await slow_query(float(text_data or 0))
        await self.send("done")


async def _websocket(scope: Any, receive: Any, send: Any) -> None:
    app = Blocker.as_asgi() if scope["path"] == "/block" else product
    await app(scope, receive, send)


application = ProtocolTypeRouter({"http": product, "websocket": _websocket})
