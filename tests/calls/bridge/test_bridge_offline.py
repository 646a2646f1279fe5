"""A machine that has no network but loopback."""

import os
import subprocess
import sys

import pytest

from tests.calls.bridge.rig import ROOT, livekit_program

# Root may have a network of its own; others where the kernel lets them be root of one.
OWN_NETWORK = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--net", "--map-root-user"]


@pytest.mark.skipif(
    subprocess.run([*OWN_NETWORK, "true"], check=False, capture_output=True).returncode != 0,
    reason="this machine lets nobody have a network of their own",
)
def test_a_room_is_joined_where_only_loopback_is_up(tmp_path):
    command = [
        *OWN_NETWORK,
        sys.executable,
        "-m",
        "tests.calls.bridge.alone",
        str(livekit_program()),
        str(tmp_path),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "joined" in done.stdout
