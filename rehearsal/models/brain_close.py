"""The end of a call: what was agreed is noted, and the customer was asked whether there is anything else."""

from __future__ import annotations

from .brain_intents import Intent, means
from .brain_offer import Offer
from .brain_request import Reply, Request, ToolCall
from .brain_words import split

_ANYTHING_ELSE = "Is there anything else?"
# Meant as “nothing more” after that question.
_NOTHING_MORE = {Intent.DENIES, Intent.GOODBYE, Intent.REFUSES}
_BACK = {
    Intent.ALREADY_PAID,
    Intent.DISPUTES,
    Intent.IN_PARTS,
    Intent.VAGUE,
    Intent.ABOUT_THE_DEBT,
    Intent.CALL_BACK,
}


def answer(request: Request) -> Reply:
    """What to say or to call when nothing is left to agree."""
    words = split(request.said)
    if not words:
        return Reply(_ANYTHING_ELSE)
    meant = means(words)
    offer = Offer().then(request.said, request.today) if request.today is not None else Offer()
    if meant is Intent.STOP_CALLING:
        return Reply(tool_calls=(ToolCall("end_call", {"reason": "stop_calling"}),))
    if meant in _BACK or offer.names_anything:
        return Reply(tool_calls=(ToolCall("go_back", {}),))
    if meant is Intent.REPEAT:
        return Reply(_ANYTHING_ELSE)
    if meant is Intent.ROBOT:
        return Reply(f"Yes, I am an AI assistant. {_ANYTHING_ELSE}")
    if meant in _NOTHING_MORE or meant in (Intent.AGREES, Intent.GREETS):
        return Reply(tool_calls=(ToolCall("end_call", {"reason": "done"}),))
    return Reply(f"I am sorry, I did not catch that. {_ANYTHING_ELSE}")
