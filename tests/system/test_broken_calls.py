"""A part dies in mid-call: the phone is not left in silence, and the call ends with the true reason."""

import os
import signal

import psutil
import pytest
import requests

from tests.waiting import eventually

pytestmark = pytest.mark.stack


@pytest.fixture
def talking(world):
    """A call in which the agent has spoken and the person is being asked."""
    call_id = world.ring(world.owing("promises"))
    world.heard_something(call_id)
    return call_id


@pytest.fixture
def mended(world):
    """The next test finds everything up again."""
    yield
    eventually(lambda: requests.get(f"{world.stack.base_url}/readyz", timeout=10).ok, within=90)


def verbs(world, call_id):
    return [event["verb"] for event in world.dial(call_id)["events"] if event["kind"] == "twiml"]


def test_a_lost_audio_server_ends_the_call_with_an_apology(world, stack, talking, mended):
    stack.kill("livekit", signal.SIGKILL)
    try:
        call = world.settled(talking)
    finally:
        stack.start_process("livekit")
    assert (call["status"], call["disposition"]) == ("completed", "unresolved")
    assert "room" in call["end_reason"] or "audio" in call["end_reason"]
    assert verbs(world, talking)[-2:] == ["Say", "Hangup"]


def test_a_lost_agent_ends_the_call_with_an_apology(world, stack, talking, mended):
    job = max(psutil.Process(stack.pid("agent")).children(recursive=True), key=psutil.Process.num_threads)
    os.kill(job.pid, signal.SIGKILL)
    call = world.settled(talking)
    assert (call["status"], call["disposition"]) == ("completed", "unresolved")
    assert "agent" in call["end_reason"]
    assert call["transcript"], "what was said before is kept"
    assert verbs(world, talking)[-2:] == ["Say", "Hangup"]


def test_a_phone_put_down_in_mid_call_ends_it(world, talking):
    world.put_down(talking)
    call = world.settled(talking)
    assert call["status"] == "completed"
    assert call["disposition"] in ("hung_up", "hung_up_before_verification")


def test_a_killed_bridge_ends_the_call(world, stack, talking, mended):
    stack.kill("web", signal.SIGKILL)
    stack.start_process("web")
    call = world.settled(talking, within=200)
    assert call["status"] in ("completed", "failed")
    assert call["disposition"]
    assert call["end_reason"]
