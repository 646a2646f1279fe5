"""Staff know better: what a call came to, its summary and next action, corrected with a reason."""

from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from calls.aftermath.findings import RULES_VERSION
from calls.contact_facts import NOT_A_CONVERSATION
from calls.conversation.common import call_row
from calls.models import Call, CallReview, Disposition
from invoices.events import event_record
from invoices.fields import text_at

SOURCE = "staff"
LONGEST_SUMMARY, LONGEST_ACTION = 500, 200


@transaction.atomic
def call_correct(
    *,
    call_id: UUID,
    actor: User,
    reason: str,
    disposition: str | None = None,
    summary: str | None = None,
    next_action: str | None = None,
    source: str = SOURCE,
) -> Call:
    """Set what is given; the rest stays. The ledger is not touched, and what was there before is kept in the event.

    Nothing different: nothing written. Raises PermissionDenied, and ValidationError keyed by field.
    """
    if not actor.has_perm("calls.correct_call"):
        raise PermissionDenied("You may not correct calls.")
    why = text_at("reason", reason, longest=300, required=True)
    call = call_row(call_id)
    if not call.is_settled:
        raise ValidationError({"disposition": "The call is not over yet."})
    given = {
        "disposition": None if disposition is None else _disposition_at(call, disposition),
        "summary": None if summary is None else text_at("summary", summary, longest=LONGEST_SUMMARY),
        "next_action": None
        if next_action is None
        else text_at("next_action", next_action, longest=LONGEST_ACTION),
    }
    changes = {
        name: value for name, value in given.items() if value is not None and value != getattr(call, name)
    }
    if not changes:
        return call
    before = {name: getattr(call, name) for name in changes}
    Call.objects.filter(pk=call.pk).update(**changes)
    CallReview.objects.update_or_create(
        call=call,
        defaults={"corrected_at": timezone.now()},
        create_defaults={
            "corrected_at": timezone.now(),
            "reviewed_at": timezone.now(),
            "rules_version": RULES_VERSION,
        },
    )
    event_record(
        object_type="call",
        object_id=call.pk,
        kind="call_corrected",
        source=source,
        actor=actor,
        before=before,
        after=changes,
        reason=why,
    )
    call.refresh_from_db()
    return call


def corrections_offered(call: Call) -> list[tuple[str, str]]:
    """(value, label) of what the call may be corrected to; with what it is."""
    return [(value, label) for value, label in Disposition.choices if not _forbidden(call, value)]


def _disposition_at(call: Call, value: str) -> str:
    if value not in Disposition.values:
        raise ValidationError({"disposition": "That is nothing a call comes to."})
    if problem := _forbidden(call, value):
        raise ValidationError({"disposition": problem})
    return value


def _forbidden(call: Call, value: str) -> str:
    """Why not. Calls are counted by what they came to: a correction can't make room for another one."""
    if value == call.disposition:
        return ""
    if call.answered_at is None:
        return "Nobody answered this call."
    if call.disposition not in NOT_A_CONVERSATION and value in NOT_A_CONVERSATION:
        return "It was a conversation, and counts as one."
    if value in (Disposition.BLOCKED_BY_POLICY, Disposition.CANCELLED):
        return "The call was made."
    return ""
