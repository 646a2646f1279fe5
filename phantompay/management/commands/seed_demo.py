"""Demo users, customers and invoices. A second run finds them and adds nothing."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import environ
from django.conf import settings
from django.contrib.auth.models import Group, Permission, User
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from invoices.models import Customer, Invoice
from invoices.services import (
    customer_create,
    invoice_create,
    invoice_transition,
    payment_record,
    promise_record,
)

SOURCE = "seed"
DEFAULT_PASSWORD = "moonlight"  # noqa: S105 (a demo's, printed on purpose)
LOCAL_HOSTS = {"127.0.0.1", "localhost", "::1", ""}
CURRENCY_OF_COUNTRY = {"US": "USD", "GB": "GBP", "AU": "AUD"}

MAY_VIEW = Q(codename__startswith="view_", content_type__app_label__in=["invoices", "calls"])
MAY_COLLECT = MAY_VIEW | Q(
    codename__in=["place_call", "add_customer", "change_customer", "add_invoice", "change_invoice"],
    content_type__app_label__in=["invoices", "calls"],
)


@dataclass(frozen=True)
class Role:
    """A demo login and what it may do."""

    username: str
    permissions: Q | None = None
    is_superuser: bool = False


ROLES = (
    Role("admin", is_superuser=True),
    Role("collector", MAY_COLLECT),
    Role("viewer", MAY_VIEW),
)


@dataclass(frozen=True)
class Line:
    """One demo invoice: what it is for, how much, when due (days from today), and what has happened to it since."""

    description: str
    total: str
    due: int
    fate: str = "open"


# The first of each customer is open and the one to ring about.
LINES: tuple[tuple[Line, ...], ...] = (
    (
        Line("Moonlit garden lanterns, set of six", "1234.50", -21),
        Line("Porch lights", "310.00", -75, "paid"),
    ),
    (Line("Velvet curtains, three windows", "486.20", -12), Line("Curtain rails", "92.40", -40, "part_paid")),
    (
        Line("Candle subscription, autumn", "180.00", -9),
        Line("Candle subscription, summer", "180.00", -98, "paid"),
    ),
    (Line("Grandfather clock, repair", "675.00", -33), Line("Clock hands, brass", "58.00", -5, "void")),
    (Line("Antique mirror, restored", "920.00", -18), Line("Frame, walnut", "240.00", 12, "promised")),
    (Line("Attic insulation", "2150.00", -45), Line("Survey of the attic", "150.00", -160, "uncollectible")),
    (Line("Tea service for twelve", "364.80", -15), Line("Cake stands", "76.00", 20, "draft")),
    (Line("Night watch, October", "1450.00", -7), Line("Night watch, September", "1450.00", -38, "paid")),
    (Line("Piano tuning and felts", "288.00", -28), Line("Piano stool", "120.00", 9)),
    (Line("Harbour tour for the team", "815.00", -11), Line("Lanterns on hire", "260.00", -62, "part_paid")),
    (Line("Winter coats, four", "540.00", -24), Line("Alterations", "85.00", 5, "promised")),
    (Line("Greenhouse glass, cut to size", "1999.95", -3), Line("Putty and sprigs", "44.10", 16, "draft")),
)


class Command(BaseCommand):
    help = "Create the demo: users, a dozen customers, invoices in every state. Safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        password = environ.Env().str("DEMO_PASSWORD", default=DEFAULT_PASSWORD)
        people = json.loads((settings.BASE_DIR / "demo" / "people.json").read_text())
        numbers = {person["customer_number"] for person in people}
        present = set(Customer.objects.filter(number__in=numbers).values_list("number", flat=True))
        if present != numbers:
            _refuse_outside_a_demo(numbers, password)
            _ledger_seed(people, present)
            self.stdout.write(f"demo: {len(people)} customers and their invoices")
        _logins_seed(password)
        for role in ROLES:
            self.stdout.write(f"login: {role.username} / {password}")


def _refuse_outside_a_demo(numbers: set[str], password: str) -> None:
    """Logins with a printed password and invented debts have no place beside real customers."""
    if Customer.objects.exclude(number__in=numbers).exists():
        raise CommandError("There are customers here that no demo made. The demo is for an empty database.")
    host = urlsplit(settings.PUBLIC_BASE_URL).hostname or ""
    if password == DEFAULT_PASSWORD and host not in LOCAL_HOSTS:
        raise CommandError(f"Set DEMO_PASSWORD: with the one everybody knows, no demo is put on {host}.")


@transaction.atomic
def _logins_seed(password: str) -> None:
    for role in ROLES:
        user, created = User.objects.get_or_create(
            username=role.username,
            defaults={
                "is_staff": True,
                "is_superuser": role.is_superuser,
                "first_name": role.username.title(),
            },
        )
        if created or not user.check_password(password):
            user.set_password(password)
            user.save(update_fields=["password"])
        if role.permissions is not None:
            group, made = Group.objects.get_or_create(name=role.username)
            if made:
                group.permissions.set(Permission.objects.filter(role.permissions))
            user.groups.add(group)


@transaction.atomic
def _ledger_seed(people: list[dict[str, Any]], present: set[str]) -> None:
    today = timezone.localdate()
    numbers = _invoice_numbers()
    for person, lines in zip(people, LINES, strict=True):
        invoice_numbers = [next(numbers) for _ in lines]
        if person["customer_number"] in present:
            continue
        customer = _customer_seed(person)
        for number, line in zip(invoice_numbers, lines, strict=True):
            _invoice_seed(customer, number, line, today)


def _invoice_numbers() -> Iterator[str]:
    number = 2001
    while True:
        yield f"INV-{number}"
        number += 1


def _customer_seed(person: dict[str, Any]) -> Customer:
    return customer_create(
        source=SOURCE,
        number=person["customer_number"],
        name=person["name"],
        phone=person["phone"],
        email=f"{person['name'].lower().replace(' ', '.')}@example.com",
        address=person["address"],
        city=person["city"],
        country=person["country"],
        time_zone=person["time_zone"],
        birth_month=person["birth_month"],
        birth_day=person["birth_day"],
    )


def _invoice_seed(customer: Customer, number: str, line: Line, today: date) -> None:
    due = today + timedelta(days=line.due)
    invoice = invoice_create(
        customer=customer,
        number=number,
        currency=CURRENCY_OF_COUNTRY[customer.country],
        total=line.total,
        issue_date=due - timedelta(days=30),
        due_date=due,
        description=line.description,
        issue=line.fate != "draft",
        source=SOURCE,
    )
    if line.fate in ("paid", "part_paid"):
        share = Decimal(1) if line.fate == "paid" else Decimal("0.5")
        payment_record(
            invoice=invoice,
            amount=invoice.balance_exact * share,
            received_on=min(due + timedelta(days=2), today),
            reference=f"BANK-{number}",
            source=SOURCE,
        )
    elif line.fate == "promised":
        promise_record(
            invoice=invoice,
            amount=invoice.balance_exact,
            due_date=today + timedelta(days=3),
            today=today,
            source=SOURCE,
        )
    elif line.fate in (Invoice.Status.VOID, Invoice.Status.UNCOLLECTIBLE):
        reason = "Issued twice." if line.fate == "void" else "The business has closed."
        invoice_transition(invoice=invoice, to=line.fate, source=SOURCE, reason=reason)
