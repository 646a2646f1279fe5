"""Which tests ask a database; SQLite in a file, since an in-memory one locks whole tables between threads; and the
running system."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from stack.stack import Stack
    from tests.world import World


DATABASE_FIXTURES = {"db", "transactional_db", "django_db_setup", "live_server"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark `database` what is to be seen on SQLite and on PostgreSQL; the others are run once."""
    from django.test import TransactionTestCase

    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        case = getattr(item, "cls", None)
        if (
            item.get_closest_marker("django_db") is not None
            or fixtures & DATABASE_FIXTURES
            or (case is not None and issubclass(case, TransactionTestCase))
        ):
            item.add_marker("database")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    tmp_path_factory: pytest.TempPathFactory, django_db_modify_db_settings_parallel_suffix: None
) -> Iterator[None]:
    from django.db import connections

    database = connections["default"].settings_dict
    if database["ENGINE"].endswith("sqlite3"):
        database["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")
    yield


@pytest.fixture(scope="session", autouse=True)
def _flush_through_the_purge_path() -> Iterator[None]:
    """After a transactional test every table is emptied: on SQLite by DELETE, which append-only tables refuse.

    PostgreSQL empties by TRUNCATE, which asks no row trigger.
    """
    from django.db import connection
    from django.db.backends.base.operations import BaseDatabaseOperations

    from invoices.append_only import purging
    from invoices.models import PurgePass

    flush = BaseDatabaseOperations.execute_sql_flush
    passes = f'"{PurgePass._meta.db_table}"'

    def flush_purging(operations: BaseDatabaseOperations, statements: list[str]) -> None:
        with purging("flush after a test"):
            # The pass itself goes last, or it would open nothing.
            flush(operations, sorted(statements, key=lambda statement: passes in statement))

    with pytest.MonkeyPatch.context() as patch:
        if connection.vendor == "sqlite":
            patch.setattr(BaseDatabaseOperations, "execute_sql_flush", flush_purging)
        yield


@pytest.fixture(scope="session")
def stack() -> Iterator["Stack"]:
    """The whole system as separate processes, one for all tests that look at it through HTTP and SQL."""
    from stack.stack import Stack

    # Many of the calls fail on purpose, one after the other; webhooks go to a receiver of the tests, on this machine.
    env = {"BREAKER_CALLS": "1000000", "WEBHOOK_ALLOWED_HOSTS": "127.0.0.1"}
    with Stack.start(database="postgresql", env=env) as running:
        yield running


@pytest.fixture
def world(stack: "Stack") -> Iterator["World"]:
    """Doors into the running system; faults that a test switched on are off again after it."""
    from tests.world import World

    doors = World(stack)
    yield doors
    doors.mend()


@pytest.fixture(scope="module")
def rehearse(stack: "Stack") -> Callable[..., tuple[int, str]]:
    """`manage.py rehearse --json` against the running system; answers (exit code, output)."""

    def run(*arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "manage.py", "rehearse", "--json", *arguments],
            cwd=Path(__file__).parent,
            env=stack.environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    return run
