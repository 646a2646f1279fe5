"""Files as tests send them, and a worker's part done here."""

import csv
import io

from django.core.files.uploadedfile import SimpleUploadedFile

from invoices.files.runs import import_start, import_upload
from invoices.files.work import import_work

CUSTOMER = {
    "customer_number": "C-1",
    "name": "Zoë Müller",
    "phone": "+442079460107",
    "email": "Zoe@example.com",
    "address": "12 Lantern Row",
    "country": "GB",
    "time_zone": "Europe/London",
    "birth_date": "1985-02-28",
}
INVOICE = {
    "customer_number": "C-1",
    "invoice_number": "INV-1",
    "currency": "GBP",
    "total": "120.50",
    "issue_date": "2026-03-01",
    "due_date": "2026-03-31",
}
PAYMENT = {
    "reference": "BANK-1",
    "customer_number": "C-1",
    "currency": "GBP",
    "amount": "20.50",
    "received_on": "2026-04-02",
    "invoices": "INV-1",
}


def file_of(*rows, name="rows.csv"):
    """A CSV file with these rows; each is a dict by column."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    writer.writerows(rows)
    return SimpleUploadedFile(name, text.getvalue().encode())


def uploaded(kind, *rows, file=None, **how):
    chosen = {"decimal_mark": "auto", "day_order": "iso", "corrects": False, "actor": None, **how}
    return import_upload(kind=kind, file=file or file_of(*rows), **chosen)


def checked(kind, *rows, **how):
    run = uploaded(kind, *rows, **how)
    import_work(run_id=run.pk)
    run.refresh_from_db()
    return run


def imported(kind, *rows, **how):
    run = checked(kind, *rows, **how)
    assert run.status == "ready", run.reason
    import_start(run=run, actor=None)
    import_work(run_id=run.pk)
    run.refresh_from_db()
    return run


def refused(run):
    """(row, column) of each problem."""
    return [(each.row, each.column) for each in run.problems.filter(of_run=run.has_run)]
