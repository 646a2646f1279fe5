"""A statement of account as PDF: each currency by itself."""

from invoices.aging import AgingRow
from invoices.documents.issuer import issuer
from invoices.documents.sheet import Sheet
from invoices.documents.statement import Account, Statement
from invoices.documents.words import Words

WIDTHS = (16, 47, 17, 17)


def statement_pdf(statement: Statement) -> bytes:
    customer = statement.customer
    words = Words(customer.locale)
    title = words.label("statement")
    sheet = Sheet(words=words, issuer=issuer(), title=f"{title} {customer.number}")
    sheet.head(title)
    sheet.parties(
        customer,
        [
            (words.label("customer_number"), customer.number),
            (
                words.label("period"),
                f"{words.short_day(statement.since)} – {words.short_day(statement.until)}",
            ),
        ],
    )
    for account in statement.accounts:
        _account(sheet, account, statement)
    if not statement.accounts:
        sheet.line_of(words.label("nothing"))
    if any(account.closing > 0 for account in statement.accounts):
        sheet.payment(customer.number)
    return sheet.bytes_of()


def _account(sheet: Sheet, account: Account, statement: Statement) -> None:
    words, currency = sheet.words, account.currency
    opening = [
        words.short_day(statement.since),
        words.label("opening"),
        "",
        words.amount(account.opening, currency),
    ]
    closing = [
        words.short_day(statement.until),
        words.label("closing"),
        "",
        words.amount(account.closing, currency),
    ]
    moved = [
        [
            words.short_day(each.on),
            words.label(f"kind_{each.kind}", name=each.name),
            words.amount(each.amount, currency),
            words.amount(each.balance, currency),
        ]
        for each in account.movements
    ]
    sheet.section(currency)
    sheet.grid(
        [words.label(name) for name in ("date", "what", "amount", "balance")],
        [opening, *moved, closing],
        widths=WIDTHS,
        numbers=(2, 3),
        bold_rows=(0, len(moved) + 1),
    )
    if account.credit:
        sheet.sums([(words.label("of_credit"), words.amount(account.credit, currency))])
    if account.aging is not None:
        _aging(sheet, account.aging)


def _aging(sheet: Sheet, row: AgingRow) -> None:
    words = sheet.words
    sheet.section(words.label("aging"))
    names = [words.label(f"age_{place}") for place in range(len(row.buckets))]
    sheet.grid(
        [*names, words.label("total")],
        [[words.amount(amount, row.currency) for amount in (*row.buckets, row.total)]],
        widths=(1, 1, 1, 1, 1, 1),
        numbers=range(6),
    )
