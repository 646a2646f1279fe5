"""A chat-completions request, read: the facts in its system prompts, the tools on offer, and who said
what."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

Role = Literal["user", "assistant", "tool"]


@dataclass(frozen=True)
class ToolCall:
    """A function the model wants called, its arguments by name."""

    name: str
    arguments: dict[str, Any]

    @property
    def raw(self) -> str:
        """The arguments as they are sent."""
        return json.dumps(self.arguments)


@dataclass(frozen=True)
class Reply:
    """The model's answer: words to speak, or functions to call, or an empty text when there is nothing to
    say."""

    text: str = ""
    tool_calls: tuple[ToolCall, ...] = ()


@dataclass(frozen=True)
class Turn:
    role: Role
    text: str
    calls: tuple[ToolCall, ...] = ()

    @property
    def is_sentence(self) -> bool:
        """Tells a tool's words for the customer from a bare "ok"."""
        return " " in self.text and self.text.endswith((".", "?"))


@dataclass(frozen=True)
class Request:
    """What one request says. `facts` has the `Key: value` lines of the system prompts, keys in lower case;
    a later prompt outweighs an earlier one."""

    facts: Mapping[str, str]
    tools: frozenset[str]
    turns: tuple[Turn, ...] = field(default=())

    @property
    def said(self) -> str:
        """What the user has said since anybody else last spoke; empty when the last turn is not theirs."""
        trailing: list[str] = []
        for turn in reversed(self.turns):
            if turn.role != "user":
                break
            trailing.insert(0, turn.text)
        return " ".join(trailing)

    @property
    def asked(self) -> str:
        """What the assistant said last, or an empty text."""
        spoken = (turn.text for turn in reversed(self.turns) if turn.role == "assistant" and turn.text)
        return next(spoken, "")

    def fact(self, key: str, default: str = "") -> str:
        return self.facts.get(key, default)

    @property
    def today(self) -> date | None:
        """`Today: 2026-11-24 (Tuesday)`, the day where the customer is."""
        return _iso_date(self.fact("today"))

    @property
    def due(self) -> date | None:
        return _iso_date(self.fact("due date"))

    @property
    def balance(self) -> tuple[Decimal, str] | None:
        """`Balance: 1234.50 USD` as (amount, currency)."""
        number, _, currency = self.fact("balance").partition(" ")
        try:
            return Decimal(number.replace(",", "")), currency.strip()[:3].upper()
        except InvalidOperation:
            return None


def read(request: Mapping[str, Any]) -> Request:
    """Reads the body of `POST /v1/chat/completions`. Parts it does not know are passed over."""
    facts: dict[str, str] = {}
    turns: list[Turn] = []
    for message in request.get("messages") or ():
        role, text = message.get("role"), _text(message.get("content"))
        if role in ("system", "developer"):
            facts.update(_facts(text))
        elif role in ("user", "assistant", "tool"):
            turns.append(Turn(role, text, tuple(_calls(message.get("tool_calls") or ()))))
    return Request(facts, frozenset(_tool_names(request.get("tools") or ())), tuple(turns))


def _text(content: object) -> str:
    """Content is a text or a list of parts."""
    if isinstance(content, str):
        return content.strip()
    if not isinstance(content, list):
        return ""
    parts = (part if isinstance(part, str) else part.get("text", "") for part in content)
    return " ".join(part for part in parts if part).strip()


def _facts(prompt: str) -> Iterator[tuple[str, str]]:
    for line in prompt.splitlines():
        key, colon, value = line.strip().lstrip("-* ").partition(":")
        if colon and value.strip() and len(key.split()) <= 3:
            yield key.strip().lower(), value.strip()


def _calls(calls: Sequence[Mapping[str, Any]]) -> Iterator[ToolCall]:
    for call in calls:
        function = call.get("function") or {}
        try:
            arguments = json.loads(function.get("arguments") or "{}")
        except ValueError:
            arguments = {}
        yield ToolCall(str(function.get("name", "")), arguments if isinstance(arguments, dict) else {})


def _tool_names(tools: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for tool in tools:
        yield str((tool.get("function") or tool).get("name", ""))


def _iso_date(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None
