"""The starter's parts, each by itself: settings, ports, and which processes are ours to end."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack import proc, records, settings
from stack.errors import CannotStart
from stack.keeper import Keeper
from stack.ports import Ports
from stack.processes import Spec
from stack.report import Report


@pytest.fixture
def ports() -> Iterator[Ports]:
    taken = Ports()
    yield taken
    taken.release()


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen]:
    process = subprocess.Popen(["sleep", "60"], start_new_session=True)
    yield process
    process.kill()
    process.wait()


def known(process: subprocess.Popen) -> proc.Identity:
    who = proc.identity(process.pid)
    assert who is not None
    return who


def plan(chosen: dict, tmp_path: Path, ports: Ports) -> settings.Plan:
    return settings.plan(chosen, root=tmp_path, run_dir=tmp_path, ports=ports)


def left_by_an_earlier_start(run_dir: Path, who: proc.Identity, *, boot: str | None = None) -> None:
    content = {
        "boot": boot or proc.boot_id(),
        "token": "gone",
        "processes": {"web": [who.pid, who.started]},
        "folders": [],
    }
    (run_dir / records.FILE).write_text(json.dumps(content))


def test_an_earlier_process_is_cleared(tmp_path, sleeper):
    left_by_an_earlier_start(tmp_path, known(sleeper))
    Keeper(tmp_path, Report(quiet=True)).close()
    assert sleeper.wait(5) == -signal.SIGKILL


def test_a_recycled_pid_is_left_alone(tmp_path, sleeper):
    who = known(sleeper)
    left_by_an_earlier_start(tmp_path, proc.Identity(who.pid, who.started - 1))
    Keeper(tmp_path, Report(quiet=True)).close()
    assert sleeper.poll() is None


def test_pids_of_another_boot_are_left_alone(tmp_path, sleeper):
    left_by_an_earlier_start(tmp_path, known(sleeper), boot="another")
    Keeper(tmp_path, Report(quiet=True)).close()
    assert sleeper.poll() is None


def test_only_temporary_folders_of_ours_are_removed(tmp_path):
    stranger = tmp_path / "precious"
    stranger.mkdir()
    records.clear(records.Record("nobody", folders=[str(stranger)]))
    assert stranger.exists()


def test_a_process_that_will_not_end_is_killed_with_its_children(tmp_path):
    keeper = Keeper(tmp_path, Report(quiet=True))
    script = "trap '' TERM; sleep 600 & echo $! > child; echo ready; wait; wait"
    spec = Spec(
        "stubborn", ("sh", "-c", script), os.environ, tmp_path, ready=lambda: (tmp_path / "child").exists()
    )
    keeper.start(spec)
    keeper.wait_ready([spec])
    child = proc.identity(int((tmp_path / "child").read_text()))
    keeper.stop("stubborn", seconds=0.2)
    assert child is not None
    assert not proc.is_alive(child)
    keeper.close()


def test_a_process_that_ends_before_it_is_ready_is_named_with_its_log(tmp_path):
    keeper = Keeper(tmp_path, Report(quiet=True))
    spec = Spec(
        "brief", ("sh", "-c", "echo no such table; exit 3"), os.environ, tmp_path, ready=lambda: False
    )
    keeper.start(spec)
    with pytest.raises(CannotStart, match=r"(?s)brief ended with code 3.*no such table"):
        keeper.wait_ready([spec])
    keeper.close()


def test_a_process_that_is_never_ready_is_named(tmp_path):
    keeper = Keeper(tmp_path, Report(quiet=True))
    spec = Spec("slow", ("sleep", "60"), os.environ, tmp_path, ready=lambda: False, seconds=0.2)
    keeper.start(spec)
    with pytest.raises(CannotStart, match="slow is not ready after"):
        keeper.wait_ready([spec])
    keeper.close()


def test_ports_are_free_and_never_handed_out_twice(ports):
    code = (
        "import sys; from stack.ports import Ports; ports = Ports();"
        "print(*[ports.take() for _ in range(200)], flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout
        assert other.stdin
        theirs = {int(port) for port in other.stdout.readline().split()}
        ours = {ports.take() for _ in range(200)}
        other.stdin.close()
    assert len(theirs) == len(ours) == 200
    assert not theirs & ours


def test_with_no_account_the_world_is_pretended(tmp_path, ports):
    made = plan({}, tmp_path, ports)
    assert made.rehearses
    assert made.env["TWILIO_API_BASE_URL"] == f"http://127.0.0.1:{made.carrier_port}"
    assert made.env["CARRIER_CONTROL_URL"] == f"http://127.0.0.1:{made.carrier_port}/rehearsal"
    assert made.env["OPENAI_BASE_URL"] == f"http://127.0.0.1:{made.models_port}/v1"
    assert made.env["PUBLIC_BASE_URL"] == "http://127.0.0.1:8000"
    assert len(made.env["LIVEKIT_API_SECRET"]) >= 32
    assert len(made.env["DJANGO_SECRET_KEY"]) >= 50


def test_secrets_made_up_once_are_kept(tmp_path, ports):
    first, second = (plan({}, tmp_path, ports).env for _ in range(2))
    assert first["DJANGO_SECRET_KEY"] == second["DJANGO_SECRET_KEY"]
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_a_real_account_is_used_as_it_is_and_people_keep_their_ears(tmp_path, ports):
    account = {
        "TWILIO_ACCOUNT_SID": "AC1",
        "TWILIO_AUTH_TOKEN": "t",
        "TWILIO_PHONE_NUMBER": "+1",
        "PUBLIC_BASE_URL": "https://pay.example",
        "BUSINESS_LEGAL_NAME": "Moonlight Ltd",
    }
    made = plan({**account, "OPENAI_API_KEY": "k", "REDIS_URL": "redis://r/0"}, tmp_path, ports)
    assert (made.carrier_port, made.models_port, made.redis_port) == (None, None, None)
    assert "TWILIO_API_BASE_URL" not in made.env
    assert "OPENAI_BASE_URL" not in made.env
    assert plan({"OPENAI_API_KEY": "k"}, tmp_path, ports).models_port


@pytest.mark.parametrize(
    ("chosen", "missing"),
    [
        ({"TWILIO_ACCOUNT_SID": "AC1"}, "TWILIO_AUTH_TOKEN"),
        ({"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "t"}, "PUBLIC_BASE_URL"),
        ({"TWILIO_API_BASE_URL": "http://127.0.0.1:1"}, "TWILIO_ACCOUNT_SID"),
        ({"LIVEKIT_URL": "wss://livekit.example"}, "LIVEKIT_API_KEY"),
    ],
)
def test_half_an_account_is_refused_by_name(chosen, missing, tmp_path, ports):
    with pytest.raises(CannotStart, match=missing):
        plan(chosen, tmp_path, ports)


def test_another_carrier_needs_no_public_address(tmp_path, ports):
    chosen = {
        "TWILIO_ACCOUNT_SID": "AC1",
        "TWILIO_AUTH_TOKEN": "t",
        "TWILIO_API_BASE_URL": "http://127.0.0.1:1",
    }
    made = plan(chosen, tmp_path, ports)
    assert made.carrier_port is None
    assert made.env["BUSINESS_LEGAL_NAME"]


def test_exported_wins_over_the_env_file(tmp_path):
    (tmp_path / ".env").write_text("# a remark\nexport PORT=1\nDEBUG='true'\nREDIS_URL=\nUNRELATED=1\n")
    assert settings.given(tmp_path, {"PORT": "2", "HOME": "/"}) == {"PORT": "2", "DEBUG": "true"}
