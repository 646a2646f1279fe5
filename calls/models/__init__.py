"""What happened on the phone. Rows are written by the services of this app only."""

from calls.models.calls import (
    IN_ORDER,
    LONGEST_REASON,
    MAY_HAVE_RUNG,
    ROOM_PREFIX,
    Call,
    Disposition,
    WaitingFor,
)
from calls.models.house import HouseRules, Pace, countries_at_first
from calls.models.records import CallReview, Confirmation, ContactDecision, Retry, TranscriptLine

__all__ = [
    "IN_ORDER",
    "LONGEST_REASON",
    "MAY_HAVE_RUNG",
    "ROOM_PREFIX",
    "Call",
    "CallReview",
    "Confirmation",
    "ContactDecision",
    "Disposition",
    "HouseRules",
    "Pace",
    "Retry",
    "TranscriptLine",
    "WaitingFor",
    "countries_at_first",
]
