"""The review of a call that is over: findings, summary and next action, stored beside it."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from calls.aftermath.findings import RULES_VERSION, Deal, Findings, Line, Talked, find
from calls.aftermath.summary import summary_of
from calls.conversation.common import acts_of, call_row
from calls.conversation.ending import act_stands, next_action_of
from calls.conversation.notices import recording_was_refused
from calls.house import legal_name
from calls.house_talk import agent_voice
from calls.models import Call, CallReview
from invoices.events import event_record
from invoices.models import Invoice

SOURCE = "review"


@transaction.atomic
def call_review(*, call_id: UUID) -> CallReview | None:
    """Look at what was said and done, once the call has come to its end; None before that, or where nobody was on.

    Asked again it looks again: the last lines may come late. What staff have corrected stays.
    """
    call = call_row(call_id)
    if call.is_live or not call.disposition or call.stream_opened_at is None:
        return None
    found = find(_talked(call))
    review = CallReview.objects.filter(call=call).first() or CallReview(call=call)
    before = (review.disclosures, review.checks, review.rules_version)
    if review.corrected_at is None:
        Call.objects.filter(pk=call.pk).update(
            summary=summary_of(call), next_action=next_action_of(call, call.disposition)
        )
    if before == (found.disclosures, found.checks, RULES_VERSION):
        return review
    return _store(review, found, verified=call.verified_at is not None)


def _store(review: CallReview, found: Findings, *, verified: bool) -> CallReview:
    review.disclosures, review.checks = found.disclosures, found.checks
    review.rules_version, review.reviewed_at = RULES_VERSION, timezone.now()
    # Who hung up in the first sentence could not be told the rest of it.
    broken = [each["name"] for each in found.checks if each["passed"] is False]
    review.needs_attention = bool(found.failed if verified else broken)
    review.save()
    event_record(
        object_type="call",
        object_id=review.call_id,
        kind="call_reviewed",
        source=SOURCE,
        after={"needs_attention": review.needs_attention, "failed": found.failed},
    )
    return review


def _talked(call: Call) -> Talked:
    rows = call.transcript.order_by("start_ms", "seq")
    # What was owed when the call was placed may be settled by now, so totals count as well as balances.
    invoices = Invoice.objects.filter(pk__in=call.discussed or [call.invoice_id])
    amounts = {amount for invoice in invoices for amount in (invoice.balance, invoice.total) if amount > 0}
    return Talked(
        lines=tuple(Line(row.speaker, row.text, row.start_ms, row.end_ms, row.interrupted) for row in rows),
        business=legal_name(),
        # What was said after a refusal of recording is nowhere written.
        callback_number="" if recording_was_refused(call.pk) else agent_voice().callback_number,
        verified_ms=_ms(call, call.verified_at),
        invoice_numbers=tuple(invoice.number for invoice in invoices),
        balances=tuple(amounts),
        deal=_deal(call),
    )


def _deal(call: Call) -> Deal | None:
    acts = [act for act in acts_of(call.pk, "promise_agreed", "plan_agreed") if act_stands(act, call)]
    if not acts:
        return None
    said = acts[-1].after
    parts = [Decimal(part["amount"]) for part in said.get("instalments", [])]
    amounts = (Decimal(said["amount"]), *parts)
    return Deal(amounts, date.fromisoformat(said["date"]), _ms(call, acts[-1].at) or 0)


def _ms(call: Call, at: datetime | None) -> int | None:
    """An instant on the recording's clock, as near as the rows know it."""
    if at is None or call.stream_opened_at is None:
        return None
    return max(0, round((at - call.stream_opened_at).total_seconds() * 1000))
