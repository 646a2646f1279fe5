"""The voice models are away, or may cost no more: the announcement speaks, and what the person says of it is kept.

The models that the product asks are a process of their own: the carrier's voice is not theirs.
"""

from collections.abc import Iterator

import pytest
import requests

from stack.ports import Ports
from stack.stack import Stack
from tests.system.keypad import Phone
from tests.waiting import eventually

pytestmark = pytest.mark.stack
MODELS = "voice models"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    ports = Ports()
    yield ports.take()
    ports.release()


@pytest.fixture(scope="module")
def stack(port: int) -> Iterator[Stack]:
    env = {"OPENAI_BASE_URL": f"http://127.0.0.1:{port}/v1", "BREAKER_CALLS": "1000000"}
    with Stack.start(database="postgresql", env=env) as running:
        yield running


@pytest.fixture
def models(stack, port):
    """The models answer."""
    stack.start_beside(MODELS, "models", "--port", str(port))

    def answers():
        try:
            return requests.get(f"http://127.0.0.1:{port}/healthz", timeout=2).ok
        except requests.ConnectionError:
            return False

    eventually(answers, within=60)
    yield
    if stack.is_running(MODELS):
        stack.stop(MODELS)


def promised(world, phone):
    for key in ("2", "1", "1"):
        phone.press(key)
    assert phone.came_to() == "promise_to_pay"
    query = "SELECT amount FROM invoices_promisetopay WHERE source_call_id = %s"
    assert world.rows(query, phone.call_id) == [(phone.total,)]
    assert len(world.dials(phone.call_id)) == 1


def agent_lines(world, phone):
    said = world.call(phone.call_id)["transcript"]
    return [line["text"] for line in said if line["speaker"] == "agent"]


def test_a_call_while_the_models_are_away_is_announced(world):
    phone = Phone(world)
    promised(world, phone.verified())
    assert agent_lines(world, phone)[0].startswith("This is an automated call from")
    _, heard = world.handset(world.dial(phone.call_id)["sid"])
    assert abs(heard).max() > 1000, "it was spoken"


def test_models_that_fail_in_the_middle_leave_the_person_with_keys(world, stack, models):
    phone = Phone(world)
    world.heard_something(phone.call_id)
    stack.kill(MODELS)
    sid = world.dial(phone.call_id)["sid"]
    # Words that nobody understands any more.
    said = requests.post(f"{world.control}/calls/{sid}/words", json={"text": "Yes, that is me."}, timeout=30)
    assert said.ok
    promised(world, phone.verified())
    lines = agent_lines(world, phone)
    (sorry,) = [line for line in lines if line.startswith("We are sorry")]
    assert "AI assistant" in lines[0] and "press 1" in sorry
    ((opened, announced, closed),) = world.rows(
        "SELECT stream_opened_at, announced_at, stream_closed_at FROM calls_call WHERE id = %s", phone.call_id
    )
    assert opened < announced < closed


def test_a_call_is_announced_once_the_budget_of_the_models_is_spent(world, models):
    world.execute("UPDATE calls_houserules SET models_budget = 0")
    try:
        phone = Phone(world)
        promised(world, phone.verified())
    finally:
        world.execute("UPDATE calls_houserules SET models_budget = NULL")
    query = "SELECT agent_ready_at, stream_opened_at FROM calls_call WHERE id = %s"
    assert world.rows(query, phone.call_id) == [(None, None)]
