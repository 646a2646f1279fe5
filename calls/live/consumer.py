"""What an open page hears: the whole fragment it shows, again each time something changed.

Nothing is sent as a difference, so a reload, a late joiner and a lost message all end in the same picture.
"""

import asyncio
import contextlib
import logging
from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.template.loader import render_to_string

from calls.live.news import call_group, invoice_group
from calls.page_selectors import call_picture, invoice_picture

logger = logging.getLogger(__name__)

# Changes that come within this time are shown together.
COALESCE_SECONDS = 0.1

NOT_LOGGED_IN = 4401
NOT_ALLOWED = 4403
NOT_FOUND = 4404
# Browsers come back after these; htmx's extension does not after the codes above.
TRY_AGAIN = 1011


class NotAllowed(Exception):
    """The user may not, or may no longer, look at this."""


class PictureConsumer(AsyncWebsocketConsumer):
    """One open page. Subclasses say what it shows, in which group, and who may look."""

    permission: str
    template: str

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.dirty = asyncio.Event()
        self.drawing: asyncio.Task[None] | None = None
        try:
            await super().__call__(scope, receive, send)
        finally:
            # Also when the channel layer went away and took this consumer with it.
            if self.drawing is not None:
                self.drawing.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await self.drawing

    async def connect(self) -> None:
        # Accepted in any case: a code can only be read from a connection that was open.
        await self.accept()
        if not self.scope["user"].is_authenticated:
            await self.close(NOT_LOGGED_IN)
            return
        # The group first, then the rows: what changes in between is drawn again.
        await self.channel_layer.group_add(self.group(), self.channel_name)
        self.dirty.set()
        self.drawing = asyncio.create_task(self._draw_changes())

    async def disconnect(self, code: int) -> None:
        if self.drawing is not None:
            await self.channel_layer.group_discard(self.group(), self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Pages have nothing to say here."""

    async def call_changed(self, message: dict[str, Any]) -> None:
        self.dirty.set()

    async def invoice_changed(self, message: dict[str, Any]) -> None:
        self.dirty.set()

    async def _draw_changes(self) -> None:
        try:
            while True:
                await self.dirty.wait()
                self.dirty.clear()
                html = await database_sync_to_async(self._draw)()
                if html is None:
                    await self.close(NOT_FOUND)
                    return
                await self.send(text_data=html)
                await asyncio.sleep(COALESCE_SECONDS)
        except NotAllowed:
            await self.close(NOT_ALLOWED)
        except Exception:
            logger.exception("%s: its picture could not be drawn", self.group())
            await self.close(TRY_AGAIN)

    def _draw(self) -> str | None:
        # Read anew each time: a role that was taken away ends the picture.
        user = get_user_model().objects.filter(pk=self.scope["user"].pk).first()
        if user is None or not user.has_perm(self.permission):
            raise NotAllowed
        picture = self.picture(user)
        if picture is None:
            return None
        return render_to_string(self.template, {**picture, "out_of_band": True})

    def group(self) -> str:
        raise NotImplementedError

    def picture(self, user: User) -> dict[str, Any] | None:
        raise NotImplementedError


class CallConsumer(PictureConsumer):
    permission = "calls.view_call"
    template = "calls/_call.html"

    def group(self) -> str:
        return call_group(self.object_id)

    @property
    def object_id(self) -> UUID:
        return self.scope["url_route"]["kwargs"]["object_id"]  # type: ignore[no-any-return]

    def picture(self, user: User) -> dict[str, Any] | None:
        return call_picture(self.object_id)


class InvoiceConsumer(PictureConsumer):
    permission = "calls.view_call"
    template = "calls/_invoice_calls.html"

    def group(self) -> str:
        return invoice_group(self.object_id)

    @property
    def object_id(self) -> int:
        return self.scope["url_route"]["kwargs"]["object_id"]  # type: ignore[no-any-return]

    def picture(self, user: User) -> dict[str, Any] | None:
        return invoice_picture(self.object_id, user=user)
