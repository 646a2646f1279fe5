"""How the ledger is written on pages: money in its currency, states by their derived names, times where people are."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django import template
from django.core.exceptions import ValidationError
from django.utils.formats import date_format

from invoices.models import Event, Invoice
from invoices.money import amount_text

register = template.Library()

EVENT_TEXTS = {
    "invoice_paid": "Paid in full",
    "invoice_void": "Voided",
    "invoice_uncollectible": "Written off as uncollectible",
    "payment_posted": "Payment posted",
    "payment_released": "Payment taken off",
    "balance_cleared": "Nothing is owed any more",
    "credited": "Credit note issued",
    "promise_recorded": "Promise to pay recorded",
    "plan_created": "Payment plan agreed",
    "contact_point_added": "Number or address added",
    "contact_point_made_primary": "Number or address made primary",
    "contact_point_marked_wrong": "Number or address found to be somebody else's",
    "contact_point_verified": "Number or address verified",
    "contact_point_allowed": "Use of a number or address changed",
    "consent_revoked": "Consent taken back",
    "kill_switch_on": "All calls stopped",
    "kill_switch_off": "Calls allowed again",
}


@register.filter
def money(amount: Decimal, currency: str) -> str:
    return amount_text(amount, currency)


@register.filter
def plain(number: Decimal) -> str:
    """A quantity or a rate without the zeros that its column adds: “1.5”."""
    return f"{number.normalize():f}"


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
    if event.kind in ("created", "corrected"):
        return f"{event.object_type.capitalize()} {event.kind}"
    if event.kind == "invoice_open":
        return "Issued" if event.before.get("status") == Invoice.Status.DRAFT else "Owed again"
    return EVENT_TEXTS.get(event.kind, event.kind.replace("_", " ").capitalize())


@register.filter
def event_invoice(event: Event, invoices: Mapping[str, Invoice]) -> Invoice | None:
    """The invoice that the event happened to, out of `invoices` by id."""
    return invoices.get(event.object_id) if event.object_type == "invoice" else None


@register.filter
def event_detail(event: Event, currency: str = "") -> str:
    """Amount and date that an event names, as the rest of the sentence."""
    detail = ""
    currency = currency or str(event.after.get("currency", ""))
    with suppress(KeyError, InvalidOperation, ValidationError):
        detail += f": {amount_text(Decimal(str(event.after['amount'])), currency)}"
    with suppress(KeyError, ValueError):
        detail += f" by {date_format(date.fromisoformat(str(event.after['due_date'])), 'j F Y')}"
    return detail
