import pytest_asyncio

from tests.rehearsal.carrier.carrier_world import running_world


@pytest_asyncio.fixture
async def world():
    async with running_world() as world:
        yield world
