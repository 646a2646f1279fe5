"""A ledger of any size, the same every time, written in bulk: what the bench and the tests of speed look at.

The books hold (balances are what allocations say); what no list shows (lines, consents) is left out.
"""

import random
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice
from typing import TypeVar

from django.db.models import Model

from calls.models import Call
from invoices.models import Allocation, ContactPoint, Customer, Event, Invoice, Payment, PromiseToPay
from invoices.money import amount_round

PER_CUSTOMER = 10
CHUNK = 1000
# Customers are made in turn, so that memory does not grow with the ledger.
AT_ONCE = 200
RARE_WORD, RARE_EVERY, RARE_UNTIL = "Astrolabe", 40, 2000
RARE_CUSTOMER = 120
RARE_NAME = "Zadok Quilter"
LONG_NAME = "Cholmondeley Featherstonehaugh and Daughters"
RARE_NAMES = {RARE_CUSTOMER: RARE_NAME, RARE_CUSTOMER + 1: LONG_NAME}
WORDS = ("Lanterns", "Candles", "Mirrors", "Clocks", "Shutters", "Carpets", "Curtains", "Hinges", "Locks")
MATTERS = ("walnut", "brass", "oak", "silver", "velvet", "marble", "copper", "linen")
FIRST = (
    "Ada",
    "Basil",
    "Cora",
    "Dennis",
    "Edith",
    "Floyd",
    "Greta",
    "Hugo",
    "Ines",
    "Jonas",
    "Klara",
    "Leon",
)
LAST = (
    "Abbott",
    "Barlow",
    "Crane",
    "Dalton",
    "Ellis",
    "Frost",
    "Gibbs",
    "Harker",
    "Irving",
    "Jarvis",
    "Keller",
)
CURRENCIES = ("USD", "GBP", "EUR", "JPY")
Row = TypeVar("Row", bound=Model)


def ledger_add(*, first: int, count: int, open_count: int, payers: int, today: date) -> None:
    """Add `count` invoices from number `first` on, of which `open_count` are open; about nine of ten others are paid.

    The first `payers` of their customers owe ten invoices each and nothing else; every other one has promised.
    """
    owing_two = (open_count - payers * PER_CUSTOMER) // 2
    customers = range(first // PER_CUSTOMER, (first + count) // PER_CUSTOMER)
    for start in range(0, len(customers), AT_ONCE):
        part = customers[start : start + AT_ONCE]
        rows = _customers(part)
        owes = [
            PER_CUSTOMER if place < payers else 2 if place < payers + owing_two else 0
            for place in range(start, start + len(part))
        ]
        invoices = _invoices(rows, owes, part[0] * PER_CUSTOMER, today)
        _payments(invoices, today)
        _events(invoices)
        _promises(invoices[: PER_CUSTOMER * max(0, payers - start)], today)


def calls_add(invoices: Iterable[Invoice]) -> None:
    """One finished call about each."""
    _write(
        Call(
            invoice=invoice,
            customer_id=invoice.customer_id,
            status="completed",
            disposition="no_answer",
            to_number="+442079460107",
        )
        for invoice in invoices
    )


def _write(rows: Iterable[Row]) -> list[Row]:
    """Write them in chunks; they have their keys afterwards."""
    written: list[Row] = []
    rows = iter(rows)
    while chunk := list(islice(rows, CHUNK)):
        written += type(chunk[0])._default_manager.bulk_create(chunk)
    return written


def _customers(numbers: range) -> list[Customer]:
    customers = _write(
        Customer(
            number=f"C-{100000 + n}",
            name=RARE_NAMES.get(n, f"{FIRST[n % len(FIRST)]} {LAST[n % len(LAST)]}"),
            city="London",
            country="GB",
            time_zone="Europe/London",
        )
        for n in numbers
    )
    _write(_points(customers))
    return customers


def _points(customers: Iterable[Customer]) -> Iterator[ContactPoint]:
    for customer in customers:
        digits = int(customer.number[2:])
        for kind, value in (("phone", f"+1213{digits * 7 % 10**7:07}"), ("email", f"c{digits}@example.com")):
            yield ContactPoint(customer=customer, kind=kind, value=value, is_primary=True)


def _invoices(customers: list[Customer], owes: list[int], first: int, today: date) -> list[Invoice]:
    return _write(
        _invoice(customer, first + PER_CUSTOMER * place + n, n < owes[place], today)
        for place, customer in enumerate(customers)
        for n in range(PER_CUSTOMER)
    )


def _invoice(customer: Customer, number: int, is_open: bool, today: date) -> Invoice:
    chance = random.Random(number)
    status = "open" if is_open else "paid"
    if not is_open and number % PER_CUSTOMER == PER_CUSTOMER - 1:
        status = ("void", "draft", "uncollectible")[number // PER_CUSTOMER % 3]
    currency = CURRENCIES[number // PER_CUSTOMER % len(CURRENCIES)]
    total = amount_round(Decimal(chance.randrange(2000, 500000)) / 100, currency)
    due = today + timedelta(days=chance.randrange(-150, 30) if is_open else -chance.randrange(1, 1100))
    rare = number < RARE_UNTIL and number % RARE_EVERY == RARE_EVERY - 1
    word = RARE_WORD if rare else chance.choice(WORDS)
    paid = amount_round(total / 2, currency) if status == "open" and number % 7 == 0 else Decimal(0)
    return Invoice(
        customer=customer,
        number=f"INV-{1000000 + number}",
        status=status,
        description=f"{word}, {chance.choice(MATTERS)}, order {chance.randrange(10**6)}",
        currency=currency,
        total=total,
        balance=Decimal(0) if status in ("paid", "void") else total - paid,
        issue_date=due - timedelta(days=30),
        due_date=due,
    )


def _payments(invoices: list[Invoice], today: date) -> None:
    """One payment for up to three paid invoices of a customer; some paid more. Some open invoices are paid by half."""
    parts: list[list[tuple[Invoice, Decimal]]] = []
    for invoice in invoices:
        if invoice.status == "paid":
            same = parts and parts[-1][0][0].customer_id == invoice.customer_id and len(parts[-1]) < 3
            if not same:
                parts.append([])
            parts[-1].append((invoice, invoice.total))
        elif invoice.status == "open" and invoice.balance < invoice.total:
            parts.append([(invoice, invoice.total - invoice.balance)])
    payments = _write(_payment(part, today) for part in parts)
    _write(
        Allocation(payment=payment, invoice=invoice, amount=amount, cause="oldest_first")
        for payment, part in zip(payments, parts, strict=True)
        for invoice, amount in part
    )


def _payment(part: list[tuple[Invoice, Decimal]], today: date) -> Payment:
    invoice = part[0][0]
    over = Decimal(10) if int(invoice.number[4:]) % 50 == 0 else Decimal(0)
    return Payment(
        customer_id=invoice.customer_id,
        currency=invoice.currency,
        amount=sum((amount for _, amount in part), over),
        unallocated=over,
        received_on=min(today, invoice.due_date),
        reference=f"R-{invoice.number[4:]}",
    )


def _events(invoices: list[Invoice]) -> None:
    _write(
        Event(
            object_type="invoice",
            object_id=str(invoice.pk),
            kind=kind,
            source="test",
            customer_id=invoice.customer_id,
            after={"total": str(invoice.total)},
        )
        for invoice in invoices
        for kind in (("invoice_open", "invoice_paid") if invoice.status == "paid" else ("invoice_open",))
    )


def _promises(invoices: list[Invoice], today: date) -> None:
    """Every other customer has promised what all of the ten invoices owe."""
    tens = [invoices[n : n + PER_CUSTOMER] for n in range(0, len(invoices), 2 * PER_CUSTOMER)]
    promises = _write(
        PromiseToPay(
            customer_id=ten[0].customer_id,
            currency=ten[0].currency,
            amount=sum((invoice.balance for invoice in ten), Decimal(0)),
            due_date=today + timedelta(days=3),
        )
        for ten in tens
    )
    # Nothing that was allocated before the promise counts for it.
    newest = Allocation.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    PromiseToPay.objects.filter(pk__in=[promise.pk for promise in promises]).update(
        baseline_allocation_id=newest
    )
    through = PromiseToPay.invoices.through
    _write(
        through(promisetopay=promise, invoice=invoice)
        for promise, ten in zip(promises, tens, strict=True)
        for invoice in ten
    )


def customers_of(numbers: Iterable[int]) -> list[Customer]:
    """The customers with these running numbers."""
    return list(Customer.objects.filter(number__in=_names(numbers)).order_by("pk"))


def invoices_of(numbers: Iterable[int]) -> list[Invoice]:
    """All that was issued to the customers with these running numbers."""
    return list(Invoice.objects.filter(customer__number__in=_names(numbers)).order_by("pk"))


def _names(numbers: Iterable[int]) -> list[str]:
    return [f"C-{100000 + n}" for n in numbers]
