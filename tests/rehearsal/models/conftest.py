"""The server as a process of its own, and OpenAI's own client in front of it."""

import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest

from tests.waiting import eventually

ROOT = Path(__file__).resolve().parents[3]


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=1) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@pytest.fixture(scope="session")
def models_address() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [
        sys.executable,
        "-m",
        "rehearsal.models",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--ears",
        "1",
    ]
    with subprocess.Popen(command, cwd=ROOT) as process:
        address = f"http://127.0.0.1:{port}"
        eventually(lambda: _answers(f"{address}/healthz"), within=60)
        yield address
        process.terminate()
        assert process.wait(20) == 0


@pytest.fixture(scope="session")
def openai_client(models_address: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{models_address}/v1", api_key="any", max_retries=0, timeout=30) as client:
        yield client
