"""LiveKit's server: found, or built from its source, and configured for loopback."""

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from stack.errors import CannotStart
from stack.keeper import Keeper
from stack.processes import Spec
from stack.records import write_private

# Versions from 1.13.6 on have `replace` lines in their go.mod, which `go install` refuses.
MODULE = "github.com/livekit/livekit-server/cmd/server@v1.13.5"
BUILT = Path(".local/bin/livekit-server")
WAYS = (
    "set LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET to a running server, put `livekit-server` on PATH, "
    "or install Go (then it is built here)"
)


def find(root: Path) -> Path | None:
    on_path = shutil.which("livekit-server")
    if on_path:
        return Path(on_path)
    return root / BUILT if os.access(root / BUILT, os.X_OK) else None


def ensure(root: Path, keeper: Keeper) -> Path:
    """The server's program, built when there is none. Raises CannotStart without Go or without a network."""
    return find(root) or _build(root, keeper)


def _build(root: Path, keeper: Keeper) -> Path:
    go = shutil.which("go")
    if not go:
        raise CannotStart(f"LiveKit's server is missing. Three ways to get it: {WAYS}.")
    keeper.report.step("building LiveKit's server (a minute or two, once)")
    folder = root / ".local" / "build"
    folder.mkdir(parents=True, exist_ok=True)
    last = ""

    def progress(line: str) -> None:
        nonlocal last
        last = line.strip() or last
        keeper.report.passing(last)

    env = {**os.environ, "GOBIN": str(folder), "GOFLAGS": "-buildvcs=false"}
    if keeper.call(Spec("livekit-build", (go, "install", MODULE), env, root), on_line=progress):
        raise CannotStart(
            f"LiveKit's server could not be built; is the network there? ({last[:200]}) "
            "The next try goes on from here. "
            f"Other ways: {WAYS.rpartition(', or ')[0]}."
        )
    (root / BUILT).parent.mkdir(parents=True, exist_ok=True)
    (folder / "server").replace(root / BUILT)  # at once: what is there under this name is whole
    return root / BUILT


def write_config(path: Path, *, ports: tuple[int, int], env: Mapping[str, str]) -> None:
    """JSON, which is YAML. With a TCP port for media it would listen on every address, whatever is bound here."""
    config = {
        "port": ports[0],
        "bind_addresses": ["127.0.0.1"],
        "rtc": {
            "tcp_port": 0,
            "udp_port": ports[1],
            "use_external_ip": False,
            "node_ip": "127.0.0.1",
            "interfaces": {"includes": ["lo"]},
            "enable_loopback_candidate": True,
            # None is needed on loopback; by default the clients look public ones up, which leaves threads waiting.
            "stun_servers": ["127.0.0.1:9"],
        },
        "keys": {env["LIVEKIT_API_KEY"]: env["LIVEKIT_API_SECRET"]},
        "logging": {"level": "info"},
    }
    write_private(path, json.dumps(config, indent=1))
