"""Threats, false claims, offers and questions that nobody may hear, and the denials of them that they may."""

import re
from collections.abc import Iterator

from agent_worker.guard import tables
from agent_worker.spoken.phrases import found

Found = tuple[str, int, int]

_CLAUSE_END = re.compile(r"[,.]")
_SENTENCE_END = re.compile(r"\.")
_WORD = re.compile(r"[a-z0-9]+")
# So many words may stand between a denial and what it denies.
_REACH = 8
_CONDITIONAL = ("offer", "fee")


def claims(text: str) -> Iterator[Found]:
    """(rule, start, end) of what a spaced text claims, threatens, offers or asks for."""
    for claim in tables.CLAIMS:
        harmless = list(found(claim.harmless, text))
        for start, end in found(claim.pattern, text):
            if any(begin <= start and end <= stop for begin, stop in harmless):
                continue
            if not (claim.deniable and _is_denied(text, start, end, claim.rule)):
                yield claim.rule, start, end


def _is_denied(text: str, start: int, end: int, rule: str) -> bool:
    if tables.DENIALS.match(text, start):
        # The denial is the claim: “not a robot”.
        return False
    clause = _clause_start(text, start)
    denials = list(tables.DENIALS.finditer(text, clause, end))
    if not denials or len(_WORD.findall(text, denials[-1].end(), start)) > _REACH:
        return False
    if any(turn.start() < start for turn in tables.TURNED.finditer(text, clause)):
        return False
    return rule not in _CONDITIONAL or not _has_condition(text, start, end)


def _clause_start(text: str, position: int) -> int:
    begin = max((match.end() for match in _CLAUSE_END.finditer(text, 0, position)), default=0)
    return max((match.end() for match in tables.BREAKS.finditer(text, begin, position)), default=begin)


def _has_condition(text: str, start: int, end: int) -> bool:
    begin = max((match.end() for match in _SENTENCE_END.finditer(text, 0, start)), default=0)
    stop = _SENTENCE_END.search(text, end)
    return tables.CONDITIONS.search(text, begin, stop.start() if stop else len(text)) is not None
