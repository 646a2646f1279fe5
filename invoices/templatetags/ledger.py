"""How the ledger is written on pages: money in its currency, states by their derived names, times where people are."""

from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django import template
from django.utils.formats import date_format

from invoices.models import Event, Invoice
from invoices.money import amount_text

register = template.Library()

EVENT_TEXTS = {
    "created": "Invoice created",
    "invoice_open": "Issued",
    "invoice_paid": "Paid in full",
    "invoice_void": "Voided",
    "invoice_uncollectible": "Written off as uncollectible",
    "payment_posted": "Payment posted",
    "promise_recorded": "Promise to pay recorded",
}


@register.filter
def money(amount: Decimal, currency: str) -> str:
    return amount_text(amount, currency)


@register.filter
def in_zone(at: datetime, zone: str) -> datetime | None:
    """`at` where the clock of `zone` is read; None for a zone that is not known."""
    try:
        return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    except (ZoneInfoNotFoundError, ValueError):
        return None


@register.filter
def state_of(invoice: Invoice, today: date) -> str:
    """The state as staff speak of it: "overdue" and "part paid" are seen in dates and balance, not stored."""
    if invoice.status != Invoice.Status.OPEN:
        return invoice.get_status_display()
    if invoice.due_date < today:
        return "Overdue"
    return "Part paid" if invoice.balance < invoice.total else "Open"


@register.filter
def days_from(day: date, today: date) -> int:
    return (today - day).days


@register.filter
def event_text(event: Event) -> str:
    return EVENT_TEXTS.get(event.kind, event.kind.replace("_", " ").capitalize())


@register.filter
def event_detail(event: Event, currency: str) -> str:
    """Amount and date that an event names, as the rest of the sentence."""
    detail = ""
    with suppress(KeyError, InvalidOperation):
        detail += f": {amount_text(Decimal(str(event.after['amount'])), currency)}"
    with suppress(KeyError, ValueError):
        detail += f" by {date_format(date.fromisoformat(str(event.after['due_date'])), 'j F Y')}"
    return detail
