"""Rows that are written once. The database itself refuses to change or delete them.

Both databases carry the same rule as triggers: no UPDATE ever; DELETE only in a transaction that has entered the purge
path, `purging(reason)`. SQLite drops the triggers of a table that Django rebuilds, so they are (re)created after every
migration.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import AppConfig
from django.db import connections, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

MESSAGE = "append-only: rows of %s are never changed, and deleted by the purge path alone"

# Names of triggers end like this; what comes before is the table.
UPDATES, DELETES = "_no_update", "_no_delete"

POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION phantompay_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND EXISTS (SELECT 1 FROM invoices_purgepass) THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'append-only: rows of % are never changed, and deleted by the purge path alone', TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END $$
"""

_models: list[type[Model]] = []


def append_only(*models: type[Model]) -> None:
    """Have the tables of `models` kept append-only from the next migration on."""
    _models.extend(model for model in models if model not in _models)


def tables() -> list[str]:
    return [model._meta.db_table for model in _models]


def triggers_create(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """After migrations: put every trigger in place whose table exists."""
    connection = connections[using]
    present = set(connection.introspection.table_names())
    if "invoices_purgepass" not in present:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(POSTGRESQL_FUNCTION)
        for table in tables():
            if table in present:
                for statement in _statements(connection, table):
                    cursor.execute(statement)


def _statements(connection: BaseDatabaseWrapper, table: str) -> list[str]:
    if connection.vendor == "postgresql":
        return [
            f"CREATE OR REPLACE TRIGGER {table}{name} BEFORE {operation} ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION phantompay_append_only()"
            for name, operation in ((UPDATES, "UPDATE"), (DELETES, "DELETE"))
        ]
    refusal = f"SELECT RAISE(ABORT, '{MESSAGE % table}');"
    return [
        f"CREATE TRIGGER IF NOT EXISTS {table}{UPDATES} BEFORE UPDATE ON {table} BEGIN {refusal} END",
        f"CREATE TRIGGER IF NOT EXISTS {table}{DELETES} BEFORE DELETE ON {table} "  # noqa: S608 (names of ours)
        f"WHEN NOT EXISTS (SELECT 1 FROM invoices_purgepass) BEGIN {refusal} END",
    ]


@contextmanager
def purging(reason: str) -> Iterator[None]:
    """A transaction in which append-only rows may be deleted; nobody else's may meanwhile."""
    from invoices.models import PurgePass

    using = router.db_for_write(PurgePass)
    with transaction.atomic(using=using):
        entry = PurgePass.objects.using(using).create(reason=reason)
        yield
        entry.delete()
