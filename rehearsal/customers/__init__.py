"""Simulated people. Each hears only their phone, and knows only what is registered for their number."""

from __future__ import annotations

from rehearsal.carrier.people import Person, PersonEntry

from .personas import PERSONAS
from .speech import SpeechClient

__all__ = ["PERSONAS", "person_for"]


def person_for(entry: PersonEntry, models_url: str) -> Person:
    """A person for one call. `models_url` is the models server their ears and mouth use, ending in /v1; ValueError
    for a persona nobody plays."""
    persona = PERSONAS.get(entry.persona)
    if persona is None:
        raise ValueError(f"no persona {entry.persona!r}; there are {', '.join(sorted(PERSONAS))}")
    return persona(entry, SpeechClient(models_url))
