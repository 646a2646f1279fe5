"""What a call writes into the books: the ledger, consents, contact points. The only door from calls to their services.

A test call rings a colleague, whose “yes” is nobody's promise: each entry here takes the call first and makes none for
it. What the conversation came to stays on the call itself, where the caller of these writes it.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import wraps
from typing import Concatenate, ParamSpec

from calls.models import Call
from invoices.local_time import customer_today
from invoices.models import Channel, Consent, ContactPoint
from invoices.services.contact_points import contact_point_mark_wrong
from invoices.services.contact_rules import consent_record
from invoices.services.promises import promise_record

P = ParamSpec("P")


def _spares_tests(entry: Callable[Concatenate[Call, P], None]) -> Callable[Concatenate[Call, P], None]:
    """Make no entry for a test call."""

    @wraps(entry)
    def spared(call: Call, /, *args: P.args, **kwargs: P.kwargs) -> None:
        if not call.is_test:
            entry(call, *args, **kwargs)

    return spared


@_spares_tests
def promise_enter(call: Call, *, amount: Decimal, due_date: date, source: str) -> None:
    """The customer's promise to pay for the call's invoice, once for the call. Raises as `promise_record` does."""
    promise_record(
        invoices=[call.invoice],
        amount=amount,
        due_date=due_date,
        today=customer_today(call.customer),
        source=source,
        source_call_id=call.pk,
    )


@_spares_tests
def opt_out_enter(call: Call, *, source: str) -> None:
    """The customer wants no more calls, on no number."""
    consent_record(
        customer=call.customer,
        channel=Channel.VOICE,
        act=Consent.Act.REVOKED,
        basis=Consent.Basis.ORAL,
        evidence="Said in a call that no more calls are wanted.",
        source_call_id=call.pk,
        source=source,
    )


@_spares_tests
def wrong_number_enter(call: Call, *, source: str) -> None:
    """The number that was rung is somebody else's."""
    rung = call.customer.contact_points.filter(
        kind=ContactPoint.Kind.PHONE, value=call.to_number, wrong_at=None
    )
    for point in rung:
        contact_point_mark_wrong(contact_point=point, source=source)
