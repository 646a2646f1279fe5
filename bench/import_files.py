"""Files of made-up rows, as large as asked for: customers, invoices of them, payments of these."""

import csv
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

DAY = date(2026, 3, 1)
# Numbers reserved for fiction.
PHONES = 100
HEADERS: dict[str, Sequence[str]] = {
    "customers": (
        "customer_number",
        "name",
        "phone",
        "email",
        "address",
        "city",
        "country",
        "time_zone",
        "currency",
        "birth_date",
    ),
    "invoices": (
        "customer_number",
        "invoice_number",
        "currency",
        "total",
        "issue_date",
        "due_date",
        "description",
    ),
    "payments": ("reference", "customer_number", "currency", "amount", "received_on", "invoices"),
}


def row(kind: str, number: int) -> list[str]:
    """Row `number` of a file of this kind; the same number names the same customer and invoice in all three."""
    code, day = f"C-{number:07}", DAY + timedelta(days=number % 28)
    match kind:
        case "customers":
            return [
                code,
                f"Customer Number {number}",
                f"+1213555{100 + number % PHONES:04}",
                f"customer{number}@example.com",
                f"{number} Lantern Row",
                "Los Angeles",
                "US",
                "America/Los_Angeles",
                "USD",
                (date(1960, 1, 1) + timedelta(days=number % 9000)).isoformat(),
            ]
        case "invoices":
            total = f"{100 + number % 900}.{number % 100:02}"
            due = day + timedelta(days=30)
            return [
                code,
                f"INV-{number:07}",
                "USD",
                total,
                day.isoformat(),
                due.isoformat(),
                f"Lanterns {number}",
            ]
        case _:
            return [f"BANK-{number:08}", code, "USD", "50.00", day.isoformat(), f"INV-{number:07}=20.00"]


def rows(kind: str, count: int) -> Iterator[list[str]]:
    yield list(HEADERS[kind])
    for number in range(1, count + 1):
        yield row(kind, number)


def csv_write(path: Path, kind: str, count: int) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows(kind, count))
    return path


def xlsx_write(path: Path, kind: str, count: int) -> Path:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for cells in rows(kind, count):
        sheet.append(cells)
    book.save(path)
    return path
