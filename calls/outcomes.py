"""Summary and next action by what a call came to."""

from calls.models import Disposition

_D = Disposition
AGAIN = "Call again another time."

OUTCOMES: dict[str, tuple[str, str]] = {
    _D.NO_ANSWER: ("Nobody answered.", AGAIN),
    _D.BUSY: ("The line was busy.", AGAIN),
    _D.FAILED: ("The call did not come about.", AGAIN),
    _D.INVALID_NUMBER: ("The number is not in service.", "Find another number."),
    _D.VOICEMAIL_LEFT: ("A voicemail answered; a message was left.", "Wait for a call back."),
    _D.VOICEMAIL_NOT_LEFT: ("A voicemail answered; no message was left.", AGAIN),
    _D.NO_RESPONSE: ("Nobody spoke.", AGAIN),
    _D.CALL_SCREENED: ("A screening assistant answered; it was told who called and for whom.", AGAIN),
    _D.FAX: ("A fax machine answered.", "Find another number."),
    _D.IVR: ("A telephone menu answered.", "Find a direct number."),
    _D.BLOCKED_BY_POLICY: ("The call was not allowed.", "See the reasons."),
    _D.CANCELLED: ("The call was cancelled.", "Decide how to go on."),
    _D.WRONG_NUMBER: ("The number belongs to somebody else.", "Find another number."),
    _D.THIRD_PARTY: ("Somebody else answered; nothing was disclosed.", AGAIN),
    _D.HUNG_UP_BEFORE_VERIFICATION: ("The line went down before anyone was verified.", AGAIN),
    _D.VERIFICATION_FAILED: (
        "Who answered could not be verified; nothing was disclosed.",
        "Check the facts on file.",
    ),
    _D.LANGUAGE_BARRIER: ("Who answered speaks another language.", "Have somebody call who speaks it."),
    _D.PAID_CLAIMED: ("The customer says that it is paid.", "Look for the payment."),
    _D.LINK_SENT: ("A link to pay was sent.", "Wait for the payment."),
    _D.PROMISE_TO_PAY: ("The customer promised to pay.", "Wait for the payment."),
    _D.PAYMENT_PLAN: ("The customer agreed to pay in instalments.", "Wait for the first instalment."),
    _D.PARTIAL_PROMISE: ("The customer promised to pay a part.", "Wait for the payment."),
    _D.CALLBACK: ("The customer asked to be called another time.", "Agree on a time."),
    _D.DISPUTE: ("The customer disputes what is asked for.", "Answer the dispute."),
    _D.HARDSHIP: ("The customer cannot pay.", "Review the hardship."),
    _D.REFUSED: ("The customer refused to pay.", "Decide how to go on."),
    _D.STOP_CALLING: ("The customer asked not to be called again.", "Do not call; write instead."),
    _D.ATTORNEY: ("The customer is represented by an attorney.", "Write to the attorney."),
    _D.BANKRUPTCY: ("The customer is bankrupt.", "Do not ask for the debt; take legal advice."),
    _D.DECEASED: ("The customer has died.", "Do not call; review by a person."),
    _D.TRANSFERRED: ("The customer was put through to a person.", "None; the person takes it on."),
    _D.HUNG_UP: ("The customer hung up before anything was agreed.", AGAIN),
    _D.COMPLAINT: ("The customer complained.", "Look into the complaint."),
    _D.UNRESOLVED: ("The conversation ended without an outcome.", "Review the transcript."),
}
