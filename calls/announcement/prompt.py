"""One turn of the announcement, as the services hand it to the telephone."""

from dataclasses import dataclass

from calls.announcement.steps import Step


@dataclass(frozen=True)
class Prompt:
    """What is said, and the step whose answer is awaited; without one the call ends, or goes to a colleague."""

    text: str
    step: Step | None = None
    # The colleague's number.
    transfer_to: str = ""
