"""A bridge for the whole run, and calls on it."""

import asyncio
import contextlib
import time
import wave

import numpy as np
import pytest

from tests.calls.bridge.ends import Agent, Phone
from tests.calls.bridge.rig import running


@pytest.fixture(scope="session")
def shared_bridge(tmp_path_factory):
    with running(tmp_path_factory.mktemp("bridge")) as bridge:
        yield bridge


@pytest.fixture
def bridge(shared_bridge):
    return shared_bridge


class Conversation:
    """A phone and an agent on one call, and what the bridge left behind of it."""

    def __init__(self, bridge, call, agent, phone):
        self.bridge, self.call, self.agent, self.phone = bridge, call, agent, phone

    @property
    def zero(self):
        """Position 0 of the recording, on this process's monotonic clock."""
        participant = self.agent.room.remote_participants["phone"]
        return int(participant.attributes["recording.zero_ms"]) / 1000 - time.time() + time.monotonic()

    async def row(self, seconds=10.0):
        """The call's row once its stream has been closed."""
        return await stored(self.bridge, self.call, seconds)

    def recording(self, name):
        with wave.open(str(self.bridge.media / name)) as file:
            assert (file.getframerate(), file.getsampwidth(), file.getnchannels()) == (8000, 2, 2)
            return np.frombuffer(file.readframes(file.getnframes()), np.int16).reshape(-1, 2)


async def stored(bridge, call, seconds=10.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        row = await asyncio.to_thread(bridge.ask, "read", call_id=call["id"])
        if row["closed"]:
            return row
        await asyncio.sleep(0.05)
    raise TimeoutError("the stream's end was not stored")


@contextlib.asynccontextmanager
async def talking(bridge):
    """A call with both ends on it; both have gone when this is left."""
    call = await asyncio.to_thread(bridge.ask, "call")
    agent = await Agent(bridge, call["room"]).join()
    phone = Phone(bridge, call)
    try:
        await phone.open()
        await asyncio.wait_for(agent.phone_here.wait(), 5)
        await phone.until(lambda: len(phone.arrived) > 5)
        await phone.until(lambda: bool(agent.heard))
        yield Conversation(bridge, call, agent, phone)
    finally:
        await phone.close()
        await agent.leave()


@pytest.fixture
async def conversation(bridge):
    async with talking(bridge) as conversation:
        yield conversation
