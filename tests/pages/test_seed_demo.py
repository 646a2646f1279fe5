"""The demo's command: repeatable, with the logins it prints, and only where nobody else lives."""

import json
from datetime import UTC, datetime
from io import StringIO

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from invoices.models import (
    Allocation,
    ApiToken,
    Consent,
    Contact,
    ContactPoint,
    CreditNote,
    Customer,
    Dispute,
    Event,
    Hold,
    Instalment,
    Invoice,
    Note,
    Payment,
    PaymentPlan,
    PromiseToPay,
    Refund,
    Wish,
)
from invoices.services.parties import customer_create
from phantompay.demo import tell as story
from phantompay.management.commands import seed_demo
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_home(settings, monkeypatch):
    settings.PUBLIC_BASE_URL = "http://127.0.0.1:8000"
    monkeypatch.delenv("DEMO_PASSWORD", raising=False)


@pytest.fixture(autouse=True)
def told(monkeypatch):
    """Who was told of: one customer stands for the year of all (test_demo_story has that)."""
    people = []

    def tell(of, *, today, clerk):
        people.extend(of)
        customer_create(
            number="1",
            name="Robert Blake",
            phone="+12135550101",
            country="US",
            time_zone="America/Los_Angeles",
            source="seed",
            actor=clerk,
        )

    monkeypatch.setattr(seed_demo, "tell", tell)
    return people


def seed():
    out = StringIO()
    call_command("seed_demo", stdout=out)
    return out.getvalue().splitlines()


def test_a_second_run_adds_nothing_and_prints_the_logins_again(told):
    first, events = seed(), Event.objects.count()
    logins = [f"login: {name} / moonlight" for name in ("admin", "collector", "viewer")]
    assert first == ["demo: 24 customers and 0 invoices of theirs", *logins]
    assert seed() == logins
    assert (len(told), Customer.objects.count(), User.objects.count()) == (24, 1, 3)
    assert Event.objects.count() == events


def test_what_staff_have_changed_since_is_no_reason_to_seed_again(told):
    seed()
    Customer.objects.update(number="another")
    seed()
    assert len(told) == 24


def test_roles_may_what_they_are_for():
    seed()
    admin, collector, viewer = (User.objects.get(username=name) for name in ("admin", "collector", "viewer"))
    assert admin.is_superuser and not collector.is_superuser and not viewer.is_superuser
    may = [
        "invoices.view_invoice",
        "calls.view_call",
        "invoices.add_invoice",
        "invoices.change_customer",
        "calls.place_call",
    ]
    assert [collector.has_perm(permission) for permission in may] == [True] * 5
    assert [viewer.has_perm(permission) for permission in may] == [True, True, False, False, False]
    assert not collector.has_perm("calls.change_call") and not collector.has_perm("auth.view_user")
    assert not ApiToken.objects.exists()


def test_the_printed_login_works_whatever_the_password_was_before(monkeypatch):
    seed()
    monkeypatch.setenv("DEMO_PASSWORD", "another one")
    assert "login: viewer / another one" in seed()
    assert User.objects.get(username="viewer").check_password("another one")


def test_customers_who_came_after_the_demo_do_not_matter():
    seed()
    CustomerFactory.create()
    assert seed()[-1] == "login: viewer / moonlight"


def test_it_refuses_to_join_other_customers(told):
    CustomerFactory.create()
    with pytest.raises(CommandError):
        seed()
    assert not told and not User.objects.exists()


def test_the_known_password_stays_at_home(told, settings, monkeypatch):
    settings.PUBLIC_BASE_URL = "https://pay.example.com"
    with pytest.raises(CommandError, match="DEMO_PASSWORD"):
        seed()
    assert not told and not User.objects.exists()
    monkeypatch.setenv("DEMO_PASSWORD", "one of our own")
    assert "login: admin / one of our own" in seed()
    assert len(told) == 24


ROWS = (
    (Customer, "number name kind state locale payment_terms_days exclude_from_dunning"),
    (ContactPoint, "customer__number value is_primary place line_type wrong_at__date"),
    (Consent, "customer__number contact_point__value act basis captured_at evidence"),
    (Hold, "customer__number kind starts_at lifted_at__date"),
    (Wish, "customer__number kind said place time_from channel"),
    (Contact, "customer__number direction channel outcome at note"),
    (Note, "customer__number text"),
    (
        Invoice,
        "number customer__number status currency tax total balance issue_date due_date replaces__number",
    ),
    (CreditNote, "number invoice__number amount tax reason issued_on"),
    (Payment, "customer__number status amount unallocated received_on method reference"),
    (Refund, "payment__reference amount refunded_on"),
    (Allocation, "payment__reference invoice__number amount cause"),
    (PromiseToPay, "customer__number status amount due_date method"),
    (PaymentPlan, "customer__number status total"),
    (Instalment, "plan__customer__number position due_date amount"),
    (Dispute, "invoice__number status reason amount resolution"),
    (Event, "customer__number object_type kind reason"),
)


def rows():
    """Everything that was told, in the order of its writing, without ids and hours."""
    return {
        model.__name__: list(model.objects.order_by("pk").values_list(*names.split()))
        for model, names in ROWS
    }


# Between them they have a row of everything that a story can hold.
SOME = {"10048", "10050", "10054", "10059", "10060", "10062", "10064"}


def test_the_same_day_tells_the_same_story_at_any_hour():
    people = json.loads((settings.BASE_DIR / "demo/people.json").read_text())
    dumps = []
    for hour in (0, 23):
        at = datetime(2027, 3, 1, hour, 30, tzinfo=UTC)
        with transaction.atomic(), time_machine.travel(at, tick=True):
            some = [person for person in people if person["customer_number"] in SOME]
            story.tell(some, today=timezone.localdate())
            dumps.append(rows())
            transaction.set_rollback(True)
    for name, first in dumps[0].items():
        assert first and first == dumps[1][name], name
