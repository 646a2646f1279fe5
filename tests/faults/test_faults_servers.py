"""PostgreSQL and Redis stop, start, forget, or take nothing any more."""

import asyncio
import os
import signal
import subprocess
import time

import aiohttp
import psutil
import pytest
import requests

from tests.waiting import eventually

pytestmark = pytest.mark.stack


def test_database_crashes_while_the_carrier_is_asked(hands, stack):
    hands.hold("after_entry", callbacks={"mode": "never"})
    call_id = hands.ring(hands.owing("busy"))
    hands.held()
    hands.kill_with_children("postgres")
    hands.release()
    stack.start_process("postgres")
    hands.database_answers()
    assert hands.ended(call_id)[0] == "busy"
    assert (hands.posts(call_id), len(hands.dials(call_id))) == (1, 1)


def test_database_restarts_while_a_phone_rings(hands, stack):
    call_id = hands.ring(hands.owing("no_answer"))
    eventually(lambda: hands.status(call_id) == "ringing")
    stack.stop("postgres")
    stack.start_process("postgres")
    hands.database_answers()
    assert hands.ended(call_id)[0] == "no_answer"
    assert (hands.posts(call_id), len(hands.dials(call_id))) == (1, 1)


def test_connections_are_killed(hands):
    hands.hold("after_entry")
    call_id = hands.ring(hands.owing("busy"))
    hands.held()
    killed = hands.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    assert killed
    hands.release()
    assert hands.ended(call_id)[0] == "busy"
    assert (hands.posts(call_id), len(hands.dials(call_id))) == (1, 1)


def test_disk_of_the_database_is_full(hands, stack):
    """No file may grow or be written, as the kernel sees to: nothing is dialled until it can be written down."""
    invoice = hands.owing("busy")
    stack.stop("worker")
    call_id = hands.ring(hands.owing("busy"))
    stack.start_process("worker")
    server = psutil.Process(stack.pid("postgres"))
    # As its own user: a container's root may not touch the limits of others.
    as_owner = ["runuser", "-u", server.username(), "--"] if os.getuid() == 0 else []
    for process in [server, *server.children(recursive=True)]:
        command = [*as_owner, "prlimit", "--pid", str(process.pid), "--fsize=0:unlimited"]
        # A child may have ended by itself.
        subprocess.run(command, check=process is server)
    answer = hands.api.post(f"{stack.base_url}/api/invoices/{invoice}/calls/", json={}, timeout=20)
    assert answer.status_code == 500
    eventually(lambda: not stack.is_running("postgres"), within=30)
    stack.start_process("postgres")
    hands.database_answers()
    assert hands.rows("SELECT 1 FROM calls_call WHERE invoice_id = %s", invoice) == []
    hands.ended(call_id)
    assert len(hands.dials(call_id)) <= hands.posts(call_id) <= 1


def test_redis_forgets_everything(hands, stack):
    stack.stop("worker")
    call_ids = [hands.ring(hands.owing("busy")) for _ in range(3)]
    hands.redis().flushall()
    stack.start_process("worker")
    for call_id in call_ids:
        assert hands.ended(call_id)[0] == "busy"
        assert (hands.posts(call_id), len(hands.dials(call_id))) == (1, 1)


def test_redis_restarts_while_the_carrier_is_asked(hands, stack):
    hands.hold("after_entry")
    call_id = hands.ring(hands.owing("busy"))
    hands.held()
    stack.kill("redis", signal.SIGKILL)
    stack.start_process("redis")
    hands.release()
    assert hands.ended(call_id)[0] == "busy"
    assert (hands.posts(call_id), len(hands.dials(call_id))) == (1, 1)


def test_webhooks_answer_while_redis_is_away_for_30_seconds(hands, stack):
    call_id = hands.ring(hands.owing("no_answer"))
    eventually(lambda: hands.status(call_id) == "ringing")
    sid = hands.dial(call_id)["sid"]
    stack.stop("redis")
    until = time.monotonic() + 30
    while time.monotonic() < until:
        begun = time.monotonic()
        assert hands.callback(call_id, sid, "ringing").status_code == 204
        assert time.monotonic() - begun < 5
    # The end was told by the carrier itself in that time.
    assert hands.ended(call_id)[0] == "no_answer"
    told = [event["http"] for event in hands.dial(call_id)["events"] if event["kind"] == "callback"]
    assert set(told) == {204}
    assert requests.get(f"{stack.base_url}/login/", timeout=10).ok
    stack.start_process("redis")


def test_open_pages_show_the_truth_again_after_a_restart_of_redis(hands, stack):
    hands.hold("before_entry")
    call_id = hands.ring(hands.owing("busy"))
    hands.held()
    cookies = hands.browser("collector").session.cookies.get_dict()
    url = f"{stack.base_url}/ws/calls/{call_id}/"
    headers = {"Origin": stack.base_url, "Cookie": "; ".join(f"{k}={v}" for k, v in cookies.items())}

    async def picture(session: aiohttp.ClientSession) -> str:
        """What an open page is sent first; a browser comes back after 1011."""
        for _ in range(5):
            socket = await session.ws_connect(url, headers=headers)
            message = await socket.receive(timeout=10)
            if message.type is aiohttp.WSMsgType.TEXT:
                return str(message.data)
            assert socket.close_code == 1011
        return ""

    async def look() -> str:
        async with aiohttp.ClientSession() as session:
            assert "Getting ready" in await picture(session)
            stack.kill("redis", signal.SIGKILL)
            stack.start_process("redis")
            hands.release()
            hands.ended(call_id)
            return await picture(session)

    assert "Busy" in asyncio.run(look())
    assert (hands.posts(call_id), len(hands.dials(call_id))) == (1, 1)
