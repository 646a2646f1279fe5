"""<Dial>: a second leg, and the two people connected while both are on the line (Twilio docs: "TwiML Voice: Dial")."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from .handset import Handset
from .playout import Playout
from .twiml import Dial

# What became of the second leg, in the words of DialCallStatus.
UNANSWERED = {"busy": "busy", "no-answer": "no-answer", "failed": "failed", "canceled": "canceled"}


class Leg(Protocol):
    """A call as its dialler sees it. `connected` is set at the answer, `over` at the end."""

    sid: str
    connected: asyncio.Event
    over: asyncio.Event
    handset: Handset | None

    @property
    def status(self) -> str: ...

    @property
    def duration(self) -> int | None: ...

    def cut(self) -> None: ...


Place = Callable[[Dial, str, str], Leg]
"""`(verb, parent's sid, its From) -> leg`; it rings by itself."""


class _Towards:
    """Who speaks into one handset is heard from the other."""

    def __init__(self, other: Playout) -> None:
        self._other = other

    def spoken(self, frame: bytes) -> None:
        self._other.queue(frame)

    def pressed(self, digit: str) -> None:
        """Keys are for the application, which no longer listens."""


async def dial(verb: Dial, place: Place, handset: Handset, *, caller: str) -> dict[str, str]:
    """Rings the number and connects it; the parameters of the action. Cancelled: the second leg is hung up."""
    leg = place(verb, handset.record.sid, caller)
    handset.record.event("dialled", leg=leg.sid)
    try:
        await _while_connected(leg, handset)
    finally:
        leg.cut()
    params = {"DialCallSid": leg.sid, "DialCallStatus": UNANSWERED.get(leg.status, "completed")}
    if leg.status == "completed":
        params |= {"DialCallDuration": str(leg.duration or 0), "DialBridged": "true"}
    return params


async def _while_connected(leg: Leg, handset: Handset) -> None:
    answered, over = asyncio.create_task(leg.connected.wait()), asyncio.create_task(leg.over.wait())
    try:
        await asyncio.wait({answered, over}, return_when=asyncio.FIRST_COMPLETED)
        if leg.handset is None:
            return
        here, there = Playout(), Playout()
        handset.playout, leg.handset.playout = here, there
        handset.listener, leg.handset.listener = _Towards(there), _Towards(here)
        await over
    finally:
        handset.playout = handset.listener = None
        for task in (answered, over):
            task.cancel()
