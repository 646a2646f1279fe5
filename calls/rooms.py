"""LiveKit's server API: rooms, and whether the agent is in one. Audio belongs to the bridge and the agent."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

import aiohttp
from django.conf import settings
from livekit import api

from calls.models import ROOM_PREFIX, Call

T = TypeVar("T")
TIMEOUT_SECONDS = 5.0
# How long LiveKit keeps a room that nobody entered, and one that everybody has left.
EMPTY_SECONDS = 120
DEPARTURE_SECONDS = 10


@dataclass(frozen=True)
class OpenRoom:
    name: str
    created_at: datetime


class RoomError(Exception):
    """LiveKit's server did not do what was asked; trying again later may help."""


def room_open(call: Call) -> None:
    """Create the call's room with the agent dispatched to it. The metadata names the call and nothing else."""
    dispatch = api.RoomAgentDispatch(
        agent_name=settings.AGENT_NAME,
        metadata=_metadata(call),
        restart_policy=api.JobRestartPolicy.JRP_NEVER,
    )
    request = api.CreateRoomRequest(
        name=call.room_name,
        empty_timeout=EMPTY_SECONDS,
        departure_timeout=DEPARTURE_SECONDS,
        max_participants=4,
        agents=[dispatch],
    )
    _run(lambda livekit: livekit.room.create_room(request))


def agent_dispatch(call: Call) -> None:
    """Ask for the agent again: a room created before any worker had registered gets none by itself."""
    request = api.CreateAgentDispatchRequest(
        agent_name=settings.AGENT_NAME,
        room=call.room_name,
        metadata=_metadata(call),
        restart_policy=api.JobRestartPolicy.JRP_NEVER,
    )
    _run(lambda livekit: livekit.agent_dispatch.create_dispatch(request))


def agent_in_room(call: Call) -> bool:
    request = api.ListParticipantsRequest(room=call.room_name)
    answer = _run(lambda livekit: livekit.room.list_participants(request))
    return any(participant.kind == api.ParticipantInfo.Kind.AGENT for participant in answer.participants)


def room_close(call: Call) -> None:
    """Delete the room if it is still there."""
    room_delete(call.room_name)


def room_delete(name: str) -> bool:
    """Delete a room with everybody in it. False if there was none."""
    try:
        _run(lambda livekit: livekit.room.delete_room(api.DeleteRoomRequest(room=name)))
    except RoomError as error:
        if (
            not isinstance(error.__cause__, api.ServerError)
            or error.__cause__.code != api.ServerErrorCode.NOT_FOUND
        ):
            raise
        return False
    return True


def rooms_open() -> list[OpenRoom]:
    """Every room of calls that the server holds, whether or not anybody is in it."""
    answer = _run(lambda livekit: livekit.room.list_rooms(api.ListRoomsRequest()))
    return [
        OpenRoom(room.name, datetime.fromtimestamp(room.creation_time, tz=UTC))
        for room in answer.rooms
        if room.name.startswith(ROOM_PREFIX)
    ]


def _metadata(call: Call) -> str:
    return json.dumps({"call_id": str(call.pk)})


def _run(request: Callable[[api.LiveKitAPI], Awaitable[T]]) -> T:
    """One request on an event loop and a connection of its own, so that any thread of any process may ask."""

    async def ask() -> T:
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
        async with api.LiveKitAPI(
            settings.LIVEKIT_URL, settings.LIVEKIT_API_KEY, settings.LIVEKIT_API_SECRET, timeout=timeout
        ) as livekit:
            return await request(livekit)

    try:
        return asyncio.run(ask())
    except (api.ServerError, aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise RoomError(type(error).__name__) from error
