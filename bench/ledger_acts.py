"""What is done with the ledger, and what each act costs: statements, time in the database, plans."""

import re
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from unittest import mock

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from bench.ledger_rows import LONG_NAME, RARE_CUSTOMER, RARE_NAME, RARE_WORD, customers_of
from invoices.aging import aging
from invoices.models import Customer, Invoice, Payment
from invoices.selectors import STATES, totals_by_currency
from invoices.services.payments import payment_record

SCAN = re.compile(r"Seq Scan on invoices_(invoice|allocation)\b")
UNPLANNED = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")


@dataclass(frozen=True)
class Act:
    """Something that staff or a machine does. `statements` is the most it may send inside its transaction."""

    name: str
    do: Callable[[], object]
    statements: int | None = None


@dataclass(frozen=True)
class Cost:
    """What one act costs: medians in milliseconds; the statements of one run and their plans."""

    database_ms: float
    whole_ms: float
    statements: list[str]
    plans: list[str]

    @property
    def inside(self) -> int:
        return inside(self.statements)

    @property
    def scans(self) -> list[str]:
        """The lines of plans that read a whole table of invoices or allocations."""
        return [line.strip() for plan in self.plans for line in plan.splitlines() if SCAN.search(line)]


def inside(statements: list[str]) -> int:
    """How many are in the outermost transaction, savepoints counted, its own first and last not; all where none is."""
    begins = [place for place, sql in enumerate(statements) if sql.startswith(("BEGIN", "SAVEPOINT"))]
    ends = [place for place, sql in enumerate(statements) if sql.startswith(("COMMIT", "RELEASE"))]
    return ends[-1] - begins[0] - 1 if begins else len(statements)


class Stopwatch:
    """Seconds spent in the database, the answer's way back included."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        begun = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            self.seconds += time.perf_counter() - begun


def acts(payers: list[Customer]) -> list[Act]:
    """Pages come through their URLs, as an administrator sees them. Every posting takes another of the payers."""
    promising, plain = iter(payers[::2]), iter(payers[1::2])
    user = User.objects.filter(is_superuser=True).first() or User.objects.create_superuser("bench")
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)

    def page(name: str, *arguments: object, **query: str | int) -> Callable[[], object]:
        url = reverse(name, args=arguments)

        def fetch() -> None:
            answer = client.get(url, query)
            assert answer.status_code == 200, (url, query, answer.status_code)

        return fetch

    rare = customers_of([RARE_CUSTOMER])[0]
    number = Invoice.objects.filter(customer=rare).values_list("number", flat=True)[0]
    searches = {
        "invoice number": number,
        "part of a number": number[-5:],
        "first letters of all numbers": "inv-1",
        "two letters": "in",
        "customer's name": RARE_NAME,
        "a long name in full": LONG_NAME,
        "name of one in eleven": "barlow",
        "word, 50 invoices": RARE_WORD,
        "word, one in nine": "lantern",
        "telephone number": f"({rare.contact_points.get(kind='phone').value[2:5]}) "
        f"{rare.contact_points.get(kind='phone').value[5:]}",
        "nothing fits": "zwqxk",
    }
    return [
        Act("list", page("invoices")),
        Act("list, page 40", page("invoices", page=40)),
        Act("list, last page", page("invoices", page=400)),
        *(Act(f"list: {state}", page("invoices", state=state)) for state in STATES),
        *(Act(f"search: {name}", page("invoices", q=query)) for name, query in searches.items()),
        Act("search in overdue: word, one in nine", page("invoices", q="lantern", state="overdue")),
        Act("customer's page", page("customer", rare.pk)),
        Act("dashboard", page("dashboard")),
        Act("admin: invoices", page("admin:invoices_invoice_changelist")),
        Act("admin: payments", page("admin:invoices_payment_changelist")),
        Act("aging", lambda: aging(timezone.localdate())),
        Act("totals", totals_by_currency),
        Act("post for ten invoices", lambda: settle_ten(next(plain)), statements=15),
        Act("post for ten promised invoices", lambda: settle_ten(next(promising)), statements=15),
    ]


def settle_ten(customer: Customer) -> Payment:
    """Post what the customer owes on ten open invoices, with an idempotency key as a bank's webhook would."""
    owed = Invoice.objects.filter(customer=customer, status="open").values_list("balance", "currency")
    with mock.patch("invoices.events._listeners", []):
        payment = payment_record(
            customer=customer,
            currency=owed[0][1],
            amount=sum((balance for balance, _ in owed), Decimal(0)),
            received_on=timezone.localdate(),
            idempotency_key=f"bench-{customer.pk}",
            source="test",
        )
    return payment


def measured(act: Act, repeat: int) -> Cost:
    act.do()
    database, whole = [], []
    for _ in range(repeat):
        watch, begun = Stopwatch(), time.perf_counter()
        with connection.execute_wrapper(watch):
            act.do()
        whole.append(time.perf_counter() - begun)
        database.append(watch.seconds)
    with CaptureQueriesContext(connection) as captured:
        act.do()
    statements = [query["sql"] for query in captured.captured_queries]
    return Cost(
        database_ms=1000 * statistics.median(database),
        whole_ms=1000 * statistics.median(whole),
        statements=statements,
        plans=[plan_of(sql) for sql in statements if not sql.startswith(UNPLANNED)],
    )


def plan_of(sql: str) -> str:
    """The statement and how PostgreSQL runs it; one that writes is planned and not run again."""
    how = "ANALYZE, BUFFERS" if sql.startswith("SELECT") else "COSTS"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN ({how}) {sql}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
        # Rows locked by a plan that was run are free again.
        transaction.set_rollback(True)
    return f"{sql}\n{plan}"
