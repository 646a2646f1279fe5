"""Real servers for the bridge: LiveKit, Redis, Daphne with the product's ASGI application, and a database file."""

import base64
import contextlib
import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stack import livekit, redis
from stack.ports import Ports
from stack.processes import leashed

ROOT = Path(__file__).resolve().parents[3]
ACCOUNT = "AC" + "b" * 32
AUTH_TOKEN = "the carrier's secret"
KEYS = {"LIVEKIT_API_KEY": "bridgetests", "LIVEKIT_API_SECRET": "a secret of the bridge's tests only"}


class Server:
    """A child process that ends with this one."""

    def __init__(self, argv: list[str], env: dict[str, str], log: Path, **options: Any) -> None:
        self.log = log
        with log.open("ab") as file:
            self.process = subprocess.Popen(
                leashed(tuple(argv)), env=env, cwd=ROOT, stderr=file, **{"stdout": file, **options}
            )

    @property
    def pid(self) -> int:
        return self.process.pid

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def wait_for(self, url: str, seconds: float = 20) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                with contextlib.suppress(urllib.error.HTTPError):  # it answers
                    urllib.request.urlopen(url, timeout=2).close()
                return
            assert self.process.poll() is None, self.log.read_text(errors="replace")[-2000:]
            time.sleep(0.05)
        raise TimeoutError(url)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def livekit_program() -> Path | None:
    """LIVEKIT_SERVER names it where it is neither on PATH nor built here."""
    named = os.environ.get("LIVEKIT_SERVER")
    return Path(named) if named else livekit.find(ROOT)


class LiveKit:
    def __init__(self, folder: Path, ports: Ports) -> None:
        program = livekit_program()
        assert program is not None, "LiveKit's server is missing: `make test` builds it"
        port = ports.take()
        config = folder / "livekit.json"
        livekit.write_config(config, ports=(port, ports.take()), env=KEYS)
        # Else libwebrtc looks public STUN servers up; without a network its threads wait 10 s for an answer.
        settings = json.loads(config.read_text())
        settings["rtc"].setdefault("stun_servers", ["127.0.0.1:9"])
        config.write_text(json.dumps(settings))
        bare = {name: value for name, value in os.environ.items() if not name.startswith("LIVEKIT_")}
        self.server = Server([str(program), "--config", str(config)], bare, folder / "livekit.log")
        self.server.wait_for(f"http://127.0.0.1:{port}/")
        self.env = {"LIVEKIT_URL": f"ws://127.0.0.1:{port}", **KEYS}


class Redis:
    def __init__(self, folder: Path, ports: Ports) -> None:
        self._folder, self._port = folder, ports.take()
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self.server = self._start()

    def _start(self) -> Server:
        command = redis.command(ROOT, self._port, self._folder)
        return Server(list(command), dict(os.environ), self._folder / "redis.log")

    def restart(self) -> None:
        self.server.process.kill()
        self.server.process.wait()
        self.server = self._start()


class Bridge:
    """Daphne and a desk on one database."""

    def __init__(
        self,
        folder: Path,
        ports: Ports,
        env: dict[str, str],
        application: str = "phantompay.asgi:application",
    ) -> None:
        port = ports.take()
        self._livekit_server: Server | None = None
        self.media = folder / "media"
        self.base = f"http://127.0.0.1:{port}"
        self.url = f"ws://127.0.0.1:{port}/twilio-stream"
        self.livekit = {name: env[name] for name in ("LIVEKIT_URL", *KEYS)}
        self.env = {
            **os.environ,
            **env,
            "DEBUG": "1",
            "DATABASE_URL": f"sqlite:///{folder / 'bridge.sqlite3'}",
            "MEDIA_ROOT": str(self.media),
            "PUBLIC_BASE_URL": self.base,
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
            "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        }
        desk = str(Path(__file__).with_name("desk.py"))
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self._asking = threading.Lock()
        self._desk = Server([sys.executable, desk], self.env, folder / "desk.log", **pipes)
        web = [sys.executable, "-m", "daphne", "-v", "0", "-b", "127.0.0.1", "-p", str(port), application]
        self.web = Server(web, self.env, folder / "web.log")
        self.web.wait_for(f"{self.base}/healthz")
        self.ask("call")  # the desk has migrated when it answers

    def ask(self, what: str, **arguments: Any) -> Any:
        process = self._desk.process
        assert process.stdin is not None and process.stdout is not None
        with self._asking:
            process.stdin.write(json.dumps([what, arguments]) + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        assert answer, self._desk.log.read_text()[-2000:]
        return json.loads(answer)

    @property
    def livekit_server(self) -> Server:
        """LiveKit's process, where this bridge has one of its own."""
        assert self._livekit_server is not None
        return self._livekit_server

    def signature(self, url: str = "") -> str:
        mac = hmac.new(AUTH_TOKEN.encode(), (url or self.url).encode(), hashlib.sha1)
        return base64.b64encode(mac.digest()).decode()

    def threads(self) -> int:
        return len(os.listdir(f"/proc/{self.web.pid}/task"))

    def descriptors(self) -> int:
        return len(os.listdir(f"/proc/{self.web.pid}/fd"))

    def memory_mb(self) -> float:
        """Proportional set size."""
        rollup = Path(f"/proc/{self.web.pid}/smaps_rollup").read_text()
        return next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")) / 1024

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.web.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        self.web.stop()
        self._desk.stop()


@contextlib.contextmanager
def running(
    folder: Path, application: str = "phantompay.asgi:application", *, own: bool = False, **settings: str
) -> Iterator[Bridge]:
    """A bridge on the LiveKit of the environment; on one of its own if there is none, or if a test will break it."""
    ports = Ports()
    env = {name: os.environ[name] for name in ("LIVEKIT_URL", *KEYS) if os.environ.get(name)}
    with contextlib.ExitStack() as stack:
        stack.callback(ports.release)
        livekit_server = None
        if own or len(env) < 3:
            started = LiveKit(folder, ports)
            livekit_server, env = started.server, started.env
            stack.callback(livekit_server.stop)
        bridge = Bridge(folder, ports, {**env, **settings}, application)
        stack.callback(bridge.stop)
        bridge._livekit_server = livekit_server
        yield bridge
