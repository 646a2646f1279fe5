"""Reads: what the policy, the pages and the agent need to know."""

from datetime import datetime

import phonenumbers
from phonenumbers import timezone as phone_zones

from calls.models import Call
from calls.policy import Snapshot
from calls.states import LIVE
from invoices.models import ContactPoint, Invoice


def contact_snapshot(*, invoice: Invoice, now: datetime, ignoring: Call | None = None) -> Snapshot:
    """The facts for ringing about `invoice` at `now`; `ignoring` is the call that is asking."""
    phone = invoice.customer.phone
    live = Call.objects.filter(customer_id=invoice.customer_id, status__in=sorted(LIVE))
    if ignoring is not None:
        live = live.exclude(pk=ignoring.pk)
    return Snapshot(
        now=now,
        invoice_status=invoice.status,
        balance_positive=invoice.balance > 0,
        number_usable=_number_usable(phone, ignoring),
        zones=customer_zones(invoice.customer.time_zone, phone),
        other_live_call=live.exists(),
    )


def _number_usable(phone: ContactPoint | None, asking: Call | None) -> bool:
    """Whether there is a number to ring; for a call that was asked for earlier, whether it is still that number."""
    if phone is None:
        return False
    return asking is None or asking.is_test or asking.to_number == phone.value


def customer_zones(stated: str, phone: ContactPoint | None) -> tuple[str, ...]:
    """Every zone the customer may be in: the one on file and those of the number."""
    if phone is None:
        return (stated,)
    number = phonenumbers.parse(phone.value, None)
    return tuple(sorted({stated, *phone_zones.time_zones_for_number(number)}))
