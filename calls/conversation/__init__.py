"""What the voice agent may know of a call and do to it; it reads and writes nothing by any other way.

Everything here is synchronous, takes ids, and is safe to repeat: the agent asks again after a lost connection. The
debt is behind `debts`, which answers only once `identity_check` has passed. docs/conversation.md has the table of what
each act writes.
"""

from calls.conversation.callbacks import Callback, CallbackRefused, callback_agree, callback_check
from calls.conversation.claims import Claim, ClaimRefused, payment_claim
from calls.conversation.common import ConversationOver, NothingOwed, NotVerified, Refused
from calls.conversation.ending import caller_hung_up, conversation_end, outcome_of
from calls.conversation.facts import DebtFacts, Debts, OpenInvoice, debt_facts, debts
from calls.conversation.identity import (
    IdentityResult,
    NothingToCompare,
    OpeningFacts,
    VoiceFacts,
    agent_ready,
    identity_check,
    opening_facts,
    voice_facts,
)
from calls.conversation.notices import disclosed, recording_refused
from calls.conversation.plans import Plan, PlanRefused, agreement_withdraw, plan_agree, plan_check
from calls.conversation.promises import Promise, PromiseRefused, promise_agree, promise_check
from calls.conversation.reports import (
    Copy,
    Disputed,
    DisputeRefused,
    RequestRefused,
    complaint_note,
    copy_request,
    dispute_open,
    hardship_report,
    language_barrier,
    message_declined,
)
from calls.conversation.transcript import SpokenLine, speaking_set, transcript_append, usage_record
from calls.house_talk import PlanLimits
from calls.outcomes import OUTCOMES

__all__ = [
    "OUTCOMES",
    "Callback",
    "CallbackRefused",
    "Claim",
    "ClaimRefused",
    "ConversationOver",
    "Copy",
    "DebtFacts",
    "Debts",
    "DisputeRefused",
    "Disputed",
    "IdentityResult",
    "NotVerified",
    "NothingOwed",
    "NothingToCompare",
    "OpenInvoice",
    "OpeningFacts",
    "Plan",
    "PlanLimits",
    "PlanRefused",
    "Promise",
    "PromiseRefused",
    "Refused",
    "RequestRefused",
    "SpokenLine",
    "VoiceFacts",
    "agent_ready",
    "agreement_withdraw",
    "callback_agree",
    "callback_check",
    "caller_hung_up",
    "complaint_note",
    "conversation_end",
    "copy_request",
    "debt_facts",
    "debts",
    "disclosed",
    "dispute_open",
    "hardship_report",
    "identity_check",
    "language_barrier",
    "message_declined",
    "opening_facts",
    "outcome_of",
    "payment_claim",
    "plan_agree",
    "plan_check",
    "promise_agree",
    "promise_check",
    "recording_refused",
    "speaking_set",
    "transcript_append",
    "usage_record",
    "voice_facts",
]
