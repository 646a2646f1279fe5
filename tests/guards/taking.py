"""Take guards out one at a time, each in a process of its own, and see whether a test notices."""

import os
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import NoReturn

from tests.guards.registry import ROOT, Guard

# A test that waits for ever without the guard has not noticed anything.
LONGEST_SECONDS = 180
FAILED = re.compile(r"^FAILED (\S.*?)(?: - (.*))?$", re.MULTILINE)
ENDED = re.compile(r"^ended with (\d+)$", re.MULTILINE)
PASSED, NOTICED = 0, 1
# New processes begin with the libraries imported, and nothing of the product.
WARM = get_context("forkserver")
WARM.set_forkserver_preload(["tests.guards.libraries"])


@dataclass(frozen=True)
class Finding:
    """What came of one guard's absence. `by` is the test that failed, `why` its reason, or what went wrong."""

    guard: Guard
    noticed: bool
    by: str = ""
    why: str = ""


def take_out_each(chosen: Iterable[Guard], *, at_once: int = 1) -> Iterator[Finding]:
    """A finding for each, in their order, `at_once` processes at a time."""
    with tempfile.TemporaryDirectory(prefix="guards-") as folder, ThreadPoolExecutor(at_once) as pool:
        yield from pool.map(partial(_without, folder=Path(folder)), chosen)


def with_all(tests: Iterable[str]) -> str:
    """Run the tests with every guard in place; what pytest wrote if they did not pass, else nothing."""
    with tempfile.TemporaryDirectory(prefix="guards-") as folder:
        code, written = _pytest(sorted(set(tests)), {}, Path(folder), seconds=LONGEST_SECONDS * 5)
    return "" if code == PASSED else written


def _without(guard: Guard, folder: Path) -> Finding:
    plugin = ("-x", "-p", "tests.guards.without")
    code, written = _pytest([*plugin, *guard.tests], {"WITHOUT_GUARD": guard.name}, folder)
    failed = FAILED.search(written)
    if code == NOTICED and failed:
        return Finding(guard, True, failed[1], failed[2] or "")
    return Finding(guard, False, why="" if code == PASSED else written)


def _pytest(
    arguments: list[str], env: dict[str, str], folder: Path, *, seconds: float = LONGEST_SECONDS
) -> tuple[int, str]:
    """pytest's exit code and output, on SQLite and with nothing real within reach."""
    with tempfile.NamedTemporaryFile("r", dir=folder, suffix=".txt") as written:
        settings = {"ENV_FILE": os.devnull, "DATABASE_URL": f"sqlite:///{written.name}.sqlite3"}
        # The tables without their history take a fifth of the time.
        argv = ["-q", "--tb=short", "--no-migrations", "-p", "no:cacheprovider", *arguments]
        process = WARM.Process(target=_run, args=(argv, settings | env, written.name))
        process.start()
        process.join(seconds)
        if process.exitcode is None:
            process.kill()
            process.join()
            return -1, f"still running after {seconds:.0f} s"
        text = written.read()
        # Not the process's own: a fork server can lose that of a child.
        ended = ENDED.search(text)
        return int(ended[1]) if ended else -1, text


def _run(arguments: list[str], env: dict[str, str], written: str) -> NoReturn:
    """In the new process: leave pytest's words in the file `written`, and its code as their last line."""
    for name in [name for name in os.environ if name.startswith("PYTEST_")]:
        # Of the run that these tests may be a part of.
        del os.environ[name]
    os.environ.update(env, COLUMNS="250")
    # Compiled once for all; a module that lacks its guard is not kept (without.py).
    sys.dont_write_bytecode, sys.pycache_prefix = False, str(Path(written).parent / "compiled")
    os.chdir(ROOT)
    output = os.open(written, os.O_WRONLY)
    os.dup2(output, 1)
    os.dup2(output, 2)
    import pytest

    code = int(pytest.main(arguments))
    sys.stdout.write(f"\nended with {code}\n")
    sys.stdout.flush()
    os._exit(code)
