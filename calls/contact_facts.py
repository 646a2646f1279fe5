"""From the rows of the ledger and of past calls to the facts that the policy decides on."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import accumulate

from django.db.models import Q

from calls.house import house_facts
from calls.models import MAY_HAVE_RUNG, Call, Disposition
from calls.policy import Snapshot
from calls.policy import snapshot as facts
from calls.states import LIVE, Status
from invoices import models as ledger
from invoices.agreement_selectors import received_for
from invoices.party_selectors import wishes_standing

# “..., Los Angeles, CA 90012”
STATE_AND_ZIP = re.compile(r"\b([A-Z]{2}) (\d{5})(-\d{4})?$")
# The longest window that a rule counts in; what came after the last conversation is looked at for a year.
LOOK_BACK = timedelta(days=31)
AFTER_CONVERSATION = timedelta(days=366)

# What a call came to, in the words in which contacts are counted; anything else was a conversation.
NOT_A_CONVERSATION: dict[str, str] = {
    Disposition.NO_ANSWER: "no_answer",
    Disposition.BUSY: "no_answer",
    Disposition.FAILED: "no_answer",
    Disposition.INVALID_NUMBER: "not_connected",
    Disposition.VOICEMAIL_LEFT: "message_left",
    Disposition.VOICEMAIL_NOT_LEFT: "no_answer",
    Disposition.CALL_SCREENED: "third_party",
    Disposition.FAX: "no_answer",
    Disposition.IVR: "third_party",
    Disposition.NO_RESPONSE: "no_answer",
    Disposition.CALL_SCREENED: "third_party",
    Disposition.FAX: "no_answer",
    Disposition.IVR: "no_answer",
    Disposition.CANCELLED: "no_answer",
    Disposition.BLOCKED_BY_POLICY: "no_answer",
    Disposition.WRONG_NUMBER: "third_party",
    Disposition.THIRD_PARTY: "third_party",
}


def contact_snapshot(*, invoice: ledger.Invoice, now: datetime, ignoring: Call | None = None) -> Snapshot:
    """The facts for ringing about `invoice` at `now`; `ignoring` is the call that is asking."""
    customer = invoice.customer
    live = Call.objects.filter(customer_id=customer.pk, status__in=sorted(LIVE))
    if ignoring is not None:
        live = live.exclude(pk=ignoring.pk)
    return Snapshot(
        now=now,
        house=house_facts(now, ignoring=ignoring),
        invoices=(_invoice(invoice),),
        person=_person(customer),
        number=_number(customer, ignoring),
        consents=tuple(map(_consent, customer.consents.select_related("contact_point"))),
        holds=tuple(_hold(hold) for hold in _holds(customer, now)),
        wishes=tuple(_wish(wish) for wish in wishes_standing(customer, now)),
        promises=tuple(map(_promise, customer.promises.prefetch_related("invoices"))),
        plans=tuple(map(_plan, customer.plans.prefetch_related("invoices", "instalments"))),
        contacts=_contacts(customer, now, ignoring),
        other_live_call=live.exists(),
    )


def place_snapshot(*, customer: ledger.Customer, now: datetime) -> Snapshot:
    """The facts that say where the customer may be, without any debt: enough for the packs, not for a decision."""
    return Snapshot(
        now=now, house=house_facts(now), invoices=(), person=_person(customer), number=_number(customer, None)
    )


def _invoice(invoice: ledger.Invoice) -> facts.Invoice:
    open_dispute = invoice.disputes.filter(status=ledger.Dispute.Status.OPEN).first()
    pending = invoice.customer.payments.filter(
        status=ledger.Payment.Status.PENDING, currency=invoice.currency
    )
    return facts.Invoice(
        id=str(invoice.pk),
        number=invoice.number,
        status=invoice.status,
        currency=invoice.currency,
        balance=invoice.balance,
        due=invoice.due_date,
        disputed=open_dispute.amount if open_dispute else Decimal(0),
        payment_pending=pending.exists(),
    )


def _person(customer: ledger.Customer) -> facts.Person:
    """Where the state is not a field of its own, it is read from the end of an American address."""
    in_address = STATE_AND_ZIP.search(customer.address) if customer.country == "US" else None
    state, postal_code = in_address.group(1, 2) if in_address else ("", "")
    return facts.Person(
        kind=customer.kind,
        country=customer.country,
        time_zone=customer.time_zone,
        state=customer.state or state,
        city=customer.city,
        postal_code=customer.postal_code or postal_code,
        exclude_from_dunning=customer.exclude_from_dunning,
    )


def _number(customer: ledger.Customer, asking: Call | None) -> facts.Number:
    """The primary number. One that has changed since the call was asked for is not rung by that call."""
    point = customer.phone
    if point is None:
        return facts.Number(value="", wrong=True)
    changed = asking is not None and not asking.is_test and asking.to_number != point.value
    return facts.Number(
        value=point.value,
        line_type=point.line_type,
        place=point.place,
        wrong=point.wrong_at is not None or changed,
        allows_voice=point.allows_voice,
        verified=point.verified_at is not None,
    )


def _consent(row: ledger.Consent) -> facts.Consent:
    return facts.Consent(
        channel=row.channel,
        act=row.act,
        basis=row.basis,
        captured_at=row.captured_at,
        purpose=row.purpose,
        number=row.contact_point.value if row.contact_point else None,
    )


def _holds(customer: ledger.Customer, now: datetime) -> Iterable[ledger.Hold]:
    """Those that stand and those that begin later: the next slot must not fall into one."""
    return customer.holds.filter(Q(ends_at=None) | Q(ends_at__gt=now), lifted_at=None)


def _hold(row: ledger.Hold) -> facts.Hold:
    return facts.Hold(
        kind=row.kind,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        invoice=str(row.invoice_id) if row.invoice_id else None,
    )


def _wish(row: ledger.Wish) -> facts.Wish:
    return facts.Wish(
        kind=row.kind,
        number=row.contact_point.value if row.contact_point else None,
        place=row.place,
        channel=row.channel,
        time_from=row.time_from,
        time_until=row.time_until,
        weekdays=tuple(row.weekdays),
        not_before=row.not_before,
    )


def _promise(row: ledger.PromiseToPay) -> facts.Promise:
    return facts.Promise(status=row.status, due=row.due_date, invoices=_named(row.invoices.all()))


def _plan(row: ledger.PaymentPlan) -> facts.Plan:
    received = sum((amount for _, amount in received_for(row)), Decimal(0))
    parts = list(row.instalments.all())
    due_by_then = accumulate(part.amount for part in parts)
    unpaid = (part.due_date for part, due in zip(parts, due_by_then, strict=True) if due > received)
    return facts.Plan(status=row.status, next_unpaid=next(unpaid, None), invoices=_named(row.invoices.all()))


def _named(invoices: Iterable[ledger.Invoice]) -> tuple[str, ...]:
    return tuple(str(invoice.pk) for invoice in invoices)


def _contacts(customer: ledger.Customer, now: datetime, asking: Call | None) -> tuple[facts.Contact, ...]:
    """All of the last 31 days, and all that came after the last conversation."""
    since = now - AFTER_CONVERSATION
    found = [*_calls(customer, since, asking), *_by_hand(customer, since)]
    talked = max((each.at for each in found if each.talked), default=since)
    return tuple(each for each in found if each.at >= min(talked, now - LOOK_BACK))


def _calls(customer: ledger.Customer, since: datetime, asking: Call | None) -> list[facts.Contact]:
    """Every call that the carrier took, or may have taken. Test calls rang a colleague."""
    rang = Call.objects.filter(customer=customer, is_test=False, requested_at__gte=since)
    never_dialled = Q(status__in=[Status.FAILED, Status.CANCELED, Status.PLACING], carrier_sid=None)
    rang = rang.exclude(status__in=[Status.REQUESTED, Status.BLOCKED]).exclude(
        never_dialled & ~Q(end_reason=MAY_HAVE_RUNG)
    )
    if asking is not None:
        rang = rang.exclude(pk=asking.pk)
    return [
        facts.Contact(
            at=call.placed_at or call.requested_at,
            direction="outbound",
            outcome=NOT_A_CONVERSATION.get(call.disposition, "conversation")
            if call.answered_at
            else "no_answer",
            invoices=tuple(map(str, call.discussed or [call.invoice_id])),
            reached_network=call.status != Status.FAILED or call.end_reason == MAY_HAVE_RUNG,
            misdirected=call.disposition == Disposition.WRONG_NUMBER,
        )
        for call in rang
    ]


def _by_hand(customer: ledger.Customer, since: datetime) -> list[facts.Contact]:
    rows = customer.contacts.filter(at__gte=since).prefetch_related("invoices")
    return [
        facts.Contact(
            at=row.at,
            direction=row.direction,
            channel=row.channel,
            outcome=row.outcome,
            invoices=_named(row.invoices.all()),
            reached_network=row.outcome != ledger.Contact.Outcome.NOT_CONNECTED,
        )
        for row in rows
    ]
