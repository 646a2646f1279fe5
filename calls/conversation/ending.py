"""How a conversation ends: what the call came to is read from what was done in it."""

from uuid import UUID

from django.db import transaction

from calls.confirmations import agreement_confirm
from calls.conversation.common import SOURCE, acts_of, call_row
from calls.conversation.standing import AGREEMENTS, agreement_standing
from calls.models import Call, Disposition
from calls.outcomes import OUTCOMES
from calls.services import call_conclude
from invoices.models import Event

# What was done, from what counts most to what counts least. Of the first the last one counts.
DEEDS = ("promise_agreed", "plan_agreed", "payment_claimed", "dispute_reported", "hardship_reported")
LESSER_DEEDS = ("callback_agreed",)
REMARKS = ("complaint_noted", "language_barrier", "message_declined")
# Acts that change no outcome, only what is to be done next.
REQUESTS = ("copy_requested", "callback_wanted")
# Only the deed itself makes these true.
BY_DEED_ALONE = frozenset(
    {
        Disposition.PROMISE_TO_PAY,
        Disposition.PARTIAL_PROMISE,
        Disposition.PAYMENT_PLAN,
        Disposition.PAID_CLAIMED,
        Disposition.DISPUTE,
        Disposition.HARDSHIP,
    }
)
# How a talk stopped says little where something was done in it.
NO_OUTCOME = frozenset(
    {
        Disposition.UNRESOLVED,
        Disposition.HUNG_UP,
        Disposition.HUNG_UP_BEFORE_VERIFICATION,
        Disposition.NO_RESPONSE,
    }
)
REMARKED = frozenset({Disposition.COMPLAINT, Disposition.LANGUAGE_BARRIER, Disposition.THIRD_PARTY})
GIVES_WAY_TO_DEEDS = NO_OUTCOME | BY_DEED_ALONE | {Disposition.REFUSED, Disposition.CALLBACK}


def outcome_of(call_id: UUID) -> str | None:
    """The disposition of what was done in the call so far; None where nothing was.

    The last of a promise or plan that still stands, a claim, a dispute and hardship; else a callback; else a remark.
    """
    return _outcome(Call.objects.get(pk=call_id), remarks=True)


def _outcome(call: Call, *, remarks: bool) -> str | None:
    ranks = (DEEDS, LESSER_DEEDS, REMARKS) if remarks else (DEEDS, LESSER_DEEDS)
    for kinds in ranks:
        acts = [act for act in acts_of(call.pk, *kinds) if act_stands(act, call)]
        if acts:
            return str(acts[-1].after["disposition"])
    return None


def act_stands(act: Event, call: Call) -> bool:
    """A promise or plan may have been taken back, or another taken its place."""
    if act.after.get("kind") not in AGREEMENTS:
        return True
    standing = agreement_standing(call)
    return standing is not None and all(act.after.get(key) == value for key, value in standing.items())


@transaction.atomic
def conversation_end(
    *, call_id: UUID, disposition: str = Disposition.UNRESOLVED, reason: str = "", source: str = SOURCE
) -> bool:
    """Say what the call came to, unless that is known already. True if this said it.

    What was done in the call says it where `disposition` says no more than how the talk stopped; what was not done is
    not believed. Who was handed to a colleague has left the agent, but not the call.
    """
    call = call_row(call_id)
    if disposition in NO_OUTCOME and call.transfer_started_at is not None:
        return False
    came_to = disposition
    if disposition in GIVES_WAY_TO_DEEDS:
        done = _outcome(call, remarks=disposition in NO_OUTCOME)
        came_to = done or (Disposition.UNRESOLVED if disposition in BY_DEED_ALONE else disposition)
    concluded = call_conclude(
        call_id=call_id,
        disposition=came_to,
        source=source,
        summary=OUTCOMES[came_to][0],
        next_action=next_action_of(call, came_to),
        reason=reason,
    )
    standing = agreement_standing(call)
    if concluded and standing is not None:
        agreement_confirm(call=call, agreement=standing)
    return concluded


def next_action_of(call: Call, disposition: str) -> str:
    """What is left to do: what the outcome demands, unless it is that of a deed, and what each thing done demands."""
    acts = acts_of(call.pk, *DEEDS, *LESSER_DEEDS, *REMARKS, *REQUESTS)
    latest = {_matter(act): act.after["next_action"] for act in acts if act_stands(act, call)}
    demanded = list(dict.fromkeys(latest.values()))
    if not demanded or disposition not in GIVES_WAY_TO_DEEDS | REMARKED:
        demanded.insert(0, OUTCOMES[disposition][1])
    return " ".join(demanded)[:200]


def _matter(act: Event) -> tuple[str, str]:
    """Acts about the same matter: the last one's word on what to do counts."""
    apart = act.kind in ("copy_requested", "dispute_reported")
    return act.kind, str(act.after.get("invoice")) if apart else ""


def caller_hung_up(*, call_id: UUID) -> bool:
    """The phone left before the agent had ended the conversation."""
    verified = Call.objects.filter(pk=call_id, verified_at__isnull=False).exists()
    disposition = Disposition.HUNG_UP if verified else Disposition.HUNG_UP_BEFORE_VERIFICATION
    return conversation_end(call_id=call_id, disposition=disposition, reason="The phone hung up.")
