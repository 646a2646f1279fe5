"""What may be told, and how an event of the audit trail becomes a message. Other apps add theirs when they start."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError

from invoices.models import Event

# What the button in the admin sends; told to everybody who is asked.
TEST = "webhook.test"


@dataclass(frozen=True)
class Told:
    """What a message says. `about` names the occurrence; of each one message is made."""

    about: str
    data: dict[str, Any]


@dataclass(frozen=True)
class MessageType:
    # As receivers see it: "promise.made".
    name: str
    title: str
    # (Event.object_type, Event.kind) of the events that may be such an occurrence.
    events: frozenset[tuple[str, str]]
    # Called in the transaction of the event, after the change is written. None: it is none after all.
    tell: Callable[[Event], Told | None]


_types: dict[str, MessageType] = {}


def types_add(*types: MessageType) -> None:
    """Have these told. Adding one again replaces it."""
    _types.update({each.name: each for each in types})


def types_known() -> list[MessageType]:
    return list(_types.values())


def types_of(event: Event) -> list[MessageType]:
    return [each for each in _types.values() if (event.object_type, event.kind) in each.events]


def types_check(names: Iterable[str]) -> list[str]:
    """The names in their order; all of them chosen is the same as none. Raises ValidationError at `types`."""
    chosen = set(names)
    if strange := chosen - set(_types):
        raise ValidationError({"types": f"There is no message of the type {', '.join(sorted(strange))}."})
    return [] if chosen == set(_types) else [name for name in _types if name in chosen]
