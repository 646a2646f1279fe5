"""What pages and API show of calls. The same picture is drawn by page, poll and socket, so that all three agree."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils import timezone

from calls.contact_facts import contact_snapshot, place_snapshot
from calls.house_talk import agent_voice
from calls.models import Call
from calls.policy import OVERRIDABLE, Decision, decide, place_pack
from calls.states import LIVE
from invoices.models import Customer, Event, Invoice

CALLS_SHOWN = 6
# A customer's page asks about so many of the open invoices, those that are due first.
INVOICES_ASKED = 5


@dataclass(frozen=True)
class Step:
    """One line of a call's history."""

    at: datetime
    kind: str
    who: str
    reason: str


def calls_shown() -> QuerySet[Call]:
    """Calls with what a list of them shows, the latest first."""
    return Call.objects.select_related("invoice", "customer", "requested_by").order_by("-requested_at")


def calls_live() -> QuerySet[Call]:
    return calls_shown().filter(status__in=sorted(LIVE))


def calls_recent() -> QuerySet[Call]:
    return calls_shown().exclude(status__in=sorted(LIVE))


def call_steps(call: Call) -> list[Step]:
    """The call's history from its events."""
    events = Event.objects.filter(object_type="call", object_id=str(call.pk)).select_related("actor")
    return [Step(event.at, event.kind, _who(event), event.reason) for event in events]


def _who(event: Event) -> str:
    return event.actor.get_username() if event.actor is not None else event.source


def call_picture(call_id: UUID) -> dict[str, Any] | None:
    """Everything the call page shows, read now; None for a call that is not there."""
    shown = (
        calls_shown().select_related("review").prefetch_related("decisions", "transcript", "confirmations")
    )
    call = shown.filter(pk=call_id).first()
    if call is None:
        return None
    return {
        "call": call,
        "customer": call.customer,
        "lines": list(call.transcript.all()),
        "steps": call_steps(call),
        "review": getattr(call, "review", None),
        "decisions": list(call.decisions.all()),
        "confirmations": list(call.confirmations.all()),
        "agent_name": _who_speaks(call),
        "now": timezone.now(),
    }


def _who_speaks(call: Call | None) -> str:
    announced = call is not None and call.announced_at is not None
    return "Announcement" if announced else str(agent_voice().name)


def invoice_picture(invoice_id: int, *, user: User) -> dict[str, Any] | None:
    """What the invoice's pages show of its calls: may we ring now, the call under way or the last one, and the list."""
    invoice = Invoice.objects.select_related("customer").filter(pk=invoice_id).first()
    if invoice is None:
        return None
    calls = list(calls_shown().filter(invoice=invoice)[:CALLS_SHOWN])
    current = calls[0] if calls else None
    now = timezone.now()
    decision = ring_decision(invoice, now=now)
    return {
        "invoice": invoice,
        "customer": invoice.customer,
        "decision": decision,
        "may_ring": user.has_perm("calls.place_call"),
        "may_override": user.has_perms(["calls.place_call", "calls.override_contact_rules"])
        and not decision.allowed
        and all(reason.rule in OVERRIDABLE for reason in decision.reasons),
        "call": current,
        "lines": list(current.transcript.all()) if current else [],
        "decisions": list(current.decisions.all()) if current else [],
        "calls": calls,
        # A fresh key for the next press; a second press of the same picture repeats it.
        "idempotency_key": uuid4(),
        "agent_name": _who_speaks(current),
        "now": now,
    }


def ring_decision(invoice: Invoice, *, now: datetime) -> Decision:
    return decide(contact_snapshot(invoice=invoice, now=now))


def customer_picture(customer_id: int) -> dict[str, Any] | None:
    """What a customer's page shows of the policy: the packs that apply, and whether there is an invoice to ring about.

    `invoice` and `decision` are of the one that may be rung about first; None without an open invoice.
    """
    customer = Customer.objects.filter(pk=customer_id).first()
    if customer is None:
        return None
    now = timezone.now()
    invoice, decision = _soonest(customer, now)
    return {
        "customer": customer,
        "packs": place_pack(place_snapshot(customer=customer, now=now)),
        "invoice": invoice,
        "decision": decision,
        "now": now,
    }


def _soonest(customer: Customer, now: datetime) -> tuple[Invoice | None, Decision | None]:
    invoices = customer.invoices.select_related("customer").filter(status=Invoice.Status.OPEN)
    asked = []
    for invoice in invoices.order_by("due_date", "pk")[:INVOICES_ASKED]:
        decision = ring_decision(invoice, now=now)
        if decision.allowed:
            return invoice, decision
        asked.append((invoice, decision))
    return min(asked, key=lambda each: _opens(each[1]), default=(None, None))


def _opens(decision: Decision) -> datetime:
    return decision.next_allowed_at or datetime.max.replace(tzinfo=UTC)
