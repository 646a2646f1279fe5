"""The states of a call and the moves between them."""

from django.db import models


class Status(models.TextChoices):
    REQUESTED = "requested", "Requested"
    BLOCKED = "blocked", "Blocked"
    PLACING = "placing", "Getting ready"
    UNKNOWN = "unknown", "Checking with the carrier"
    DIALLING = "dialling", "Dialling"
    RINGING = "ringing", "Ringing"
    IN_PROGRESS = "in_progress", "Connected"
    COMPLETED = "completed", "Completed"
    BUSY = "busy", "Busy"
    NO_ANSWER = "no_answer", "No answer"
    FAILED = "failed", "Failed"
    CANCELED = "canceled", "Canceled"


_BEFORE_ANSWER = frozenset({Status.PLACING, Status.UNKNOWN, Status.DIALLING, Status.RINGING})

LIVE: frozenset[str] = _BEFORE_ANSWER | {Status.REQUESTED, Status.IN_PROGRESS}
AT_CARRIER: frozenset[str] = frozenset({Status.UNKNOWN, Status.DIALLING, Status.RINGING, Status.IN_PROGRESS})

# For each state, the states it may be entered from. Callbacks may overtake the carrier's answer to `create`,
# so everything the carrier reports may follow `placing` and `unknown` directly.
SOURCES: dict[str, frozenset[str]] = {
    Status.REQUESTED: frozenset(
        {Status.PLACING}
    ),  # the carrier refused to take it now (429): nothing was dialled
    Status.BLOCKED: frozenset({Status.REQUESTED, Status.PLACING}),
    Status.PLACING: frozenset({Status.REQUESTED}),
    Status.UNKNOWN: frozenset({Status.PLACING}),
    Status.DIALLING: frozenset({Status.PLACING, Status.UNKNOWN}),
    Status.RINGING: _BEFORE_ANSWER - {Status.RINGING},
    Status.IN_PROGRESS: _BEFORE_ANSWER,
    Status.COMPLETED: _BEFORE_ANSWER | {Status.IN_PROGRESS},
    Status.BUSY: _BEFORE_ANSWER,
    Status.NO_ANSWER: _BEFORE_ANSWER,
    Status.FAILED: LIVE,
    Status.CANCELED: LIVE - {Status.IN_PROGRESS},
}
