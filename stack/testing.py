"""`make test`: every part of the suite on real servers, then what came of each."""

import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from stack import install, livekit, postgres, services, settings
from stack.errors import CannotStart, Interrupted
from stack.interrupts import Interrupts
from stack.keeper import Keeper
from stack.ports import Ports
from stack.processes import Spec, how_it_ended
from stack.records import SCRATCH
from stack.report import Report, fail
from stack.run import INTERRUPTED

QUICK = "not stack and not browser"
WHOLE = "stack or browser"
NO_TEST_RAN = 5
# A process for each core, each with a database of its own; the server's connections are enough for these.
SIDE_BY_SIDE = ("-n", "logical", "--maxprocesses", "4")


@dataclass(frozen=True)
class Part:
    """One run of pytest: a selection of marks on one database."""

    name: str
    marks: str
    database_url: str
    options: tuple[str, ...] = ()


def test(root: Path, *, quick: bool, arguments: list[str]) -> int:
    """Run every part, whatever becomes of the ones before it. 0 only when all passed."""
    return _with_keeper(lambda keeper, ports: _test(root, keeper, ports, quick=quick, arguments=arguments))


def setup(root: Path) -> int:
    """Only install, for `make lint` and `make pins`. 0 when all is there."""
    return _with_keeper(lambda keeper, ports: 0 if install.ensure(root, keeper, install.TEST) else 1)


def _with_keeper(body: Callable[[Keeper, Ports], int]) -> int:
    report, interrupts, ports = Report(), Interrupts(), Ports()
    run_dir = Path(tempfile.mkdtemp(prefix=f"{SCRATCH}test-"))
    with interrupts.installed():
        try:
            with Keeper(run_dir, report, interrupts) as keeper:
                keeper.own_folder(run_dir)
                return body(keeper, ports)
        except CannotStart as error:
            fail(str(error))
            return 1
        except Interrupted:
            return INTERRUPTED
        finally:
            ports.release()


def _test(root: Path, keeper: Keeper, ports: Ports, *, quick: bool, arguments: list[str]) -> int:
    python = install.ensure(root, keeper, install.TEST)
    environment = _servers(root, keeper, ports)
    server = postgres.ensure(keeper, ports)
    own_file = f"sqlite:///{keeper.run_dir / 'quick.sqlite3'}"
    # What asks no database is run once, and alone: it hears sound as it comes.
    parts = [
        Part("quick, no database", f"{QUICK} and not database", own_file),
        Part("quick, SQLite", f"{QUICK} and database", own_file, SIDE_BY_SIDE),
        Part("quick, PostgreSQL", f"{QUICK} and database", server, SIDE_BY_SIDE),
    ]
    if not quick:
        parts.append(Part("stack and browser, PostgreSQL", WHOLE, server))
    outcomes = []
    for part in parts:
        keeper.report.line(f"\n== {part.name}")
        env = {**environment, "DATABASE_URL": part.database_url, "TEST_DATABASE_URL": server}
        argv = (str(python), "-m", "pytest", "-m", part.marks, *part.options, *arguments)
        begun = time.monotonic()
        code = keeper.call(Spec("pytest", argv, env, root))
        outcomes.append((part.name, code, time.monotonic() - begun))
    keeper.report.line("")
    for name, code, seconds in outcomes:
        keeper.report.line(f"{name}: {_in_words(code)} ({seconds:.0f} s)")
    codes = {code for _, code, _ in outcomes}
    if arguments and 0 in codes:
        # Chosen tests need not be in every part.
        codes.discard(NO_TEST_RAN)
    return 1 if codes - {0} else 0


def _servers(root: Path, keeper: Keeper, ports: Ports) -> dict[str, str]:
    """Redis and LiveKit for tests that talk to them directly, and settings that reach nothing real: the carrier and
    the models are ports on which nobody listens, neither `.env` nor exported settings count."""
    chosen = {"PORT": str(ports.take()), "MEDIA_ROOT": str(keeper.run_dir / "media"), "ENV_FILE": os.devnull}
    plan = settings.plan(chosen, root=root, run_dir=keeper.run_dir, ports=ports)
    started = services.beneath(plan, livekit.ensure(root, keeper), pretended=False)
    for spec in started:
        keeper.start(spec)
    keeper.wait_ready(started)
    return services.environment(plan)


def _in_words(code: int) -> str:
    if code == NO_TEST_RAN:
        return "no test ran"
    return f"FAILED, pytest {how_it_ended(code)}" if code else "passed"
