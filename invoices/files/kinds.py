"""The kinds of files that can be read, and what each needs."""

import csv
import io
from collections.abc import Iterator
from typing import IO

from invoices.files.columns import Columns, Read
from invoices.files.customers import CustomerImporter
from invoices.files.documents import InvoiceImporter
from invoices.files.importer import Importer
from invoices.files.payments import PaymentImporter
from invoices.files.reading import FileRefused, Layout, Row, rows_of
from invoices.files.values import Rules
from invoices.models import ImportRun

Kind = ImportRun.Kind
IMPORTERS: dict[str, type[Importer]] = {
    Kind.CUSTOMERS: CustomerImporter,
    Kind.INVOICES: InvoiceImporter,
    Kind.PAYMENTS: PaymentImporter,
}


def columns_of(kind: str) -> Columns:
    return IMPORTERS[kind].columns


def header_of(file: IO[bytes], layout: Layout, columns: Columns) -> Row:
    """The first row, which names the columns. Raises FileRefused for an empty file or a wrong header."""
    row = next(rows_of(file, layout), None)
    if row is None:
        raise FileRefused("The file is empty.")
    columns.header(row)
    return row


def reads_of(file: IO[bytes], layout: Layout, columns: Columns, rules: Rules) -> Iterator[Read]:
    """The rows below the header as they are understood. Raises FileRefused where the file can't be read on."""
    rows = rows_of(file, layout)
    header = columns.header(next(rows))
    for row in rows:
        yield columns.read(row, header, rules)


def sample_csv(kind: str) -> str:
    """A file of this kind with one row, as a spreadsheet would save it."""
    text = io.StringIO()
    columns = [(name, column) for name, column in columns_of(kind).listed() if column.example]
    writer = csv.writer(text)
    writer.writerow([name for name, _ in columns])
    writer.writerow([column.example for _, column in columns])
    return text.getvalue()
