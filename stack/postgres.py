"""PostgreSQL for tests: the server that TEST_DATABASE_URL names, or a throw-away one."""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from stack.errors import CannotStart
from stack.keeper import Keeper
from stack.ports import Ports
from stack.probes import port_answers
from stack.processes import Spec
from stack.records import SCRATCH

MISSING = "PostgreSQL is missing: apt-get install postgresql, or set TEST_DATABASE_URL."


def programs() -> Path | None:
    """The folder with the newest `initdb` and `postgres`."""
    debian = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if debian:
        return max(debian, key=lambda folder: int(folder.parent.name.partition(".")[0]))
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def ensure(keeper: Keeper, ports: Ports, given: str = "") -> str:
    """URL of a server where databases may be created: `given`, else one that lives as long as the keeper."""
    return given or os.environ.get("TEST_DATABASE_URL", "") or throw_away(keeper, ports)


def throw_away(keeper: Keeper, ports: Ports) -> str:
    """URL of a server of the keeper's own, its process `postgres`. Safety is off: it holds nothing to be kept."""
    folder = programs()
    if folder is None:
        raise CannotStart(MISSING)
    user = "postgres" if os.getuid() == 0 else ""  # PostgreSQL refuses to run as root
    home = Path(tempfile.mkdtemp(prefix=f"{SCRATCH}postgres-"))
    keeper.own_folder(home)
    if user:
        shutil.chown(home, user, user)
    data, port = str(home / "data"), ports.take()
    initdb = (
        str(folder / "initdb"),
        "-D",
        data,
        "-A",
        "trust",
        "-U",
        "phantompay",
        "-E",
        "UTF8",
        "--no-sync",
    )
    if keeper.call(Spec("initdb", initdb, os.environ, home, user=user), on_line=lambda line: None):
        raise CannotStart(f"PostgreSQL's initdb failed; see {keeper.logs / 'initdb.log'}.")
    options = {"listen_addresses": "127.0.0.1", "unix_socket_directories": str(home), "fsync": "off"}
    options |= {"synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}
    server = [str(folder / "postgres"), "-D", data, "-p", str(port)]
    server += [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    spec = Spec(
        "postgres",
        tuple(server),
        os.environ,
        home,
        ready=lambda: port_answers(port),
        seconds=30,
        user=user,
        asked=signal.SIGINT,  # without waiting for those who are connected
        orphaned=signal.SIGQUIT,  # at once, but its children and its shared memory go with it
    )
    keeper.start(spec)
    keeper.wait_ready([spec])
    return f"postgres://phantompay@127.0.0.1:{port}/postgres"


@contextmanager
def database(server: str, python: Path) -> Iterator[str]:
    """URL of a new, empty database on that server, dropped afterwards. `python` has psycopg."""
    name = f"stack_{secrets.token_hex(6)}"
    _execute(python, server, f"CREATE DATABASE {name}")
    try:
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    finally:
        with suppress(subprocess.CalledProcessError):  # a test may have ended the server
            _execute(python, server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _execute(python: Path, url: str, statement: str) -> None:
    """Run one statement. Raises CalledProcessError when the server refuses it or is not there."""
    code = "import psycopg, sys; psycopg.connect(sys.argv[1], autocommit=True).execute(sys.argv[2])"
    subprocess.run(
        [str(python), "-c", code, url, statement], check=True, timeout=30, stderr=subprocess.DEVNULL
    )
