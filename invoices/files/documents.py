"""Invoices from a file, by their number: a row each with a `total`, or a row for each line with a `unit_price`.

Invoices that come in are issued. One that is here is never changed: the same is “unchanged”, another is refused.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, ClassVar

from django.core.exceptions import ValidationError

from invoices.files.columns import Column, Columns, Problem, Read
from invoices.files.importer import (
    Importer,
    Item,
    Outcome,
    conflicts_refuse,
    customers_by_number,
    invoices_by_number,
    said,
)
from invoices.files.values import AmountCell, CodeCell, DayCell, TextCell
from invoices.models import Invoice
from invoices.money import amount_exact
from invoices.services.documents import MOST_LINES, Line, invoice_create
from invoices.services.idempotency import KeyReused

HEADER = ("customer_number", "currency", "issue_date", "due_date", "total", "description")


class InvoiceColumns(Columns):
    told_only = frozenset({"status", "balance", "tax", "customer_name"})
    one_of = ("total", "unit_price")
    customer_number = Column(
        CodeCell(), "The number of a customer who is here.", example="C-0012", needed=True
    )
    invoice_number = Column(
        CodeCell(), "Of the invoice. Rows that repeat it are its lines.", example="INV-2041", needed=True
    )
    currency = Column(TextCell(), "ISO code.", example="GBP", needed=True)
    total = Column(AmountCell(), "With tax. Needed where there are no lines.", example="1234.50")
    issue_date = Column(DayCell(), "", example="2026-03-01", needed=True)
    due_date = Column(DayCell(), "Empty: by the customer’s payment terms.", example="2026-03-31")
    description = Column(TextCell(), "What it is for.", example="Lanterns")
    line_description = Column(TextCell(), "Of a line.")
    quantity = Column(AmountCell(), "Of a line; empty: 1.")
    unit_price = Column(AmountCell(), "Of a line, without tax.")
    tax_rate = Column(AmountCell(), "Of a line, in percent; empty: 0.")


class InvoiceImporter(Importer):
    columns = InvoiceColumns()
    key = "invoice_number"
    permissions: ClassVar[tuple[str, ...]] = ("invoices.add_invoice",)
    renamed: ClassVar[dict[str, str]] = {"number": "invoice_number", "lines": "unit_price"}

    def items(self, reads: Iterable[Read]) -> Iterator[Item]:
        """Rows that follow one another with the same number and a unit price are the lines of one invoice."""
        item: Item | None = None
        for read in reads:
            if item is not None and _goes_on(item, read):
                _line_add(item, read)
                continue
            if item is not None:
                yield item
            item = Item([read])
        if item is not None:
            yield item

    def look(self, items: Any) -> None:
        self.customers = customers_by_number(said(items, "customer_number"))
        self.known = invoices_by_number(said(items, self.key))

    def post(self, item: Item) -> Outcome:
        told, lines = item.values, _lines(item)
        customer = self.customers.get(told["customer_number"])
        if customer is None:
            raise ValidationError({"customer_number": "No customer has this number."})
        number, currency = told["invoice_number"], told["currency"].upper()
        here = self.known.get(number)
        if here is not None:
            _same_refuse_else(here, told, lines)
            return "unchanged"
        try:
            self.known[number] = invoice_create(
                customer=customer,
                number=number,
                currency=currency,
                issue_date=told["issue_date"],
                due_date=told.get("due_date"),
                total=told.get("total"),
                lines=lines,
                description=told.get("description", ""),
                idempotency_key=f"import:{self.sha256[:48]}:{item.reads[0].number}",
                **self.who,
            )
        except KeyReused:
            raise ValidationError(
                {"invoice_number": "This row was imported before, with other values."}
            ) from None
        return "new"


def _goes_on(item: Item, read: Read) -> bool:
    """A line whose number can't be read belongs to the invoice before, lest that one be made without it."""
    if not (_is_line(item.reads[0]) and _is_line(read)):
        return False
    number = item.values.get("invoice_number")
    unreadable = any(problem.column == "invoice_number" for problem in read.problems)
    return unreadable or (number is not None and number == read.values.get("invoice_number"))


def _is_line(read: Read) -> bool:
    columns = {"unit_price", "quantity", "line_description"}
    return bool(columns & read.values.keys()) or any(problem.column in columns for problem in read.problems)


def _line_add(item: Item, read: Read) -> None:
    if len(item.reads) >= MOST_LINES:
        read.problems.append(Problem(read.number, "invoice_number", f"At most {MOST_LINES} lines."))
        # Nothing more of it is kept: an endless invoice takes no memory.
        item.reads[-1] = read
        return
    for name in HEADER:
        if name in read.values and read.values[name] != item.values.get(name):
            read.problems.append(
                Problem(read.number, name, "The lines of an invoice must agree in this column.")
            )
    item.reads.append(read)


def _lines(item: Item) -> list[Line]:
    told = item.values
    if not _is_line(item.reads[0]):
        return []
    if any("unit_price" not in read.values for read in item.reads):
        raise ValidationError({"unit_price": "A line needs a unit price."})
    return [
        Line(
            description=read.values.get("line_description")
            or told.get("description")
            or f"Invoice {told['invoice_number']}",
            unit_price=read.values["unit_price"],
            quantity=read.values.get("quantity", Decimal(1)),
            tax_rate=read.values.get("tax_rate", Decimal(0)),
        )
        for read in item.reads
    ]


def _same_refuse_else(here: Invoice, told: dict[str, Any], lines: list[Line]) -> None:
    """Raise ValidationError at the columns in which the file says something else than the books."""
    total = told.get("total")
    conflicts_refuse(
        "invoice",
        {
            "customer_number": (here.customer.number, told["customer_number"]),
            "currency": (here.currency, told["currency"].upper()),
            "total": (amount_exact(here.total, here.currency), total),
            "issue_date": (here.issue_date, told["issue_date"]),
            "due_date": (here.due_date, told.get("due_date")),
            "description": (here.description, told.get("description")),
        },
    )
    if lines and [_shown(line) for line in lines] != [_shown(line) for line in here.lines.all()]:
        raise ValidationError({"unit_price": "This invoice is here with other lines."})


def _shown(line: Any) -> tuple[object, ...]:
    return line.description, Decimal(line.quantity), Decimal(line.unit_price), Decimal(line.tax_rate)
