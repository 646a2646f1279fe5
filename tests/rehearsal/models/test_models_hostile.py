"""The model turned hostile by the rehearsal's own door."""

import json

import pytest
import requests

TOLD = "You owe 8641.97 dollars."
TOOLS = [
    {"type": "function", "function": {"name": name, "parameters": {}}} for name in ("confirm", "end_call")
]


@pytest.fixture
def mind(models_address):
    door = f"{models_address}/rehearsal/mind"
    yield door
    requests.delete(door, timeout=10)


def asked(models_address, turn):
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": f"Hello {turn}."}], "tools": TOOLS}
    key = {"Authorization": "Bearer any"}
    answer = requests.post(f"{models_address}/v1/chat/completions", json=body, headers=key, timeout=10)
    return answer.json()["choices"][0]["message"]


def turn_hostile(door, seed):
    requests.put(door, json={"seed": seed, "told": [TOLD]}, timeout=10).raise_for_status()


def test_a_hostile_model_says_what_it_was_told_and_calls_what_it_likes(models_address, mind):
    turn_hostile(mind, 1)
    messages = [asked(models_address, turn) for turn in range(80)]
    assert any(TOLD in (message["content"] or "") for message in messages)
    calls = [call["function"] for message in messages for call in message.get("tool_calls", ())]
    assert {"confirm"} < {call["name"] for call in calls}
    assert "end_call" not in {call["name"] for call in calls}

    def is_object(text):
        try:
            return isinstance(json.loads(text), dict)
        except ValueError:
            return False

    assert {is_object(call["arguments"]) for call in calls} == {True, False}


def test_the_same_seed_is_hostile_in_the_same_way(models_address, mind):
    def said(seed):
        turn_hostile(mind, seed)
        return [asked(models_address, turn)["content"] for turn in range(20)]

    assert said(3) == said(3) != said(4)


def test_the_model_is_kind_again_when_it_is_told_to(models_address, mind):
    turn_hostile(mind, 1)
    requests.delete(mind, timeout=10)
    assert {asked(models_address, turn)["content"] for turn in range(8)} == {"Thank you."}


def test_what_it_was_asked_can_be_read_again(models_address, mind):
    turn_hostile(mind, 1)
    asked(models_address, "there")
    (body,) = requests.get(mind, timeout=10).json()["asked"]
    assert body["messages"][0]["content"] == "Hello there."


@pytest.mark.parametrize("body", [{}, {"seed": "1"}, {"seed": 1, "told": "x"}, []])
def test_a_hostility_without_a_seed_is_refused(mind, body):
    assert requests.put(mind, json=body, timeout=10).status_code == 400
