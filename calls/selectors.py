"""Reads: what the policy, the pages and the agent need to know."""

import re
from datetime import datetime

from django.conf import settings

from calls.models import Call
from calls.policy import Snapshot
from calls.policy.snapshot import Consent, House, Number, Person, Promise
from calls.policy.snapshot import Invoice as InvoiceFacts
from calls.states import LIVE
from invoices.models import Customer, Invoice, PromiseToPay

# “..., Los Angeles, CA 90012”
STATE_AND_ZIP = re.compile(r"\b([A-Z]{2}) (\d{5})(-\d{4})?$")
COUNTRIES = ("US", "GB", "AU")


def contact_snapshot(*, invoice: Invoice, now: datetime, ignoring: Call | None = None) -> Snapshot:
    """The facts for ringing about `invoice` at `now`; `ignoring` is the call that is asking."""
    customer = invoice.customer
    live = Call.objects.filter(customer_id=customer.pk, status__in=sorted(LIVE))
    if ignoring is not None:
        live = live.exclude(pk=ignoring.pk)
    return Snapshot(
        now=now,
        house=House(legal_name=settings.BUSINESS_LEGAL_NAME, countries=COUNTRIES, keeps_holidays=False),
        invoices=(_invoice_facts(invoice),),
        person=_person_facts(customer),
        number=Number(value=str(customer.phone)),
        consents=(_number_given(customer),),
        promises=tuple(
            Promise(status=promise.status, due=promise.due_date, invoices=(str(invoice.pk),))
            for promise in invoice.promises.filter(status=PromiseToPay.Status.OPEN)
        ),
        other_live_call=live.exists(),
    )


def _invoice_facts(invoice: Invoice) -> InvoiceFacts:
    return InvoiceFacts(
        id=str(invoice.pk),
        number=invoice.number,
        status=invoice.status,
        currency=invoice.currency,
        balance=invoice.balance,
        due=invoice.due_date,
    )


def _person_facts(customer: Customer) -> Person:
    in_address = STATE_AND_ZIP.search(customer.address) if customer.country == "US" else None
    state, postal_code = in_address.group(1, 2) if in_address else ("", "")
    return Person(
        kind=customer.kind,
        country=customer.country,
        time_zone=customer.time_zone,
        state=state,
        city=customer.city,
        postal_code=postal_code,
    )


def _number_given(customer: Customer) -> Consent:
    """The number on file is the one that the customer gave for the account."""
    return Consent(
        channel="voice",
        act="given",
        basis="number_given",
        captured_at=customer.created_at,
        number=str(customer.phone),
    )
