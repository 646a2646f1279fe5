"""A project as small as the starter can carry: the real starter, dummies that answer where the real parts would."""

import hashlib
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from stack import proc
from stack.install import RUN

REPOSITORY = Path(__file__).resolve().parents[2]

SERVICE = """
import http.server, json, os, pathlib, subprocess, sys

def main():
    name, arguments = sys.argv[1], sys.argv[2:]
    if name == "manage.py" and arguments[0] == "run_agent":
        serve(int(os.environ["AGENT_HTTP_PORT"]))
    elif name == "manage.py":
        print("login: admin / " + os.environ["DEMO_PASSWORD"] if arguments[0] == "seed_demo" else "migrated")
    elif name == "livekit":
        serve(json.loads(pathlib.Path(arguments[arguments.index("--config") + 1]).read_text())["port"])
    elif name == "celery":
        # As a pool does: a child of its own, here even one that leaves the session.
        child = subprocess.Popen(["sleep", "600"], start_new_session=True)
        print("the last words of " + arguments[2], flush=True)
        path = pathlib.Path(os.environ["GRANDCHILD_FILE"] + arguments[2])
        path.with_suffix(".new").write_text(str(child.pid))
        path.with_suffix(".new").replace(path)
        child.wait()
    else:
        serve(int(arguments[arguments.index("-p" if "-p" in arguments else "--port") + 1]))

def serve(port):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200); self.end_headers()
            self.wfile.write(json.dumps(dict(os.environ)).encode() if self.path == "/env" else b"{}")
        def log_message(self, *arguments):
            pass
    http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()

main()
"""


def make_project(root: Path) -> Path:
    """A folder where `python -m stack run` works in a second or two."""
    shutil.copytree(REPOSITORY / "stack", root / "stack", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "service.py").write_text(SERVICE)
    for path in ("manage.py", "daphne.py", "celery.py", "rehearsal/carrier.py", "rehearsal/models.py"):
        (root / path).parent.mkdir(exist_ok=True)
        name = path if path == "manage.py" else Path(path).stem
        code = f"import sys, runpy; sys.argv[:1] = ['service', {name!r}]; runpy.run_path({str(root / 'service.py')!r})"
        (root / path).write_text(code)
    (root / "requirements.txt").write_text("alpha==1\n")
    (root / "requirements-rehearsal.txt").write_text("beta==1\n")
    write_python(root)
    mark_installed(root)
    write_program(root / ".local/bin/livekit-server", f'exec {sys.executable} {root}/service.py livekit "$@"')
    return root


def write_program(path: Path, code: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{code}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def write_python(root: Path, *, install: str = "echo Collecting alpha") -> None:
    """`.venv/bin/python`, whose `pip install` is the shell code `install`."""
    code = f'case "$*" in *"pip install"*) {install}; exit;; *"pip --version"*) exit;; esac; exec {sys.executable} "$@"'
    write_program(root / ".venv/bin/python", code)


def mark_installed(root: Path) -> None:
    digests = {name: hashlib.sha256((root / name).read_bytes()).hexdigest() for name in RUN}
    (root / ".venv/installed.json").write_text(json.dumps(digests))


class Starter:
    """`python -m stack run` of a small project, and everything that descends from it."""

    def __init__(
        self, root: Path, mark: str, *, port: int, arguments: list[str] | None = None, **env: str
    ) -> None:
        self.root = root
        self.mark = mark
        self._lines: list[str] = []
        self._news = threading.Condition()
        clean = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "TMPDIR")}
        settings = {"PORT": str(port), "GRANDCHILD_FILE": str(root / "grandchild-"), proc.MARK: mark}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "stack", "run", *(arguments or [])],
            cwd=root,
            env={**clean, **settings, **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def output(self) -> str:
        return "\n".join(self._lines)

    def wait_for(self, text: str, seconds: float = 20) -> str:
        """The output up to the line that contains `text`."""
        with self._news:
            found = self._news.wait_for(
                lambda: text in self.output or self.process.poll() is not None, seconds
            )
        assert found and text in self.output, self.output
        return self.output

    def wait_until_up(self) -> str:
        """The whole output; the pools' children, for whose start nothing asks, have started too."""
        output = self.wait_for("PhantomPay is at")
        assert eventually(lambda: all(self._grandchild(name).exists() for name in ("worker", "beat")))
        return output

    def grandchild(self) -> int:
        """A child of the worker's, in a session of its own."""
        return int(self._grandchild("worker").read_text())

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.wait()

    def wait(self, seconds: float = 20) -> int:
        code = self.process.wait(seconds)
        self._reader.join(5)
        return code

    def state(self, run_dir: str = ".run") -> dict:
        content: dict = json.loads((self.root / run_dir / "stack.json").read_text())
        return content

    def descendants(self) -> set[int]:
        """Whoever carries our mark, and Redis, which overwrites the place where the mark is read."""
        recorded = self.root / ".run/processes.json"
        known = json.loads(recorded.read_text())["processes"].values() if recorded.exists() else []
        return {who.pid for who in proc.carrying(self.mark)} | {pid for pid, _ in known}

    def _grandchild(self, name: str) -> Path:
        return self.root / f"grandchild-{name}"

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._news:
                self._lines.append(line.rstrip())
                self._news.notify_all()
        with self._news:
            self._news.notify_all()


def eventually(condition: Callable[[], bool], seconds: float = 8) -> bool:
    """Whether it comes true in time. For the ends of processes that are nobody's children here."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def all_gone(pids: set[int]) -> bool:
    return not any(proc.identity(pid) for pid in pids)
