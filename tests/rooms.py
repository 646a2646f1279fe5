"""LiveKit's rooms, asked of its server."""

import asyncio
from collections.abc import Mapping

from livekit import api


def rooms(env: Mapping[str, str]) -> set[str]:
    async def ask() -> set[str]:
        async with api.LiveKitAPI(
            env["LIVEKIT_URL"], env["LIVEKIT_API_KEY"], env["LIVEKIT_API_SECRET"]
        ) as livekit:
            answer = await livekit.room.list_rooms(api.ListRoomsRequest())
            return {room.name for room in answer.rooms}

    return asyncio.run(ask())
