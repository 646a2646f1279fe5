"""Indexes of the search box, on PostgreSQL alone: SQLite has no such thing, and searches by reading every row."""

from django.db import migrations

# Words anywhere inside, in the form in which Django asks for them: UPPER(column::text) LIKE UPPER('%word%').
INSIDE = {
    "invoice_number_inside": ("invoices_invoice", "number"),
    "invoice_description_inside": ("invoices_invoice", "description"),
    "customer_name_inside": ("invoices_customer", "name"),
    "customer_number_inside": ("invoices_customer", "number"),
    "contact_point_value_inside": ("invoices_contactpoint", "value"),
}
# Beginnings, too short for trigrams.
BEGINNING = {
    "invoice_number_beginning": ("invoices_invoice", "number"),
    "customer_number_beginning": ("invoices_customer", "number"),
}


def create(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    for name, (table, column) in INSIDE.items():
        # What waits to be put into such an index is read by every search: it is put in at once.
        schema_editor.execute(
            f"CREATE INDEX {name} ON {table} USING gin (upper({column}::text) gin_trgm_ops) WITH (fastupdate = off)"
        )
    for name, (table, column) in BEGINNING.items():
        schema_editor.execute(f"CREATE INDEX {name} ON {table} (upper({column}::text) text_pattern_ops)")


def drop(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    # The extension stays: others may use it.
    for name in [*INSIDE, *BEGINNING]:
        schema_editor.execute(f"DROP INDEX IF EXISTS {name}")


class Migration(migrations.Migration):

    dependencies = [("invoices", "0004_ledger_strict")]

    operations = [migrations.RunPython(create, drop)]
