"""The demo's data: whole, repeatable, and only where nobody else lives."""

import json
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone
from knox.models import AuthToken

from invoices.models import Customer, Event, Invoice, PromiseToPay
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_home(settings, monkeypatch):
    settings.PUBLIC_BASE_URL = "http://127.0.0.1:8000"
    monkeypatch.delenv("DEMO_PASSWORD", raising=False)


def seed():
    out = StringIO()
    call_command("seed_demo", stdout=out)
    return out.getvalue().splitlines()


def counts():
    return [model.objects.count() for model in (Customer, Invoice, Event, User, PromiseToPay)]


def test_a_second_run_adds_nothing_and_prints_the_logins_again():
    first = seed()
    before = counts()
    logins = [f"login: {name} / moonlight" for name in ("admin", "collector", "viewer")]
    assert first[-3:] == seed()[-3:] == logins
    assert counts() == before


def test_every_state_and_three_currencies_are_there_and_everybody_owes_something(settings):
    seed()
    today = timezone.localdate()
    assert set(Invoice.objects.values_list("status", flat=True)) == set(Invoice.Status.values)
    assert set(Invoice.objects.values_list("currency", flat=True)) == {"USD", "GBP", "AUD"}
    opened = Invoice.objects.filter(status="open")
    assert opened.filter(due_date__lt=today).exists() and opened.filter(due_date__gte=today).exists()
    assert any(0 < invoice.balance < invoice.total for invoice in opened)
    assert set(opened.values_list("customer__number", flat=True)) == {
        person["customer_number"]
        for person in json.loads((settings.BASE_DIR / "demo/people.json").read_text())
    }
    assert PromiseToPay.objects.filter(status="open").exists()


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
    assert not AuthToken.objects.exists()


def test_the_printed_login_works_whatever_the_password_was_before(monkeypatch):
    seed()
    monkeypatch.setenv("DEMO_PASSWORD", "another one")
    assert "login: viewer / another one" in seed()
    assert User.objects.get(username="viewer").check_password("another one")


def test_it_refuses_to_join_other_customers():
    CustomerFactory.create()
    with pytest.raises(CommandError):
        seed()
    assert counts()[1:] == [0, 1, 0, 0]


def test_customers_who_came_after_the_demo_do_not_matter():
    seed()
    CustomerFactory.create()
    assert seed()[-1] == "login: viewer / moonlight"


def test_the_known_password_stays_at_home(settings, monkeypatch):
    settings.PUBLIC_BASE_URL = "https://pay.example.com"
    with pytest.raises(CommandError, match="DEMO_PASSWORD"):
        seed()
    monkeypatch.setenv("DEMO_PASSWORD", "one of our own")
    assert "login: admin / one of our own" in seed()
