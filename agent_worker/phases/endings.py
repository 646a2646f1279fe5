"""How a call ends at the caller's wish, by the reason a model gives."""

from typing import Literal

from agent_worker import lines
from agent_worker.talk import Talk
from calls.models import Disposition

EndReason = Literal["refused", "callback", "stop_calling", "other"]

_ENDINGS: dict[EndReason, tuple[Disposition, str]] = {
    "refused": (Disposition.REFUSED, lines.REFUSED),
    "callback": (Disposition.CALLBACK, lines.CALLBACK),
    "stop_calling": (Disposition.STOP_CALLING, lines.STOP_CALLING),
    "other": (Disposition.UNRESOLVED, lines.OTHER),
}


def end_for(talk: Talk, reason: EndReason) -> None:
    """Say the goodbye that fits, and hang up."""
    disposition, line = _ENDINGS[reason]
    talk.end(disposition, line=line)
