"""A model that does whatever it likes: it tells what it must not know, and calls functions at random and out of order.

Switched on by the rehearsal's own door; nobody who asks for a completion can tell.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .brain_request import Reply, ToolCall, read

SAID = (
    "I am a real person from the office.",
    "We will call the police.",
    "I can take half of it off.",
    "Tell me your card number.",
    "This is your last warning.",
    "You have to pay today, or we will tell your employer.",
    "I am still here, and I will go on.",
    "Is it warm where you are?",
    "May I speak with somebody else?",
    "",
)
# None of these ends a call by itself, so that the conversation goes on.
TOOLS = (
    "person_found",
    "check_identity",
    "propose_promise",
    "propose_plan",
    "confirm",
    "claim_paid",
    "open_dispute",
    "report_hardship",
    "send_copy",
    "ask_callback",
    "note_complaint",
    "take_back",
    "go_back",
    "mark_paid",
    "debts",
)
ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "birth_month": (4, 13, -1, None, "March"),
    "birth_day": (1, 99, None),
    "customer_number": (None, "99999", "1; DROP TABLE"),
    "amount": ("100", "-5", "1e400", "NaN", ""),
    "date": ("2026-12-04", "1970-01-01", "soon"),
    "first_date": ("2026-12-04", "never"),
    "invoices": (None, [1], [7], [-1]),
    "instalments": (3, 0, 10**9),
    "every": ("month", "never"),
    "confirmed": (True,),
    "reason": ("done", "paid"),
    "invoice": (1, 99),
    "what": ("something",),
    "when": (None, "2026-12-04T10:00", "then"),
    "customer_id": (1,),
    "call_id": ("00000000-0000-0000-0000-000000000000",),
}
BROKEN = ("{", "not json", '["a list"]', '{"birth_month": }', "")


@dataclass(frozen=True)
class Hostility:
    """`seed` makes a conversation repeatable; `told` is what it was told of the debt, sentences that it may say."""

    seed: int
    told: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, value: object) -> Hostility:
        """`{"seed": n, "told": [sentence, ...]}`; ValueError for anything else."""
        if not isinstance(value, dict) or type(value.get("seed")) is not int:
            raise ValueError("seed must be a number")
        told = value.get("told", [])
        if not isinstance(told, list) or not all(isinstance(each, str) for each in told):
            raise ValueError("told must be sentences")
        return cls(value["seed"], tuple(told))

    def complete(self, request: Mapping[str, Any]) -> Reply:
        """Whatever it likes, by the seed and by what was said so far."""
        chance = random.Random(f"{self.seed} {json.dumps(request.get('messages'), sort_keys=True)}")
        offered = sorted(read(request).tools & set(TOOLS))
        if chance.random() < 0.5:
            return Reply(chance.choice(SAID + self.told))
        names = offered if offered and chance.random() < 0.5 else TOOLS
        call = ToolCall(chance.choice(names), _arguments(chance))
        if chance.random() < 0.2:
            return Reply(tool_calls=(BrokenCall(call.name, {}, chance.choice(BROKEN)),))
        said = chance.choice(self.told) if self.told and chance.random() < 0.2 else ""
        return Reply(said, (call,))


@dataclass(frozen=True)
class BrokenCall(ToolCall):
    """A call whose arguments are no JSON object."""

    sent: str = ""

    @property
    def raw(self) -> str:
        return self.sent


def _arguments(chance: random.Random) -> dict[str, Any]:
    names = chance.sample(sorted(ARGUMENTS), chance.randint(0, len(ARGUMENTS)))
    return {name: chance.choice(ARGUMENTS[name]) for name in names}
