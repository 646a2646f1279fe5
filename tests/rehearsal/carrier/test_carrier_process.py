"""The carrier as a process of its own."""

import asyncio
import os
import signal
import socket
import sys
import time
from pathlib import Path

import aiohttp
import pytest_asyncio

from tests.rehearsal.carrier.carrier_world import FROM, SID, TOKEN, until

ROOT = Path(__file__).resolve().parents[3]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def start(*arguments: str, token: str | None = TOKEN) -> asyncio.subprocess.Process:
    environment = {key: value for key, value in os.environ.items() if key != "TWILIO_AUTH_TOKEN"}
    if token:
        environment["TWILIO_AUTH_TOKEN"] = token
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "rehearsal.carrier", "--account-sid", SID, "--models-url", "http://127.0.0.1:9/v1"),
        *arguments,
        cwd=ROOT,
        env=environment,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )


@pytest_asyncio.fixture
async def carrier():
    """The process, its URL and a client that has its credentials."""
    port = free_port()
    process = await start("--port", str(port), "--people", "demo/people.json")
    url = f"http://127.0.0.1:{port}"
    async with aiohttp.ClientSession(
        headers={"Authorization": aiohttp.encode_basic_auth(SID, TOKEN)}
    ) as client:
        try:
            await asyncio.wait_for(_healthy(client, url), 20)
            yield process, url, client
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def _healthy(client: aiohttp.ClientSession, url: str) -> None:
    while True:
        try:
            async with client.get(url + "/healthz") as answer:
                assert answer.status == 200
                return
        except aiohttp.ClientConnectionError:
            await asyncio.sleep(0.05)


async def test_it_serves_knows_its_people_and_stops_in_the_middle_of_a_call(carrier):
    process, url, client = carrier
    calls = f"{url}/2010-04-01/Accounts/{SID}/Calls.json"
    twiml = '<Response><Pause length="60"/></Response>'
    async with client.post(calls, data={"To": "+12135550101", "From": FROM, "Twiml": twiml}) as answer:
        assert answer.status == 201
    async with client.put(url + "/rehearsal/faults", json={"create": {"mode": "hang"}}) as answer:
        assert answer.status == 200
    held = asyncio.create_task(client.post(calls, data={"To": FROM, "From": FROM, "Twiml": twiml}))
    async with client.get(url + "/rehearsal/calls") as answer:
        assert [call["persona"] for call in (await answer.json())["calls"]] == ["promises"]
    started = time.monotonic()
    process.send_signal(signal.SIGTERM)
    _, log = await asyncio.wait_for(process.communicate(), 5)
    assert time.monotonic() - started < 2 and process.returncode == 0
    assert b"Traceback" not in log and b"never retrieved" not in log and b"+1213" not in log
    held.cancel()
    await until(held.done)


async def test_it_does_not_start_without_a_token():
    process = await start("--port", str(free_port()), token=None)
    _, log = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 2 and b"TWILIO_AUTH_TOKEN" in log
