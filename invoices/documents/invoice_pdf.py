"""An invoice as PDF."""

from collections import defaultdict
from decimal import Decimal

from invoices.documents.issuer import issuer
from invoices.documents.sheet import Sheet
from invoices.documents.words import Words
from invoices.models import Invoice, InvoiceLine
from invoices.selectors import settlement_of

Status = Invoice.Status
WIDTHS = (40, 10, 17, 10, 18)


def invoice_pdf(invoice: Invoice) -> bytes:
    """The invoice with its lines, and what of it is paid and still owed now."""
    customer = invoice.customer
    words = Words(customer.locale)
    sheet = Sheet(words=words, issuer=issuer(), title=f"{words.label('invoice')} {invoice.number}")
    marks = {Status.DRAFT: words.label("draft"), Status.VOID: words.label("void")}
    sheet.head(words.label("invoice"), marks.get(Status(invoice.status), ""))
    sheet.parties(
        customer,
        [
            (words.label("number"), invoice.number),
            (words.label("issued"), words.day(invoice.issue_date)),
            (words.label("due"), words.day(invoice.due_date)),
            (words.label("customer_number"), customer.number),
            (words.label("currency"), invoice.currency),
        ],
        label=words.label("bill_to"),
    )
    if invoice.description:
        sheet.line_of(invoice.description)
        sheet.ln(3)
    lines = list(invoice.lines.all())
    sheet.grid(
        [words.label(name) for name in ("description", "quantity", "unit_price", "tax", "net")],
        [_row(line, invoice.currency, words) for line in lines],
        widths=WIDTHS,
        numbers=(1, 2, 3, 4),
    )
    sums, strong = _sums(invoice, lines, words)
    sheet.sums(sums, bold=strong)
    if invoice.status == Status.OPEN:
        sheet.payment(invoice.number)
    return sheet.bytes_of()


def _row(line: InvoiceLine, currency: str, words: Words) -> list[str]:
    return [
        line.description,
        words.number(line.quantity),
        words.amount(line.unit_price, currency),
        words.percent(line.tax_rate),
        words.amount(line.net, currency),
    ]


def _sums(
    invoice: Invoice, lines: list[InvoiceLine], words: Words
) -> tuple[list[tuple[str, str]], tuple[int, int]]:
    """From the lines to the balance, and the places of the total and the balance."""
    currency = invoice.currency
    taxes: dict[Decimal, Decimal] = defaultdict(Decimal)
    for line in lines:
        taxes[line.tax_rate] += line.tax
    sums = []
    if invoice.tax:
        sums.append((words.label("subtotal"), words.amount(invoice.total - invoice.tax, currency)))
        sums += [
            (words.label("tax_at", rate=words.percent(rate)), words.amount(tax, currency))
            for rate, tax in sorted(taxes.items())
            if tax
        ]
    total = len(sums)
    sums.append((words.label("total"), words.amount(invoice.total, currency)))
    settled = settlement_of(invoice)
    sums += [
        (words.label(name), words.amount(-amount, currency))
        for name, amount in (
            ("paid", settled.paid),
            ("credited", settled.credited),
            ("voided", settled.voided),
        )
        if amount
    ]
    sums.append((words.label("balance_due"), words.amount(invoice.balance, currency)))
    return sums, (total, len(sums) - 1)
