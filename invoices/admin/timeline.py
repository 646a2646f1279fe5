"""The timeline of a row: who, when, what, before and after, why."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from invoices.admin.panels import Column, Panel, panel, row_link
from invoices.models import (
    ApiToken,
    Consent,
    Contact,
    ContactPoint,
    Customer,
    Dispute,
    Event,
    Hold,
    Invoice,
    Note,
    Payment,
    PaymentPlan,
    PromiseToPay,
    WebhookEndpoint,
    Wish,
)
from invoices.money import amount_text
from invoices.selectors import invoices_of
from invoices.templatetags.ledger import event_text, plain

AMOUNTS = frozenset({"amount", "total", "balance", "credit", "tax", "unallocated"})
NEWEST = 100
# By Event.object_type.
MODELS: dict[str, type[Model]] = {
    "customer": Customer,
    "contact_point": ContactPoint,
    "consent": Consent,
    "hold": Hold,
    "wish": Wish,
    "contact": Contact,
    "note": Note,
    "invoice": Invoice,
    "payment": Payment,
    "promise": PromiseToPay,
    "plan": PaymentPlan,
    "dispute": Dispute,
    "api_token": ApiToken,
    "webhook": WebhookEndpoint,
}


def timeline_of(row: Model, object_type: str) -> Panel:
    return timeline_about(object_type, str(row.pk), currency=getattr(row, "currency", ""))


def timeline_about(object_type: str, object_id: str, *, currency: str = "") -> Panel:
    events = Event.objects.filter(object_type=object_type, object_id=object_id)
    return timeline(events.select_related("actor").order_by("-id"), currency=currency)


def timeline(events: QuerySet[Event], *, currency: str = "") -> Panel:
    """Of one object, its money in `currency`."""
    shown = list(events[: NEWEST + 1])
    return _panel(shown, {event.pk: currency for event in shown})


def timeline_of_many(events: QuerySet[Event]) -> Panel:
    """Of several objects, each named, the money of an invoice in its own currency."""
    shown = list(events[: NEWEST + 1])
    invoices = invoices_of(shown)
    owned = {event.pk: invoices.get(event.object_id) for event in shown if event.object_type == "invoice"}
    currencies = {pk: invoice.currency for pk, invoice in owned.items() if invoice is not None}
    names = {pk: invoice.number for pk, invoice in owned.items() if invoice is not None}
    return _panel(shown, currencies, Column("About", lambda event: about(event, names.get(event.pk, ""))))


def _panel(events: Sequence[Event], currencies: Mapping[int, str], *more: Column) -> Panel:
    return panel(
        "Timeline",
        events,
        Column("When (UTC)", lambda event: date_format(event.at, "j M Y, H:i")),
        Column("Who", who),
        *more,
        Column("What", event_text),
        Column("Before and after", lambda event: changes(event, currencies.get(event.pk, ""))),
        Column("Why", lambda event: event.reason),
        anchor="timeline",
        most=NEWEST,
    )


def about(event: Event, name: str = "") -> SafeString | str:
    """What the event is about, leading to its page."""
    kind = event.object_type.replace("_", " ")
    model = MODELS.get(event.object_type)
    text = f"{kind} {name or event.object_id}"
    return row_link(model(pk=event.object_id), text) if model else text


def who(event: Event) -> str:
    return event.actor.get_username() if event.actor else event.source


def changes(event: Event, currency: str = "") -> SafeString:
    """What the event says has changed, a line for each: “balance: $10.00 → $0.00”."""
    currency = str(event.after.get("currency") or currency)
    names = dict.fromkeys([*event.before, *event.after])
    lines = [(_line(name, event.before, event.after, currency),) for name in names if name != "currency"]
    return format_html_join("", "<div>{}</div>", [line for line in lines if line[0]])


def _line(name: str, before: dict[str, Any], after: dict[str, Any], currency: str) -> str:
    new = _plain(name, after.get(name), currency)
    old = _plain(name, before.get(name), currency)
    label = name.replace("_", " ")
    if name in before and name in after:
        return f"{label}: {old or 'nothing'} → {new or 'nothing'}"
    said = new or old
    return f"{label}: {said}" if said else ""


def _plain(name: str, value: Any, currency: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    if name in AMOUNTS:
        try:
            amount = Decimal(str(value))
            return amount_text(amount, currency) if currency else plain(amount)
        except (InvalidOperation, ValidationError):
            return str(value)
    return str(value)
