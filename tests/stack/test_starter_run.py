"""The starter itself, with real processes: what it says, and that it leaves nothing, however it ends."""

import json
import os
import secrets
import signal
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack import proc
from stack.ports import Ports, is_free
from tests.stack.starter_project import (
    Starter,
    all_gone,
    eventually,
    make_project,
    mark_installed,
    write_python,
)

pytestmark = pytest.mark.stack


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_project(tmp_path)


@pytest.fixture
def port() -> Iterator[int]:
    ports = Ports()
    yield ports.take()
    ports.release()


@pytest.fixture
def start(root: Path, port: int) -> Iterator:
    started: list[Starter] = []

    def _start(**options) -> Starter:
        options = {"port": port, **options}
        starter = Starter(root, f"test-{secrets.token_hex(8)}", **options)
        started.append(starter)
        return starter

    yield _start
    for starter in started:
        if starter.process.poll() is None:
            starter.end(signal.SIGTERM)
    assert eventually(lambda: not any(proc.carrying(each.mark) for each in started))


def get(url: str) -> dict:
    with urllib.request.urlopen(url, timeout=5) as response:
        content: dict = json.loads(response.read())
        return content


def test_it_ends_with_the_address_and_the_logins(start, port):
    starter = start(DEMO_PASSWORD="sunshine")
    output = starter.wait_until_up()
    assert "login: admin / sunshine" in output
    assert f"http://127.0.0.1:{port}" in output
    for name in ("redis", "livekit", "models", "carrier", "web", "agent"):
        assert f"{name} is ready" in output


def test_the_state_file_says_where_everything_is_and_only_its_owner_reads_it(start, root, port):
    start().wait_until_up()
    path = root / ".run/stack.json"
    state = json.loads(path.read_text())
    assert path.stat().st_mode & 0o777 == 0o600
    assert state["base_url"] == f"http://127.0.0.1:{port}"
    assert get(f"{state['base_url']}/env")["TWILIO_ACCOUNT_SID"] == state["env"]["TWILIO_ACCOUNT_SID"]
    assert get(f"{state['carrier_control_url']}/calls") == {}
    assert set(state["pids"]) == {"redis", "livekit", "models", "carrier", "web", "agent", "worker", "beat"}


def test_exported_settings_win_over_the_env_file_and_that_over_defaults(start, root, port):
    (root / ".env").write_text("DEMO_PASSWORD=from-file\nBUSINESS_LEGAL_NAME='From File'\nPORT=1\n")
    start(BUSINESS_LEGAL_NAME="Exported").wait_until_up()
    env = get(f"http://127.0.0.1:{port}/env")
    assert env["BUSINESS_LEGAL_NAME"] == "Exported"
    assert env["DEMO_PASSWORD"] == "from-file"
    assert env["DEBUG"] == "false"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_everything(start, port, number):
    starter = start()
    starter.wait_until_up()
    there = starter.descendants()
    assert len(there) >= 11  # the starter, eight processes, two grandchildren
    assert starter.end(number) == 0
    assert all_gone(there)
    assert is_free(port)


def test_ctrl_c_while_it_starts_ends_everything(start, port):
    starter = start()
    starter.wait_for("redis is ready")
    there = starter.descendants()
    starter.end()
    assert all_gone(there)
    assert is_free(port)


def test_a_killed_starter_leaves_no_process_and_the_next_start_works(start, port):
    starter = start()
    starter.wait_until_up()
    there = starter.descendants()
    assert starter.grandchild() in there
    starter.end(signal.SIGKILL)
    assert eventually(lambda: all_gone(there))
    assert eventually(lambda: is_free(port))
    start().wait_until_up()


def test_the_next_start_clears_what_a_killed_starter_and_its_guardian_left(start):
    starter = start()
    starter.wait_until_up()
    there = starter.descendants()
    guardian = next(pid for pid in _children(starter.process.pid) if "stack.guardian" in _command(pid))
    os.kill(guardian, signal.SIGKILL)
    starter.end(signal.SIGKILL)
    grandchild = starter.grandchild()
    assert proc.identity(grandchild), "nobody was left to end it: the test proves nothing"
    starter = start()
    starter.wait_until_up()
    assert "that an earlier start had left" in starter.output
    assert all_gone(there)


def test_one_process_that_ends_ends_all_and_is_named_with_its_last_words(start, port):
    starter = start()
    starter.wait_until_up()
    there = starter.descendants()
    os.kill(starter.state()["pids"]["worker"], signal.SIGKILL)
    assert starter.wait() == 1
    assert "worker was ended by SIGKILL" in starter.output
    assert "the last words of worker" in starter.output
    assert all_gone(there)


def test_ctrl_c_during_the_installation_ends_it_and_the_next_try_goes_on(start, root):
    (root / ".venv/installed.json").unlink()
    write_python(root, install="echo Collecting alpha; sleep 600")
    starter = start()
    starter.wait_for("installing 1 packages of requirements.txt")
    assert eventually(lambda: any("sleep" in _command(pid) for pid in starter.descendants()))
    there = starter.descendants()
    assert starter.end() == 130
    assert all_gone(there)
    write_python(root)
    start().wait_until_up()


def test_what_is_installed_is_not_installed_again(start, root):
    write_python(root, install="exit 1")
    assert "installing" not in start().wait_until_up()


def test_no_network_is_one_line_and_the_next_try_goes_on(start, root):
    (root / ".venv/installed.json").unlink()
    write_python(root, install="echo 'ERROR: No matching distribution found for alpha==1'; exit 1")
    starter = start()
    assert starter.wait() == 1
    assert "is the network there? (No matching distribution" in starter.output.splitlines()[-1]
    write_python(root)
    start().wait_until_up()


def test_no_livekit_and_no_go_is_one_line_with_the_three_ways(start, root, tmp_path_factory):
    (root / ".local/bin/livekit-server").unlink()
    starter = start(PATH=str(tmp_path_factory.mktemp("empty")))
    assert starter.wait() == 1
    last = starter.output.splitlines()[-1]
    assert all(way in last for way in ("LIVEKIT_URL", "on PATH", "install Go"))


def test_a_livekit_build_that_fails_is_one_line(start, root, tmp_path_factory):
    (root / ".local/bin/livekit-server").unlink()
    empty = tmp_path_factory.mktemp("path")
    go = empty / "go"
    go.write_text("#!/bin/sh\necho 'dial tcp: no such host'; exit 1\n")
    go.chmod(0o755)
    starter = start(PATH=str(empty))
    assert starter.wait() == 1
    assert (
        "could not be built; is the network there? (dial tcp: no such host)"
        in starter.output.splitlines()[-1]
    )


def test_a_port_in_use_is_one_line_with_the_way_out(start, root, port):
    with socket.create_server(("127.0.0.1", port)):
        starter = start()
        assert starter.wait() == 1
    assert starter.output.splitlines() == [
        f"Port {port} is in use. Free it, or choose another: PORT={port + 1} make run"
    ]


def test_a_second_start_from_the_same_folder_is_refused_and_harms_nothing(start, port):
    first = start()
    first.wait_until_up()
    second = start(port=port + 1)
    assert second.wait() == 1
    assert "is running already" in second.output
    assert get(f"http://127.0.0.1:{port}/healthz") == {}


def test_two_starts_side_by_side_share_no_port(start, root, port):
    ports = Ports()
    start().wait_until_up()
    starter = start(port=ports.take(), arguments=["--run-dir", "other"])
    starter.wait_until_up()
    first, second = (
        json.loads((root / folder / "stack.json").read_text())["env"] for folder in (".run", "other")
    )
    for name in (
        "PORT",
        "REDIS_URL",
        "LIVEKIT_URL",
        "TWILIO_API_BASE_URL",
        "OPENAI_BASE_URL",
        "AGENT_HTTP_PORT",
    ):
        assert first[name] != second[name]
    ports.release()


def test_a_changed_requirement_file_is_installed(start, root):
    mark_installed(root)
    (root / "requirements.txt").write_text("alpha==2\n")
    assert "installing 1 packages of requirements.txt" in start().wait_until_up()


def _children(pid: int) -> list[int]:
    every = (int(entry) for entry in os.listdir("/proc") if entry.isdigit())
    return [each for each in every if (fields := proc._stat(each)) and int(fields[1]) == pid]


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""
