"""How each disposition arises, and what is then written to the ledger: this and nothing else."""

from dataclasses import dataclass

from calls.models import Disposition

_D = Disposition


@dataclass(frozen=True)
class Effect:
    """`by` is what makes it so; `ledger` names the kinds of rows of `invoices` that it adds or changes, events aside.

    deed: a service of `calls.conversation`, done after verification. remark: one that needs no verification.
    ending: `conversation_end`, by what code has made sure of. words: the recognised words themselves, in code.
    carrier: the state at which the call ended. policy: the contact gate.
    """

    by: str
    how: str
    ledger: tuple[str, ...] = ()


EFFECTS: dict[str, Effect] = {
    _D.NO_ANSWER: Effect("carrier", "nobody took the call"),
    _D.BUSY: Effect("carrier", "the line was busy"),
    _D.FAILED: Effect("carrier", "the call did not come about"),
    _D.CANCELLED: Effect("carrier", "it was cancelled before anyone answered"),
    _D.INVALID_NUMBER: Effect("ending", "the number is not in service"),
    _D.BLOCKED_BY_POLICY: Effect("policy", "the contact gate said no"),
    _D.VOICEMAIL_LEFT: Effect("ending", "a voicemail answered and took the message"),
    _D.VOICEMAIL_NOT_LEFT: Effect("ending", "a voicemail answered, no message was left"),
    _D.NO_RESPONSE: Effect("ending", "nobody spoke"),
    _D.CALL_SCREENED: Effect("ending", "a screening assistant answered"),
    _D.FAX: Effect("ending", "a fax machine answered"),
    _D.IVR: Effect("ending", "a telephone menu answered"),
    _D.WRONG_NUMBER: Effect("ending", "it is somebody else's number", ("contactpoint",)),
    _D.THIRD_PARTY: Effect("remark", "`message_declined`, or somebody else answered"),
    _D.HUNG_UP_BEFORE_VERIFICATION: Effect("ending", "the line went down before anyone was verified"),
    _D.VERIFICATION_FAILED: Effect("ending", "two answers were wrong"),
    _D.LANGUAGE_BARRIER: Effect("remark", "`language_barrier`"),
    _D.PAID_CLAIMED: Effect("deed", "`payment_claim`"),
    _D.LINK_SENT: Effect("ending", "a link to pay was sent"),
    _D.PROMISE_TO_PAY: Effect("deed", "`promise_agree`, all that is open", ("promisetopay",)),
    _D.PARTIAL_PROMISE: Effect("deed", "`promise_agree`, less than is open", ("promisetopay",)),
    _D.PAYMENT_PLAN: Effect("deed", "`plan_agree`", ("instalment", "paymentplan")),
    _D.CALLBACK: Effect("deed", "`callback_agree`", ("consent", "wish")),
    _D.DISPUTE: Effect("deed", "`dispute_open`", ("dispute",)),
    _D.HARDSHIP: Effect("deed", "`hardship_report`", ("hold",)),
    _D.REFUSED: Effect("ending", "the customer will not pay"),
    _D.STOP_CALLING: Effect("ending", "no more calls are wanted", ("consent",)),
    _D.ATTORNEY: Effect("words", "represented by an attorney", ("hold",)),
    _D.BANKRUPTCY: Effect("words", "bankrupt", ("hold",)),
    _D.DECEASED: Effect("words", "the customer has died", ("hold",)),
    _D.TRANSFERRED: Effect("ending", "a person has taken the call"),
    _D.HUNG_UP: Effect("ending", "the line went down and nothing was done"),
    _D.COMPLAINT: Effect("remark", "`complaint_note`", ("note",)),
    _D.UNRESOLVED: Effect("ending", "nothing was done; `copy_request` alone leaves it so"),
}
