"""What the demo's data tell: every state of everything, books that hold, and twelve customers worth a call."""

import json
from datetime import UTC, datetime, time, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from calls.contact_facts import contact_snapshot
from calls.policy import decide
from invoices.books_check import balances_wrong
from invoices.models import (
    Allocation,
    Consent,
    Contact,
    ContactPoint,
    CreditNote,
    Customer,
    Dispute,
    Event,
    Hold,
    Invoice,
    Note,
    Payment,
    PaymentPlan,
    PromiseToPay,
    Refund,
    Wish,
)
from invoices.party_selectors import consent_for, holds_standing, wishes_standing
from phantompay.demo.story import DOZEN
from tests.invoices.books import violations

pytestmark = pytest.mark.django_db
CHEAP = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def seed():
    out = StringIO()
    call_command("seed_demo", stdout=out)
    return out.getvalue().splitlines()


@pytest.fixture(scope="module")
def _seeded(django_db_setup, django_db_blocker):
    """The demo, seeded once and rolled back when the last test of this module has seen it."""
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock(), transaction.atomic():
        patch.setattr(settings, "PASSWORD_HASHERS", CHEAP)
        patch.setattr(settings, "PUBLIC_BASE_URL", "http://127.0.0.1:8000")
        patch.delenv("DEMO_PASSWORD", raising=False)
        seed()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def demo(_seeded, db, settings, monkeypatch):
    settings.PUBLIC_BASE_URL = "http://127.0.0.1:8000"
    monkeypatch.delenv("DEMO_PASSWORD", raising=False)


def test_a_second_run_adds_nothing(demo):
    before = Event.objects.count()
    seed()
    assert Event.objects.count() == before


def test_the_books_hold(demo):
    assert violations() == []
    assert list(balances_wrong()) == []


def test_a_few_hundred_invoices_in_every_state_over_a_year(demo):
    today = timezone.localdate()
    assert 250 <= Invoice.objects.count() <= 400
    assert (today - Invoice.objects.earliest("issue_date").issue_date).days > 330
    assert states(Invoice) == set(Invoice.Status.values)
    assert set(Invoice.objects.values_list("currency", flat=True)) == {"USD", "GBP", "AUD"}
    opened = Invoice.objects.filter(status="open")
    ages = [(today - due).days for due in opened.values_list("due_date", flat=True)]
    for least, most in ((-99, 0), (1, 30), (31, 60), (61, 90), (91, 999)):
        assert any(least <= age <= most for age in ages), f"due {least} to {most} days ago"
    assert opened.filter(balance__lt=F("total"), balance__gt=0).exists()
    assert Invoice.objects.filter(replaces__status="void").exists()
    assert {"9.750", "8.875", "20.000", "10.000", "0.000"} == {
        str(rate) for rate in Invoice.objects.values_list("lines__tax_rate", flat=True)
    }


def test_invoices_are_numbered_in_the_order_of_their_days(demo):
    days = list(Invoice.objects.order_by("number").values_list("issue_date", flat=True))
    assert days == sorted(days)


def test_money_came_in_every_way(demo):
    assert states(Payment) == set(Payment.Status.values)
    methods = set(Payment.objects.values_list("method", flat=True))
    assert {"bank_transfer", "card", "direct_debit"} <= methods
    whole = Allocation.objects.filter(invoice__status="paid", amount=F("invoice__total"))
    for when in ("lt", "exact", "gt"):
        assert whole.filter(**{f"payment__received_on__{when}": F("invoice__due_date")}).exists(), when
    assert any(payment.allocations.count() > 2 for payment in Payment.objects.all())
    assert Payment.objects.filter(unallocated__gt=0).exists() and Refund.objects.exists()
    assert {"return", "dispute"} <= set(CreditNote.objects.values_list("reason", flat=True))


def test_what_was_agreed_ended_in_every_way(demo):
    assert states(PromiseToPay) == set(PromiseToPay.Status.values)
    assert states(PaymentPlan) == set(PaymentPlan.Status.values) - {"cancelled"}
    assert states(Dispute) == set(Dispute.Status.values)
    assert Dispute.objects.get(status="upheld").credit_note is not None


def test_no_agreement_was_judged_before_its_day(demo):
    """Each was decided once: no promise was broken first and kept then."""
    for kind in ("promise", "plan"):
        decided = Event.objects.filter(object_type=kind).exclude(
            kind__in=["promise_recorded", "plan_created"]
        )
        assert decided.count() == len(set(decided.values_list("object_id", flat=True)))


def test_who_may_not_be_rung_is_there_too(demo):
    assert set(Consent.objects.values_list("act", flat=True)) == {"given", "revoked"}
    assert {"bankruptcy", "hardship"} == set(Hold.objects.values_list("kind", flat=True))
    assert Hold.objects.filter(lifted_at=None).count() == 1
    assert {"only_between", "only_by", "not_at_place"} == set(Wish.objects.values_list("kind", flat=True))
    assert ContactPoint.objects.filter(wrong_at__isnull=False).exists()
    assert ContactPoint.objects.filter(place="work").exists()
    assert Customer.objects.filter(exclude_from_dunning=True, kind="business").exists()
    assert set(Contact.objects.values_list("direction", flat=True)) == {"outbound", "inbound"}
    assert Note.objects.filter(author__username="collector").exists()


@pytest.mark.parametrize("number", DOZEN)
def test_the_oldest_thing_that_each_of_the_dozen_owes_is_worth_a_call(demo, number):
    customer = Customer.objects.get(number=number)
    oldest = customer.invoices.filter(status="open").earliest("due_date")
    assert oldest.due_date < timezone.localdate()
    assert customer.phone is not None and customer.birth_day
    consent = consent_for(customer, channel="voice", contact_point=customer.phone)
    assert consent is not None and consent.act == "given"
    assert not holds_standing(customer).exists() and not wishes_standing(customer).exists()
    assert not customer.promises.filter(status="open").exists()
    assert not customer.plans.filter(status="active").exists()
    assert not customer.payments.filter(status="pending").exists()
    assert not Dispute.objects.filter(invoice__customer=customer, status="open").exists()
    a_week_ago = timezone.now() - timedelta(days=7)
    assert not customer.contacts.filter(at__gt=a_week_ago).exists()
    noon = datetime.combine(timezone.localdate(), time(12), ZoneInfo(customer.time_zone)).astimezone(UTC)
    assert decide(contact_snapshot(invoice=oldest, now=noon)).allowed


def test_the_dozen_live_in_four_zones(demo):
    zones = list(Customer.objects.filter(number__in=DOZEN).values_list("time_zone", flat=True))
    places = ("America/Los_Angeles", "America/New_York", "Europe/London", "Australia/Sydney")
    assert {zone: zones.count(zone) for zone in places} == dict.fromkeys(places, 3)


def test_every_number_is_one_that_nobody_has_and_is_answered_by_its_person(demo):
    people = json.loads((settings.BASE_DIR / "demo/people.json").read_text())
    assert {(person["customer_number"], person["phone"]) for person in people} == set(
        ContactPoint.objects.filter(kind="phone", is_primary=True).values_list("customer__number", "value")
    )
    reserved = ("+121355501", "+121255501", "+442079460", "+6125550")
    for value in ContactPoint.objects.filter(kind="phone").values_list("value", flat=True):
        assert value.startswith(reserved)


def states(model):
    return set(model.objects.values_list("status", flat=True))
