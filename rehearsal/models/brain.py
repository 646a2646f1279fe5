"""The rule-based model behind the pretended `/v1/chat/completions`.

It sees the request and nothing else: the facts of the system prompts, the tools on offer, what was said.
Which tools are on offer tells it which half of the call it is in; any other OpenAI-compatible model may
stand in its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import brain_close, brain_identity, brain_promise
from .brain_intents import Intent, means
from .brain_request import Reply, Request, ToolCall, read
from .brain_words import split

__all__ = ["Reply", "ToolCall", "complete"]

_ENDS_THE_CALL = {
    "end_call",
    "report_wrong_number",
    "report_third_party",
    "report_machine",
    "report_language",
    "transfer_to_human",
}
_WHAT_THEN = "How much can you pay and when?"


def complete(request: Mapping[str, Any]) -> Reply:
    """The model's next message for the body of a chat-completions request. The same body, the same answer."""
    seen = read(request)
    if seen.turns and seen.turns[-1].role == "tool":
        told = _after_tool(seen)
        if told is not None:
            return told
    if "person_found" in seen.tools:
        return brain_identity.find(seen)
    if "check_identity" in seen.tools:
        return brain_identity.verify(seen)
    if "propose_promise" in seen.tools:
        return brain_promise.answer(seen)
    if "go_back" in seen.tools:
        return brain_close.answer(seen)
    return Reply(_small_talk(seen))


def _after_tool(request: Request) -> Reply | None:
    """What follows a tool's answer. A sentence is spoken as it stands, and asks something; nothing
    follows a tool that ends the call; otherwise (None) the conversation goes on."""
    last = next((turn.calls[-1] for turn in reversed(request.turns) if turn.calls), None)
    result = request.turns[-1]
    if last is not None and last.name in _ENDS_THE_CALL:
        return Reply("")
    if result.is_sentence:
        asks = result.text.endswith("?") or "please" in result.text.lower()
        return Reply(result.text if asks else f"{result.text} {_WHAT_THEN}")
    return Reply("") if last is not None and last.arguments.get("confirmed") is True else None


def _small_talk(request: Request) -> str:
    meant = means(split(request.said))
    if meant is Intent.GOODBYE:
        return "Goodbye."
    if meant is Intent.ROBOT:
        return "Yes, I am an automated assistant."
    return "Thank you." if request.said else "Hello."
