"""One more call after one that nobody answered, by the house's rules: planned, made when it is due, or withdrawn.

A retry is a new call, asked for like any other and so through the gate. Planning and making are safe to repeat: a call
has one retry, and a retry makes one call.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from calls.contact_facts import contact_snapshot
from calls.house import house_rules
from calls.interrupts import OF_THE_LEDGER
from calls.models import LONGEST_REASON, Call, ContactDecision, Disposition, Retry
from calls.policy import decide
from calls.retry_slots import retry_slot
from calls.services import call_request
from calls.states import Status
from invoices.events import event_record
from invoices.fields import text_at
from invoices.models import Contact, Event, Invoice, PaymentPlan, PromiseToPay
from invoices.party_selectors import holds_standing

logger = logging.getLogger(__name__)
SOURCE = "retry"

# Nobody spoke, and nobody's voicemail was spoken to.
UNANSWERED = (Disposition.NO_ANSWER, Disposition.BUSY, Disposition.VOICEMAIL_NOT_LEFT)
# Rules that forbid for a while, though nobody knows for how long; a retry waits for them.
PASSING = frozenset({"kill_switch", "no_other_live_call", "line_free", "budget_left"})
PAUSE = timedelta(hours=1)
# A call that ended longer ago is not planned for any more: the rules may have been other ones.
PLANNED_WITHIN = timedelta(days=1)
BATCH = 200
# After one of these a retry may be moot.
NEWS = frozenset({"hold", "promise", "plan", "contact"})


def retries_due() -> None:
    """Plan what was not planned when the call ended, and make what is due. While there is a test number, nothing."""
    if settings.TEST_PHONE_NUMBER:
        return
    now = timezone.now()
    if house_rules().retries:
        unplanned = Call.objects.filter(
            disposition__in=UNANSWERED, is_test=False, retry=None, ended_at__gt=now - PLANNED_WITHIN
        )
        for call_id in unplanned.order_by("ended_at").values_list("pk", flat=True)[:BATCH]:
            _apart(partial(retry_plan, call_id=call_id), f"call {call_id}")
    due = Retry.objects.filter(status=Retry.Status.WAITING, due_at__lte=now).order_by("due_at")
    for retry_id in due.values_list("pk", flat=True)[:BATCH]:
        _apart(partial(retry_make, retry_id=retry_id), f"retry {retry_id}")


def _apart(work: Callable[[], object], what: str) -> None:
    """One that fails does not stop the others; it is tried again the next time."""
    try:
        work()
    except Exception:
        logger.exception("%s: could not be seen to", what)


@transaction.atomic
def retry_plan(*, call_id: UUID) -> Retry | None:
    """Plan the next call after an unanswered one, if the house wants it and none is planned yet.

    Where the gate would never allow it, the retry is withdrawn from the start, with the reason.
    """
    rules = house_rules()
    call = Call.objects.select_related("invoice__customer").filter(pk=call_id).first()
    if call is None or call.is_test or call.disposition not in UNANSWERED or call.ended_at is None:
        return None
    tried = _tried(call)
    if len(tried) > rules.retries or settings.TEST_PHONE_NUMBER:
        return None
    facts = contact_snapshot(invoice=call.invoice, now=timezone.now())
    reason = _moot(call) or "; ".join(
        reason.text for reason in decide(facts).lasting if reason.rule not in PASSING
    )
    due_at = None
    if not reason:
        due_at = retry_slot(
            facts,
            tried=[each.placed_at or each.requested_at for each in tried],
            zone=ZoneInfo(call.customer.time_zone),
            after_days=rules.retry_after_days,
            spread=call.pk.int % 1000 / 1000,
        )
        reason = "" if due_at else "The rules leave no hour for it."
    status = Retry.Status.WAITING if due_at else Retry.Status.WITHDRAWN
    fields = {
        "status": status,
        "attempt": len(tried),
        "due_at": due_at,
        "reason": reason[:LONGEST_REASON],
    }
    retry, made = Retry.objects.get_or_create(call=call, defaults=fields)
    if made:
        kind = "retry_planned" if due_at else "retry_withdrawn"
        _record(retry, kind, reason=reason, after={"due_at": due_at.isoformat() if due_at else None})
    return retry


def _tried(call: Call) -> list[Call]:
    """The call that somebody asked for, and what was made of its retries up to `call`."""
    chain = [call]
    while (retry := Retry.objects.filter(new_call=chain[0]).select_related("call").first()) is not None:
        chain.insert(0, retry.call)
    return chain


class _Blocked(Exception):
    def __init__(self, decision: ContactDecision) -> None:
        self.next_allowed_at = decision.next_allowed_at
        self.rules = {reason["rule"] for reason in decision.reasons}
        self.reason = "; ".join(reason["text"] for reason in decision.reasons)


@transaction.atomic
def retry_make(*, retry_id: int) -> Call | None:
    """Ask for the call of a retry that is due. None if it was not due any more, is moot, or the gate says no.

    What the gate forbids for now waits until it allows; what it forbids for good is withdrawn.
    """
    now = timezone.now()
    waiting = Retry.objects.filter(pk=retry_id, status=Retry.Status.WAITING, due_at__lte=now)
    # The second of two beats waits here for the first, and then finds nothing.
    if not waiting.update(status=Retry.Status.USED):
        return None
    retry = Retry.objects.select_related("call__invoice__customer").get(pk=retry_id)
    moot = _moot(retry.call)
    if not moot and retry.attempt > house_rules().retries:
        moot = "The house makes no such retries any more."
    if moot:
        _put_away(retry, moot)
        return None
    try:
        new_call = _ask_for(retry)
    except _Blocked as blocked:
        _wait_or_put_away(retry, blocked, now)
        return None
    if new_call.idempotency_key != _key(retry):
        _put_away(retry, BY_HAND)
        return None
    Retry.objects.filter(pk=retry.pk).update(new_call=new_call, reason="")
    _record(retry, "retry_made", after={"call": str(new_call.pk)})
    return new_call


def _key(retry: Retry) -> str:
    return f"retry-{retry.pk}"


def _ask_for(retry: Retry) -> Call:
    """Raises _Blocked for what the gate forbids; then no call was made."""
    with transaction.atomic():
        call = call_request(
            invoice=retry.call.invoice, requested_by=None, idempotency_key=_key(retry), source=SOURCE
        )
        if call.status == Status.BLOCKED:
            raise _Blocked(call.decisions.latest("id"))
        return call


def _wait_or_put_away(retry: Retry, blocked: _Blocked, now: datetime) -> None:
    due_at = blocked.next_allowed_at
    if due_at is None and blocked.rules & PASSING and not _lasting(retry, now):
        due_at = now + PAUSE
    if due_at is None:
        _put_away(retry, blocked.reason)
        return
    Retry.objects.filter(pk=retry.pk).update(
        status=Retry.Status.WAITING, due_at=due_at, reason=blocked.reason[:LONGEST_REASON]
    )
    _record(retry, "retry_postponed", reason=blocked.reason, after={"due_at": due_at.isoformat()})


def _lasting(retry: Retry, now: datetime) -> bool:
    decision = decide(contact_snapshot(invoice=retry.call.invoice, now=now))
    return any(reason.rule not in PASSING for reason in decision.lasting)


def _put_away(retry: Retry, reason: str, *, source: str = SOURCE, actor: User | None = None) -> None:
    Retry.objects.filter(pk=retry.pk).update(status=Retry.Status.WITHDRAWN, reason=reason[:LONGEST_REASON])
    _record(retry, "retry_withdrawn", reason=reason, source=source, actor=actor)


@transaction.atomic
def retry_withdraw(*, retry: Retry, reason: str, source: str, actor: User | None) -> bool:
    """Take back a retry that waits. False if it waits no more. Raises ValidationError at `reason` without one."""
    why = text_at("reason", reason, longest=LONGEST_REASON, required=True)
    waiting = Retry.objects.filter(pk=retry.pk, status=Retry.Status.WAITING)
    if not waiting.update(status=Retry.Status.WITHDRAWN, reason=why):
        return False
    _record(retry, "retry_withdrawn", reason=why, source=source, actor=actor)
    return True


def withdraw_moot(event: Event) -> None:
    """After news of a customer: withdraw the retries that nobody wants any more. The making of each asks once more."""
    if event.object_type == "call":
        if event.kind != "call_requested" or event.source == SOURCE:
            return
        waiting = Retry.objects.filter(call__customer__calls=UUID(event.object_id))
    elif event.customer_id is not None and (event.object_type in NEWS or event.kind in OF_THE_LEDGER):
        waiting = Retry.objects.filter(call__customer_id=event.customer_id)
    else:
        return
    for retry in waiting.filter(status=Retry.Status.WAITING).select_related("call__invoice"):
        if reason := _moot(retry.call):
            retry_withdraw(retry=retry, reason=reason, source=SOURCE, actor=None)


BY_HAND = "It was rung by hand."


def _moot(call: Call) -> str:
    """Why nobody wants another call after this one; empty while it is wanted."""
    invoice = Invoice.objects.select_related("customer").get(pk=call.invoice_id)
    if invoice.status != Invoice.Status.OPEN:
        return f"The invoice is {invoice.get_status_display().lower()}."
    holds = holds_standing(invoice.customer)
    if any(hold.invoice_id in (None, invoice.pk) for hold in holds):
        return "A hold was set."
    if (
        invoice.promises.filter(status=PromiseToPay.Status.OPEN).exists()
        or invoice.plans.filter(status=PaymentPlan.Status.ACTIVE).exists()
    ):
        return "An agreement was made."
    later = Call.objects.filter(invoice=invoice, is_test=False, requested_at__gt=call.requested_at)
    if later.exclude(status=Status.BLOCKED).exists():
        return BY_HAND
    spoke = Contact.objects.filter(
        customer=invoice.customer, outcome=Contact.Outcome.CONVERSATION, at__gt=call.requested_at
    )
    return "The customer has spoken with us since." if spoke.exists() else ""


def _record(
    retry: Retry,
    kind: str,
    *,
    reason: str = "",
    after: dict[str, str | None] | None = None,
    source: str = SOURCE,
    actor: User | None = None,
) -> None:
    event_record(
        object_type="call",
        object_id=retry.call_id,
        kind=kind,
        source=source,
        actor=actor,
        after=after or {},
        reason=reason,
    )
