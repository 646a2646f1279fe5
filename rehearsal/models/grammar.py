"""The two grammars: what callers say and what the business's agent says.

Composed by rule from ``phrases/*.txt``: phrases with slots, slots from other slots, names from lists. An utterance is
any sequence of phrases. Transcripts leave as `written` writes them (Whisper's way): "$120.50", "December 4th", "10041".
"""

from __future__ import annotations

from functools import cache

from . import phrases
from .automaton import Automaton, of_phrases
from .phrases import Phrase, expand

CALLER, AGENT = "caller", "agent"
AGENT_LINES_MODEL = "agent-lines"
"""The transcription model that listens with the agent's grammar; every other name listens with the caller's."""


def for_model(model: str) -> str:
    """Which grammar a transcription model of that name uses."""
    return AGENT if model == AGENT_LINES_MODEL else CALLER


@cache
def automaton(name: str) -> Automaton:
    """The automaton of ``phrases/<name>.txt``."""
    return of_phrases(phrases.load(name), slots())


@cache
def slots() -> dict[str, Automaton]:
    """Every slot: those of ``phrases/slots.txt``, names, and businesses."""
    made: dict[str, Automaton] = {}

    def add(name: str, *lines: str) -> None:
        made[name] = of_phrases([Phrase(tokens, False) for line in lines for tokens in expand(line)], made)

    add("first", *phrases.words("first"))
    add("last", *phrases.words("last"))
    add("name", "<first> [<last>]", "(mister | missus | miss) <last>")
    add("business", *phrases.words("business"))
    for number, line in phrases.read_lines("slots"):
        name, equals, body = line.partition(" = ")
        if not equals:
            raise phrases.PhraseError(f"phrases/slots.txt:{number}: a slot is written as name = phrases")
        add(name, body)
    return made
