"""Doors of the pretended OpenAI: keys, errors, request ids, health, life and death."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import openai
import pytest

from tests.waiting import eventually

ROOT = Path(__file__).resolve().parents[3]


def get(address, **headers):
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=10) as answer:
            return answer.status, answer.headers, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, error.headers, json.loads(error.read())


def test_health_needs_no_key(models_address):
    status, _, body = get(f"{models_address}/healthz")
    assert (status, body) == (200, {"ready": True})


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer "}, {"Authorization": "Basic abc"}])
def test_a_request_without_a_key_is_refused_in_openais_shape(models_address, header):
    status, headers, body = get(f"{models_address}/v1/models", **header)
    assert status == 401
    assert set(body["error"]) == {"message", "type", "param", "code"}
    assert body["error"]["type"] == "invalid_request_error"
    assert headers["x-request-id"].startswith("req_")


def test_the_list_of_models_is_what_openais_client_reads(openai_client):
    assert {"gpt-4o-mini", "whisper-1", "tts-1", "agent-lines"} <= {
        model.id for model in openai_client.models.list()
    }


def test_every_answer_has_a_request_id_of_its_own(models_address):
    ids = {get(f"{models_address}/v1/models", Authorization="Bearer x")[1]["x-request-id"] for _ in range(3)}
    assert len(ids) == 3


def test_an_unknown_address_is_answered_in_openais_shape(models_address):
    status, _, body = get(f"{models_address}/v1/nothing", Authorization="Bearer x")
    assert status == 404
    assert body["error"]["message"] == "Invalid URL (GET /v1/nothing)"


def test_a_body_that_is_no_json_is_a_bad_request(openai_client):
    with pytest.raises(openai.BadRequestError) as refused:
        openai_client.post("/chat/completions", content=b"{", cast_to=object)
    assert "parse the JSON body" in refused.value.message


def children(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] != "Z"
    except OSError:
        return False


def test_a_killed_server_takes_its_listening_processes_along():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "rehearsal.models", "--port", str(port), "--ears", "1"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) as process:
        ears = eventually(lambda: children(process.pid), within=30)
        eventually(lambda: all(b"spawn_main" in cmdline(ear) or b"tracker" in cmdline(ear) for ear in ears))
        os.kill(process.pid, signal.SIGKILL)
        process.wait(5)
    eventually(lambda: not any(alive(ear) for ear in ears), within=20)


def cmdline(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
