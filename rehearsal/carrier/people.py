"""Who answers a number: what the network knows of a person, and what it asks of one.

The network lets a person's phone ring, gives them a `Line` while the call is answered, and knows nothing of
what they say.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, get_args

from .line import Line

MessageOutcome = Literal["delivered", "undelivered", "unsubscribed", "landline"]
Outcome = Literal["answer", "busy", "no-answer", "failed"]


@dataclass(frozen=True)
class PersonEntry:
    """What is registered for a number. `plan` is what the person means to promise:
    `{"amount": "full" or a decimal string, "date": ISO date, or "days": n}`; empty when nothing is known.
    `messages` is what becomes of a text message to the number."""

    persona: str = "promises"
    name: str | None = None
    birth_month: int | None = None
    birth_day: int | None = None
    customer_number: str | None = None
    plan: Mapping[str, Any] = field(default_factory=dict)
    messages: MessageOutcome = "delivered"

    @classmethod
    def from_json(cls, value: object) -> "PersonEntry":
        """From one object of people.json or of `PUT /rehearsal/people/{E.164}`; ValueError says what is
        wrong. Fields that only the product needs (address, time zone, ...) are ignored."""
        if not isinstance(value, dict):
            raise ValueError("a person is a JSON object")
        persona, plan = value.get("persona", "promises"), value.get("plan") or {}
        if not isinstance(persona, str) or not persona:
            raise ValueError("persona must be a word")
        if not isinstance(plan, dict):
            raise ValueError("plan must be an object")
        messages = value.get("messages", "delivered")
        if messages not in get_args(MessageOutcome):
            raise ValueError(f"messages is one of {', '.join(get_args(MessageOutcome))}")
        for name in ("name", "customer_number"):
            if not isinstance(value.get(name), str | None):
                raise ValueError(f"{name} must be text")
        for name, most in (("birth_month", 12), ("birth_day", 31)):
            number = value.get(name)
            if number is not None and not (type(number) is int and 1 <= number <= most):
                raise ValueError(f"{name} must be 1 to {most}")
        known = {key: value.get(key) for key in ("name", "birth_month", "birth_day", "customer_number")}
        return cls(persona=persona, plan=dict(plan), messages=messages, **known)


@dataclass(frozen=True)
class Ringing:
    """How the phone's ringing ends: `outcome` comes `after` seconds of ringing. An `after` beyond the
    caller's Timeout ends as no-answer."""

    outcome: Outcome
    after: float


class Person(Protocol):
    """One person for one call. `talk` runs while the call is answered and is cancelled when the call ends;
    returning from it does not hang up."""

    def ring(self) -> Ringing: ...

    async def talk(self, line: Line) -> None: ...


PersonFactory = Callable[[PersonEntry, str], Person]
"""`(entry, models_url) -> Person`; `rehearsal.customers.person_for` in the carrier's own process."""


class Directory:
    """Numbers (E.164) and who answers them. A number nobody registered is answered by `PersonEntry()`."""

    def __init__(self, entries: Mapping[str, PersonEntry] | None = None) -> None:
        self._entries = dict(entries or {})

    @classmethod
    def from_file(cls, path: Path) -> "Directory":
        """From a list like demo/people.json, whose `phone` is the number."""
        return cls(
            {item["phone"]: PersonEntry.from_json(item) for item in json.loads(path.read_text("utf-8"))}
        )

    def register(self, number: str, entry: PersonEntry) -> None:
        self._entries[number] = entry

    def look_up(self, number: str) -> PersonEntry:
        return self._entries.get(number) or PersonEntry()
