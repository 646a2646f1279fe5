"""LiveKit's rooms: asked of its server, and entered."""

import asyncio
from collections.abc import Mapping
from typing import Literal
from uuid import uuid4

from django.conf import settings
from livekit import api, rtc


def rooms(env: Mapping[str, str]) -> set[str]:
    async def ask() -> set[str]:
        async with api.LiveKitAPI(
            env["LIVEKIT_URL"], env["LIVEKIT_API_KEY"], env["LIVEKIT_API_SECRET"]
        ) as livekit:
            answer = await livekit.room.list_rooms(api.ListRoomsRequest())
            return {room.name for room in answer.rooms}

    return asyncio.run(ask())


async def enter(room_name: str, kind: Literal["agent", "standard"]) -> rtc.Room:
    """Enter as a participant of that kind."""
    token = (
        api.AccessToken(settings.LIVEKIT_API_KEY, settings.LIVEKIT_API_SECRET)
        .with_identity(f"{kind} {uuid4().hex[:6]}")
        .with_kind(kind)
        .with_grants(api.VideoGrants(room_join=True, room=room_name))
        .to_jwt()
    )
    room = rtc.Room()
    await room.connect(settings.LIVEKIT_URL, token)
    return room
