"""Writes to calls. Status changes go through `call_transition`, dispositions through `call_conclude`."""

import logging
from collections.abc import Mapping
from datetime import UTC
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils import timezone

from calls.books import number_mark_wrong
from calls.contact_facts import contact_snapshot
from calls.models import LONGEST_REASON, Call, ContactDecision, Disposition
from calls.opt_outs import call_opt_out, opted_out_in
from calls.policy import OVERRIDABLE, POLICY_VERSION, Decision, Reason, decide
from calls.states import LIVE, SOURCES, Status
from invoices.events import event_record
from invoices.models import Customer, Event, Invoice
from invoices.services.idempotency import KeyReused, digest_of

logger = logging.getLogger(__name__)

# How long the agent may take after the phone is down to say what the call came to.
CONCLUDE_SECONDS = 15

# A call that ends like this never had anyone on the line, so nobody else will say what it came to.
DISPOSITION_OF_STATUS = {
    Status.BUSY: Disposition.BUSY,
    Status.NO_ANSWER: Disposition.NO_ANSWER,
    Status.FAILED: Disposition.FAILED,
    Status.CANCELED: Disposition.CANCELLED,
    Status.BLOCKED: Disposition.BLOCKED_BY_POLICY,
}


@transaction.atomic
def call_request(
    *,
    invoice: Invoice,
    requested_by: User | None,
    idempotency_key: str = "",
    source: str = "staff",
    override: frozenset[str] = frozenset(),
    override_reason: str = "",
) -> Call:
    """Ask to ring the invoice's customer. Returns the new call, `requested` or `blocked`.

    A repeated key, or a second press while a call about this invoice is under way, returns that call. Raises KeyReused
    where the key stands for a request with other overrides.

    `override` are ids of house rules to set aside for this call. Raises PermissionDenied when `requested_by` may not,
    and ValidationError at `override` for a rule that can't be or at `override_reason` without a reason.
    """
    override_reason = _override_check(requested_by, override, override_reason)
    asked = digest_of(override=sorted(override), override_reason=override_reason)
    # Requests for one customer take turns, so that two at once see each other.
    Customer.objects.select_for_update().get(pk=invoice.customer_id)
    existing = _call_already_asked_for(invoice, idempotency_key, asked)
    if existing is not None:
        return existing
    invoice = Invoice.objects.select_related("customer").get(pk=invoice.pk)
    decision = decide(contact_snapshot(invoice=invoice, now=timezone.now()), override)
    call = _call_create(
        invoice,
        decision,
        requested_by=requested_by,
        idempotency_key=idempotency_key,
        override_reason=override_reason if decision.overridden else "",
    )
    decision_store(call=call, moment=ContactDecision.Moment.REQUEST, decision=decision)
    event_record(
        object_type="call",
        object_id=call.pk,
        kind=f"call_{call.status}",
        source=source,
        actor=requested_by,
        after={"status": call.status, "invoice": invoice.pk, "asked": asked, **_set_aside(decision, call)},
        reason="; ".join(filter(None, [*(reason.rule for reason in decision.reasons), call.override_reason])),
    )
    if decision.allowed:
        transaction.on_commit(lambda: call_enqueue(call.pk))
    return call


def _override_check(user: User | None, override: frozenset[str], reason: str) -> str:
    """The reason as it is kept; empty when nothing is to be set aside."""
    if not override:
        return ""
    if user is None or not user.has_perm("calls.override_contact_rules"):
        raise PermissionDenied("You may not set house rules aside.")
    if not override <= OVERRIDABLE:
        never = ", ".join(sorted(override - OVERRIDABLE))
        raise ValidationError({"override": [f"Not to be set aside: {never}."]})
    reason = " ".join(reason.split())
    if not reason or len(reason) > LONGEST_REASON:
        raise ValidationError({"override_reason": [f"Say why, in at most {LONGEST_REASON} characters."]})
    return reason


def _call_create(invoice: Invoice, decision: Decision, **fields: Any) -> Call:
    phone = invoice.customer.phone
    status = Status.REQUESTED if decision.allowed else Status.BLOCKED
    return Call.objects.create(
        invoice=invoice,
        customer=invoice.customer,
        status=status,
        disposition=DISPOSITION_OF_STATUS.get(status, ""),
        ended_at=None if decision.allowed else timezone.now(),
        to_number=settings.TEST_PHONE_NUMBER or (phone.value if phone else ""),
        is_test=bool(settings.TEST_PHONE_NUMBER),
        **fields,
    )


def _set_aside(decision: Decision, call: Call) -> dict[str, Any]:
    if not decision.overridden:
        return {}
    rules = [reason.rule for reason in decision.overridden]
    return {"overridden": rules, "override_reason": call.override_reason}


def _call_already_asked_for(invoice: Invoice, idempotency_key: str, asked: str) -> Call | None:
    if idempotency_key:
        by_key = Call.objects.filter(invoice=invoice, idempotency_key=idempotency_key).first()
        if by_key is not None:
            # What was asked for stands in the event of the request.
            request = (
                Event.objects.filter(object_type="call", object_id=str(by_key.pk)).order_by("id").first()
            )
            if request is not None and request.after.get("asked", asked) != asked:
                raise KeyReused
            return by_key
    return Call.objects.filter(invoice=invoice, status__in=sorted(LIVE)).first()


def call_enqueue(call_id: UUID, *, countdown: float = 0) -> None:
    """Queue the dialling, in `countdown` seconds. A queue that is away loses nothing: the sweep asks again for what
    stays `requested`, and `calls.pace` for what waits."""
    from calls.tasks import place_call

    try:
        place_call.apply_async(args=(str(call_id),), countdown=countdown)
    except Exception:
        logger.exception("call %s: the queue is away", call_id)


def call_after_end(call_id: UUID) -> None:
    """Queue what follows the end of a call: at once, and once more when the agent has had time to conclude."""
    from calls.tasks import after_call

    try:
        after_call.delay(str(call_id))
        after_call.apply_async(args=(str(call_id),), countdown=CONCLUDE_SECONDS + 1)
    except Exception:
        logger.exception("call %s: the queue is away", call_id)


def decision_store(*, call: Call, moment: str, decision: Decision) -> ContactDecision:
    return ContactDecision.objects.create(
        call=call,
        moment=moment,
        allowed=decision.allowed,
        reasons=[_written(reason) for reason in decision.reasons],
        overridden=[_written(reason) for reason in decision.overridden],
        facts={**decision.facts.as_json(), **decision.considered},
        policy_version=POLICY_VERSION,
        next_allowed_at=decision.next_allowed_at,
        decided_at=decision.facts.now,
    )


def _written(reason: Reason) -> dict[str, Any]:
    lifts_at = reason.lifts_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if reason.lifts_at else None
    return {"rule": reason.rule, "citation": reason.citation, "text": reason.text, "lifts_at": lifts_at}


@transaction.atomic
def call_transition(
    *,
    call_id: UUID,
    to: Status,
    source: str,
    reason: str = "",
    only_if: Mapping[str, Any] | None = None,
    actor: User | None = None,
    **fields: Any,
) -> bool:
    """Move a call to `to` if its state allows it, setting `fields` with it. True if this caller moved it.

    `only_if` is what must still be so besides, such as the claim of who asks. A state without anyone on the line also
    fixes the disposition; every terminal state sets `ended_at`.
    """
    before = Call.objects.filter(pk=call_id).values_list("status", flat=True).first()
    if to not in LIVE:
        fields.setdefault("ended_at", timezone.now())
    if to in DISPOSITION_OF_STATUS:
        # What the conversation came to stays, however the line went down.
        known = NullIf(F("disposition"), Value(""))
        fields.setdefault("disposition", Coalesce(known, Value(str(DISPOSITION_OF_STATUS[to]))))
    rows = Call.objects.filter(pk=call_id, status__in=sorted(SOURCES[to])).filter(**only_if or {})
    if not rows.update(status=to, **fields):
        return False
    event_record(
        object_type="call",
        object_id=call_id,
        kind=f"call_{to}",
        source=source,
        actor=actor,
        before={"status": before},
        after={"status": to},
        reason=reason,
    )
    if to not in LIVE:
        _end_reason_keep(call_id, reason)
        transaction.on_commit(lambda: call_after_end(call_id))
    return True


def _word_keep(call_id: UUID, disposition: str, source: str) -> None:
    """What the person was promised at the end of the call holds for every later one."""
    if disposition == Disposition.WRONG_NUMBER:
        number_mark_wrong(Call.objects.select_related("customer").get(pk=call_id), source=source)
    elif disposition == Disposition.STOP_CALLING and not opted_out_in(call_id):
        # What was kept while the person spoke is narrower, or waits for review.
        call_opt_out(call_id=call_id, scope="phone", wording="", certainty="certain")


def _end_reason_keep(call_id: UUID, reason: str) -> None:
    """The part that noticed first knows best why a call ended."""
    if reason:
        Call.objects.filter(pk=call_id, end_reason="").update(end_reason=reason[:200])


@transaction.atomic
def call_note(*, call_id: UUID, kind: str, source: str, reason: str = "", **fields: Any) -> bool:
    """Set fields that are set once (null or empty until then) and record the event. False if they were set already."""
    unset = {
        (f"{name}__isnull" if Call._meta.get_field(name).null else name): (
            True if Call._meta.get_field(name).null else ""
        )
        for name in fields
    }
    if not Call.objects.filter(pk=call_id, **unset).update(**fields):
        return False
    event_record(object_type="call", object_id=call_id, kind=kind, source=source, reason=reason)
    return True


@transaction.atomic
def call_conclude(
    *,
    call_id: UUID,
    disposition: str,
    source: str,
    summary: str = "",
    next_action: str = "",
    reason: str = "",
) -> bool:
    """Say what the call came to; the first to say it wins. Returns True if this caller did."""
    fields: dict[str, Any] = {
        "disposition": disposition,
        "summary": summary[:500],
        "next_action": next_action[:200],
    }
    if not Call.objects.filter(pk=call_id, disposition="").update(**fields):
        return False
    _word_keep(call_id, disposition, source)
    _end_reason_keep(call_id, reason)
    event_record(
        object_type="call",
        object_id=call_id,
        kind="call_concluded",
        source=source,
        after={"disposition": disposition},
        reason=reason,
    )
    return True
