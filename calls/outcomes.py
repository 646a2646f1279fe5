"""What is written down of a call when nobody words it: summary and next action by what it came to."""

from calls.models import Disposition

AGAIN = "Call again another time."

OUTCOMES: dict[str, tuple[str, str]] = {
    Disposition.NO_ANSWER: ("Nobody answered.", AGAIN),
    Disposition.BUSY: ("The line was busy.", AGAIN),
    Disposition.FAILED: ("The call could not be placed.", "See why it failed."),
    Disposition.INVALID_NUMBER: ("The number does not exist.", "Find another number."),
    Disposition.VOICEMAIL_LEFT: ("A voicemail answered; a message without the debt was left.", AGAIN),
    Disposition.VOICEMAIL_NOT_LEFT: ("A voicemail answered; no message was left.", AGAIN),
    Disposition.NO_RESPONSE: ("Nobody spoke.", AGAIN),
    Disposition.CALL_SCREENED: ("An assistant screened the call; nothing was disclosed.", AGAIN),
    Disposition.FAX: ("A fax machine answered.", "Find another number."),
    Disposition.IVR: ("A telephone menu answered.", "Find a direct number."),
    Disposition.BLOCKED_BY_POLICY: ("The rules did not allow the call.", "See which rule and when it lifts."),
    Disposition.CANCELLED: ("The call was cancelled.", "Decide how to go on."),
    Disposition.WRONG_NUMBER: ("The number belongs to somebody else.", "Find another number."),
    Disposition.THIRD_PARTY: ("Somebody else answered; nothing was disclosed.", AGAIN),
    Disposition.HUNG_UP_BEFORE_VERIFICATION: ("The line went down before anyone was verified.", AGAIN),
    Disposition.VERIFICATION_FAILED: (
        "Who answered could not be verified; nothing was disclosed.",
        "Check the facts on file.",
    ),
    Disposition.LANGUAGE_BARRIER: (
        "Who answered speaks another language.",
        "Have somebody call who speaks it.",
    ),
    Disposition.PAID_CLAIMED: ("The customer says that it is paid.", "Look for the payment."),
    Disposition.LINK_SENT: ("The customer was sent how to pay.", "Wait for the payment."),
    Disposition.PROMISE_TO_PAY: ("The customer promised to pay.", "Wait for the payment."),
    Disposition.PARTIAL_PROMISE: ("The customer promised to pay a part.", "Wait for it; agree on the rest."),
    Disposition.PAYMENT_PLAN: ("The customer agreed to pay by instalments.", "Wait for the first one."),
    Disposition.CALLBACK: ("The customer asked to be called another time.", "Agree on a time."),
    Disposition.DISPUTE: ("The customer disputes the invoice.", "Look into the dispute."),
    Disposition.HARDSHIP: ("The customer is in hardship.", "Have somebody look into it; do not call."),
    Disposition.REFUSED: ("The customer refused to pay.", "Decide how to go on."),
    Disposition.STOP_CALLING: ("The customer asked not to be called again.", "Do not call; write instead."),
    Disposition.ATTORNEY: ("The customer is represented by an attorney.", "Contact the attorney only."),
    Disposition.BANKRUPTCY: ("The customer is bankrupt.", "Do not contact; see to the claim."),
    Disposition.DECEASED: ("The customer has died.", "Do not contact the household."),
    Disposition.TRANSFERRED: ("The customer was connected to a colleague.", "See what the colleague agreed."),
    Disposition.COMPLAINT: ("The customer complained.", "Answer the complaint."),
    Disposition.HUNG_UP: ("The customer hung up before anything was agreed.", AGAIN),
    Disposition.UNRESOLVED: ("The conversation ended without an outcome.", "Review the transcript."),
}
