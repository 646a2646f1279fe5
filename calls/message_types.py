"""The one message of calls to systems outside: a call has ended and what it came to is known."""

from datetime import UTC, datetime

from calls.models import Call
from calls.states import LIVE, Status
from invoices.models import Event
from invoices.webhooks.types import MessageType, Told

# Whichever comes last, the end of the call or the word on what it came to, is told.
ENDS = frozenset(("call", f"call_{status}") for status in Status.values if status not in LIVE)


def _ended(event: Event) -> Told | None:
    call = Call.objects.select_related("invoice", "customer").get(pk=event.object_id)
    if not call.is_settled:
        return None
    data = {
        "call": {
            "id": str(call.pk),
            "status": call.status,
            "disposition": call.disposition,
            "is_test": call.is_test,
            "requested_at": _written(call.requested_at),
            "answered_at": _written(call.answered_at),
            "ended_at": _written(call.ended_at),
            "agreed": call.agreed,
        },
        "invoice": {"id": call.invoice_id, "number": call.invoice.number},
        "customer": {"id": call.customer_id, "number": call.customer.number},
    }
    return Told(about=f"call {call.pk}", data=data)


def _written(at: datetime | None) -> str | None:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


CALL_ENDED = MessageType("call.ended", "Call ended", ENDS | {("call", "call_concluded")}, _ended)
