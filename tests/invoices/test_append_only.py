"""What was written once stays: the database itself refuses, whoever asks."""

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from invoices.append_only import DELETES, UPDATES, purging, tables
from invoices.models import Allocation, Consent, Event, Note, PurgePass
from invoices.services.contact_rules import note_add
from invoices.services.payments import payment_record
from tests.factories import InvoiceFactory

pytestmark = pytest.mark.django_db

COLUMN = {Event: "reason", Consent: "evidence", Allocation: "cause", Note: "text"}
every_table = pytest.mark.parametrize("model", list(COLUMN), ids=lambda model: model._meta.db_table)


@pytest.fixture(autouse=True)
def _rows():
    invoice = InvoiceFactory.create()
    payment_record(
        customer=invoice.customer, currency="GBP", amount="20", received_on=invoice.due_date, source="staff"
    )
    note_add(customer=invoice.customer, text="Wants a copy.", source="staff")


def triggers():
    query = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    }
    with connection.cursor() as cursor:
        cursor.execute(query[connection.vendor])
        return {name for (name,) in cursor.fetchall()}


def test_the_tables_are_those_that_must_stay():
    assert set(tables()) >= {model._meta.db_table for model in COLUMN}


def test_after_all_migrations_every_table_has_its_triggers():
    assert triggers() >= {f"{table}{name}" for table in tables() for name in (UPDATES, DELETES)}


def test_a_migration_brings_lost_triggers_back():
    table = Event._meta.db_table
    on = f" ON {table}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {table}{UPDATES}{on}")
    call_command("migrate", verbosity=0)
    assert f"{table}{UPDATES}" in triggers()


@every_table
@pytest.mark.parametrize("purge", [False, True], ids=["as always", "in the purge path"])
def test_no_row_is_ever_changed(model, purge):
    rows = model.objects.order_by("pk")
    before = list(rows.values())
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        if purge:
            with purging("retention"):
                rows.update(**{COLUMN[model]: "refund"})
        else:
            rows.update(**{COLUMN[model]: "refund"})
    assert before and list(rows.values()) == before


@every_table
def test_plain_sql_is_refused_as_well(model):
    table = model._meta.db_table
    changing = f"UPDATE {table} SET {COLUMN[model]} = 'refund'"  # noqa: S608
    for statement in (changing, f"DELETE FROM {table}"):  # noqa: S608
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    assert model.objects.exists()


@every_table
def test_a_row_is_deleted_in_the_purge_path_alone(model):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        model.objects.first().delete()
    with purging("retention"):
        model.objects.all().delete()
    assert not model.objects.exists()
    assert not PurgePass.objects.exists()


def test_a_purge_that_fails_leaves_no_open_pass():
    with pytest.raises(ZeroDivisionError), purging("retention"):
        Note.objects.all().delete()
        raise ZeroDivisionError
    assert Note.objects.exists() and not PurgePass.objects.exists()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Note.objects.all().delete()
