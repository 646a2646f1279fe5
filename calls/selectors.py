"""Reads: what the policy, the pages and the agent need to know."""

from datetime import datetime

import phonenumbers
from phonenumbers import timezone as phone_zones

from calls.models import Call
from calls.policy import Snapshot
from calls.states import LIVE
from invoices.models import Customer, Invoice


def contact_snapshot(*, invoice: Invoice, now: datetime, ignoring: Call | None = None) -> Snapshot:
    """The facts for ringing about `invoice` at `now`; `ignoring` is the call that is asking."""
    live = Call.objects.filter(customer_id=invoice.customer_id, status__in=sorted(LIVE))
    if ignoring is not None:
        live = live.exclude(pk=ignoring.pk)
    return Snapshot(
        now=now,
        invoice_status=invoice.status,
        balance_positive=invoice.balance > 0,
        zones=customer_zones(invoice.customer),
        other_live_call=live.exists(),
    )


def customer_zones(customer: Customer) -> tuple[str, ...]:
    """Every zone the customer may be in: the one on file and those of the number."""
    number = phonenumbers.parse(str(customer.phone), None)
    return tuple(sorted({customer.time_zone, *phone_zones.time_zones_for_number(number)}))
