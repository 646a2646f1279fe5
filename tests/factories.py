"""Rows for tests, made through the services that make them in life. Calls alone are set down in any state."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from factory.declarations import LazyAttribute, LazyFunction, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from calls.models import Call, ContactDecision, TranscriptLine
from invoices.models import Customer, Invoice
from invoices.services.documents import invoice_create
from invoices.services.parties import customer_create


class CustomerFactory(DjangoModelFactory[Customer]):
    """A person in London, where it is a lawful hour at the fixture `noon`."""

    class Meta:
        model = Customer

    number = Sequence(lambda n: f"C-{1000 + n}")
    name = Sequence(lambda n: f"Alice Walker {n}")
    phone = "+442079460107"
    email = "alice@example.com"
    city = "London"
    country = "GB"
    time_zone = "Europe/London"
    birth_month = 2
    birth_day = 28

    @classmethod
    def _create(cls, model_class: type[Customer], *args: Any, **kwargs: Any) -> Customer:
        return customer_create(source="test", **kwargs)


class InvoiceFactory(DjangoModelFactory[Invoice]):
    """An open invoice of 120.50 GBP, three weeks overdue."""

    class Meta:
        model = Invoice

    customer = SubFactory(CustomerFactory)
    number = Sequence(lambda n: f"INV-{5000 + n}")
    currency = "GBP"
    total = "120.50"
    issue_date = LazyFunction(lambda: timezone.localdate() - timedelta(days=51))
    due_date = LazyFunction(lambda: timezone.localdate() - timedelta(days=21))
    description = "Lanterns"

    @classmethod
    def _create(cls, model_class: type[Invoice], *args: Any, **kwargs: Any) -> Invoice:
        return invoice_create(source="test", **kwargs)


class CallFactory(DjangoModelFactory[Call]):
    class Meta:
        model = Call

    invoice = SubFactory(InvoiceFactory)
    customer = SelfAttribute("invoice.customer")
    to_number = "+442079460107"


class DecisionFactory(DjangoModelFactory[ContactDecision]):
    class Meta:
        model = ContactDecision

    call = SubFactory(CallFactory)
    moment = "request"
    allowed = True
    policy_version = "test"
    decided_at = LazyFunction(timezone.now)


class LineFactory(DjangoModelFactory[TranscriptLine]):
    class Meta:
        model = TranscriptLine

    call = SubFactory(CallFactory)
    seq = Sequence(int)
    speaker = "agent"
    text = "May I speak with Alice Walker?"
    start_ms = LazyAttribute(lambda line: 1000 * line.seq)
    end_ms = LazyAttribute(lambda line: line.start_ms + 900)
