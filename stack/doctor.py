"""`make doctor`: what a start would find on this machine, and what it would miss."""

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from stack import livekit, postgres, redis, settings
from stack.errors import CannotStart
from stack.install import PYTHON
from stack.ports import is_free

Finding = tuple[bool, str, str]


def report(root: Path) -> int:
    """Print one line a finding; 0 when `make run` can start here. What only tests need is marked so."""
    required = True
    for fine, name, text in _findings(root):
        print(f"{'ok     ' if fine else 'MISSING'}  {name:<12} {text}")
        required = required and (fine or "(tests)" in text)
    return 0 if required else 1


def _findings(root: Path) -> Iterator[Finding]:
    yield (
        sys.version_info[:2] == PYTHON,
        "python",
        f"{platform.python_version()} (3.11 is what the packages are pinned for)",
    )
    yield sys.platform == "linux", "system", f"{platform.system()} (processes are kept by Linux's means)"
    yield (
        True,
        "packages",
        "installed" if (root / ".venv" / "installed.json").exists() else "`make run` installs them",
    )
    server = livekit.find(root)
    go = shutil.which("go")
    external = os.environ.get("LIVEKIT_URL")
    found = external or server or (f"will be built with {go}" if go else f"{livekit.WAYS}")
    yield bool(external or server or go), "livekit", str(found)
    redis_server = os.environ.get("REDIS_URL") or redis.find(root)
    yield True, "redis", str(redis_server or "comes with the packages")
    programs = os.environ.get("TEST_DATABASE_URL") or postgres.programs()
    yield bool(programs), "postgresql", str(programs or "apt-get install postgresql (tests)")
    chromium = shutil.which("chromium")
    yield bool(chromium), "chromium", chromium or "apt-get install chromium (tests)"
    yield from _settings(root)


def _settings(root: Path) -> Iterator[Finding]:
    chosen = settings.given(root)
    yield True, ".env", "read" if (root / ".env").is_file() else "none: a rehearsal with no account"
    yield True, "settings", ", ".join(sorted(chosen)) or "all made up"  # names only: the values are secrets
    port = int(chosen.get("PORT") or settings.DEFAULT_PORT)
    yield (
        is_free(port),
        "port",
        f"{port} is free" if is_free(port) else f"{port} is in use; choose another with PORT=",
    )
    try:
        settings.refuse_halves(chosen)
    except CannotStart as error:
        yield False, "accounts", str(error)
    else:
        yield (
            True,
            "accounts",
            "Twilio" if "TWILIO_ACCOUNT_SID" in chosen else "none: the carrier is pretended",
        )
