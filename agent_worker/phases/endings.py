"""How a call ends at the caller's wish, by the reason a model gives."""

from typing import Literal

from agent_worker import lines, wishes
from agent_worker.talk import Talk
from calls.models import Disposition

EndReason = Literal["done", "refused", "callback", "stop_calling", "other"]

_ENDINGS: dict[EndReason, tuple[Disposition, str]] = {
    "done": (Disposition.UNRESOLVED, lines.GOODBYE),
    "refused": (Disposition.REFUSED, lines.REFUSED),
    "callback": (Disposition.CALLBACK, lines.CALLBACK),
    "stop_calling": (Disposition.STOP_CALLING, lines.STOP_CALLING),
    "other": (Disposition.UNRESOLVED, lines.OTHER),
}


async def end_for(talk: Talk, reason: EndReason) -> None:
    """Say the goodbye that fits, and hang up. What was agreed stands; a wish for no more calls is kept at once."""
    disposition, line = _ENDINGS[reason]
    if reason == "stop_calling":
        await wishes.stop_calling(talk)
        return
    talk.end(disposition, line=line)
