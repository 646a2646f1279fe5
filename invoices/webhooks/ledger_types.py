"""The messages of the ledger: money that came in, promises, disputes, and who wants no more contact.

They carry numbers and ids, not names, addresses or telephone numbers: whoever may know these reads them in the API.
"""

from decimal import Decimal
from typing import Any

from invoices.models import Consent, Customer, Dispute, Event, Hold, Invoice, PromiseToPay, Wish
from invoices.money import amount_exact
from invoices.webhooks.types import MessageType, Told


def told_of(event: Event, data: dict[str, Any]) -> Told:
    return Told(about=f"event {event.pk}", data=data)


def customer_data(customer: Customer) -> dict[str, Any]:
    return {"id": customer.pk, "number": customer.number}


def invoice_data(invoice: Invoice) -> dict[str, Any]:
    return {
        "id": invoice.pk,
        "number": invoice.number,
        "status": invoice.status,
        "currency": invoice.currency,
        "total": money(invoice.total, invoice.currency),
        "balance": money(invoice.balance, invoice.currency),
        "due_date": invoice.due_date.isoformat(),
    }


def money(amount: Decimal, currency: str) -> str:
    """A decimal number with the currency's own decimals: "120.50"."""
    return str(amount_exact(amount, currency))


def _promise(event: Event) -> Told:
    promise = PromiseToPay.objects.select_related("customer").get(pk=event.object_id)
    call = promise.source_call_id
    data = {
        "promise": {
            "id": promise.pk,
            "status": promise.status,
            "amount": money(promise.amount, promise.currency),
            "currency": promise.currency,
            "due_date": promise.due_date.isoformat(),
            "call": str(call) if call else None,
        },
        "customer": customer_data(promise.customer),
        "invoices": [invoice_data(invoice) for invoice in promise.invoices.order_by("pk")],
    }
    return told_of(event, data)


def _dispute(event: Event) -> Told:
    dispute = Dispute.objects.select_related("invoice__customer").get(pk=event.object_id)
    data = {
        "dispute": {
            "id": dispute.pk,
            "reason": dispute.reason,
            "amount": money(dispute.amount, dispute.invoice.currency),
            "currency": dispute.invoice.currency,
        },
        "customer": customer_data(dispute.invoice.customer),
        "invoice": invoice_data(dispute.invoice),
    }
    return told_of(event, data)


def _invoice(event: Event) -> Told:
    invoice = Invoice.objects.select_related("customer").get(pk=event.object_id)
    return told_of(event, {"invoice": invoice_data(invoice), "customer": customer_data(invoice.customer)})


def _opt_out(event: Event) -> Told | None:
    """Consent taken back, contact ended in writing, or a channel that is not wanted; other holds and wishes are not."""
    channel: str | None
    point: int | None = None
    if event.object_type == "consent":
        consent = Consent.objects.get(pk=event.object_id)
        how, channel, point = "consent_revoked", consent.channel, consent.contact_point_id
    elif event.object_type == "hold":
        if event.after.get("kind") != Hold.Kind.CEASE_COMMUNICATION:
            return None
        how, channel = "cease_communication", None
    else:
        if event.after.get("kind") != Wish.Kind.NOT_BY:
            return None
        how, channel = "channel_not_wanted", str(event.after.get("channel"))
    if event.customer is None:
        return None
    opted_out = {"how": how, "channel": channel, "contact_point": point}
    return told_of(event, {"opt_out": opted_out, "customer": customer_data(event.customer)})


LEDGER_TYPES = (
    MessageType("promise.made", "Promise made", frozenset({("promise", "promise_recorded")}), _promise),
    MessageType("promise.kept", "Promise kept", frozenset({("promise", "promise_kept")}), _promise),
    MessageType(
        "promise.partially_kept",
        "Promise kept in part",
        frozenset({("promise", "promise_partially_kept")}),
        _promise,
    ),
    MessageType("promise.broken", "Promise broken", frozenset({("promise", "promise_broken")}), _promise),
    MessageType("dispute.opened", "Dispute opened", frozenset({("dispute", "dispute_opened")}), _dispute),
    MessageType("invoice.paid", "Invoice paid", frozenset({("invoice", "invoice_paid")}), _invoice),
    MessageType(
        "contact.opted_out",
        "Opt-out",
        frozenset({("consent", "consent_revoked"), ("hold", "hold_set"), ("wish", "wish_recorded")}),
        _opt_out,
    ),
)
