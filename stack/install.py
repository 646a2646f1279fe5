"""The virtual environment: made once, filled from the pinned requirement files, filled again when they change."""

import fcntl
import hashlib
import json
import os
import shutil
import sys
from pathlib import Path

from stack.errors import CannotStart
from stack.keeper import Keeper
from stack.processes import Spec

PYTHON = (3, 11)  # what the requirement files are compiled for
RUN = ("requirements.txt", "requirements-rehearsal.txt")
TEST = (*RUN, "requirements-dev.txt")
MARKER = "installed.json"


def ensure(root: Path, keeper: Keeper, files: tuple[str, ...] = RUN) -> Path:
    """The interpreter of `.venv`, with all of `files` installed. Quick when nothing changed; a half-finished
    installation goes on. Raises CannotStart when the packages cannot be had."""
    if sys.version_info[:2] != PYTHON:
        raise CannotStart(
            f"PhantomPay needs Python 3.11; this is {sys.version.split()[0]}. Try: make run PYTHON=python3.11"
        )
    lock = _lock(root, keeper)
    try:
        return _ensure(root, keeper, files)
    finally:
        os.close(lock)


def _ensure(root: Path, keeper: Keeper, files: tuple[str, ...]) -> Path:
    venv = root / ".venv"
    python = venv / "bin" / "python"
    wanted = {name: hashlib.sha256((root / name).read_bytes()).hexdigest() for name in files}
    done = _installed(venv)
    missing = [name for name in files if done.get(name) != wanted[name]]
    if not missing:
        return python
    if not _usable(venv, keeper):
        _create(venv, keeper)
    for name in missing:
        _install(python, root / name, keeper)
        done[name] = wanted[name]
        (venv / MARKER).write_text(json.dumps(done))
    return python


def _installed(venv: Path) -> dict[str, str]:
    try:
        content: dict[str, str] = json.loads((venv / MARKER).read_text())
    except (OSError, ValueError):
        return {}
    return content if (venv / "bin" / "python").exists() else {}


def _usable(venv: Path, keeper: Keeper) -> bool:
    """Whether an earlier attempt got as far as a working pip."""
    python = venv / "bin" / "python"
    return (
        python.exists()
        and keeper.call(
            _spec("pip-check", [str(python), "-m", "pip", "--version"], venv.parent), on_line=_ignore
        )
        == 0
    )


def _create(venv: Path, keeper: Keeper) -> None:
    keeper.report.step("creating .venv")
    if venv.exists():
        shutil.rmtree(venv)
    code = keeper.call(_spec("venv", [sys.executable, "-m", "venv", str(venv)], venv.parent), on_line=_ignore)
    if code:
        shutil.rmtree(venv, ignore_errors=True)
        raise CannotStart(
            "Python cannot create .venv. On Debian: apt-get install python3-venv; then try again."
        )


def _install(python: Path, requirements: Path, keeper: Keeper) -> None:
    total = sum("==" in line for line in requirements.read_text().splitlines())
    keeper.report.step(f"installing {total} packages of {requirements.name} (a few minutes the first time)")
    seen = 0
    errors: list[str] = []

    def progress(line: str) -> None:
        nonlocal seen
        if line.startswith(("Collecting ", "Requirement already satisfied: ")):
            seen += 1
            keeper.report.passing(f"{seen} of {total}: {line.split(' (')[0].removeprefix('Collecting ')}")
            if seen % 25 == 0:
                keeper.report.step(f"{min(seen, total)} of {total}")
        elif line.startswith("Installing collected"):
            keeper.report.step("unpacking them")
        elif line.startswith("ERROR: "):
            errors.append(line)

    pip = [
        str(python),
        "-m",
        "pip",
        "install",
        "--require-hashes",
        "--progress-bar=off",
        "--retries=2",
        "--no-input",
    ]
    pip += ["--disable-pip-version-check", "-r", str(requirements)]
    if keeper.call(_spec("install", pip, requirements.parent), on_line=progress):
        reason = errors[-1].removeprefix("ERROR: ")[:200] if errors else "pip failed"
        raise CannotStart(
            f"The packages could not be installed; is the network there? ({reason}) "
            f"The whole story is in {keeper.logs / 'install.log'}. The next try goes on from here."
        )


def _lock(root: Path, keeper: Keeper) -> int:
    """Two starts at once would install into each other's half-made folder."""
    (root / ".local").mkdir(exist_ok=True)
    descriptor = os.open(root / ".local" / "install.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    told = False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return descriptor
        except BlockingIOError:
            if not told:
                keeper.report.step("waiting for another start that is installing")
                told = True
            keeper.interrupts.wait([], 0.5)


def _spec(name: str, argv: list[str], cwd: Path) -> Spec:
    return Spec(name, tuple(argv), os.environ, cwd)


def _ignore(line: str) -> None:
    """Its output is in the log."""
