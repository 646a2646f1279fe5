"""Somebody else is at the phone: they learn who calls and for whom, never why."""

from livekit.agents import RunContext

from agent_worker import lines
from agent_worker.talk import Talk
from calls.models import Disposition


def third_party(talk: Talk, context: RunContext, *, coming: bool) -> None:
    """Wait for the customer, or say goodbye; what is to be passed on is declined."""
    if coming and not talk.waiting_for_person:
        talk.waiting_for_person = True
        talk.session.say(lines.I_WILL_WAIT)
        return
    context.disallow_interruptions()
    talk.end(Disposition.THIRD_PARTY, line=lines.THIRD_PARTY)
