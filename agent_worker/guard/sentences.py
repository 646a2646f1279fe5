"""The guard on a reply that arrives in pieces: each sentence is let go, with its verdict, as soon as it is whole."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent_worker.guard.check import check
from agent_worker.guard.facts import Finding, GuardFacts, Phase, Verdict

# A sentence without an end is looked at in stretches, so that nothing waits for ever.
_LONGEST = 400
# What was said last goes into the next check: an amount may be spread over two sentences.
_TAIL = 60
_END = re.compile(r"(?:[.!?…。！？]+[\"'”’)\]]*(?=\s)|\n)\s*")
_READY = re.compile(r"(?:[!?…。！？]|[^\W\d_]{2,}\.)[\"'”’)\]]*$")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:mr|mrs|ms|dr|st|no|vs|ltd|inc|co|corp|jr|sr|sra|srta|hr|fr|nr|prof|mme|mlle|approx|e\.g|i\.e|"
    r"[ap]\.m|\w)\.$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A stretch of the reply as it was fed, white space included. The verdict's positions are those of `text`."""

    text: str
    verdict: Verdict


class SentenceGuard:
    """Feed it what a model streams; it answers whole sentences. All that is fed comes out again, in order.

    One guard serves one phase; across replies it remembers the last words that it let go. After a bad verdict the
    caller drops the rest of the reply and calls `drop`, as before each reply: the one before may have been broken off.
    """

    def __init__(self, *, phase: Phase, facts: GuardFacts) -> None:
        self.phase = phase
        self.facts = facts
        self._buffer = ""
        self._tail = ""

    def feed(self, chunk: str) -> list[Sentence]:
        """The sentences that `chunk` completed."""
        self._buffer += chunk
        return [self._checked(text) for text in self._whole()]

    def flush(self) -> list[Sentence]:
        """The reply has ended: what is left, as a sentence."""
        rest, self._buffer = self._buffer, ""
        return [self._checked(rest)] if rest else []

    def drop(self) -> None:
        """Forget what was not let go yet."""
        self._buffer = ""

    def _whole(self) -> Iterator[str]:
        while (end := self._end()) is not None:
            text, self._buffer = self._buffer[:end], self._buffer[end:]
            yield text

    def _end(self) -> int | None:
        for match in _END.finditer(self._buffer):
            if not _ABBREVIATION.search(self._buffer[: match.start() + 1]):
                return match.end()
        if _READY.search(self._buffer) and not _ABBREVIATION.search(self._buffer):
            return len(self._buffer)
        if len(self._buffer) > _LONGEST:
            return self._buffer.rfind(" ", 1, _LONGEST) + 1 or _LONGEST
        return None

    def _checked(self, text: str) -> Sentence:
        tail = self._tail
        verdict = check(tail + text, self.phase, self.facts)
        shift = len(tail)
        own = tuple(
            Finding(finding.rule, max(0, finding.start - shift), finding.end - shift)
            for finding in verdict.findings
            if finding.end > shift
        )
        if not own:
            # What may not be spoken has not been heard.
            self._tail = _last_words(tail + text)
        return Sentence(text, Verdict(own))


def _last_words(text: str) -> str:
    if len(text) <= _TAIL:
        return text if text[-1:].isspace() or not text else text + " "
    cut = text[-_TAIL:]
    # From the next word on, so that half a word is not taken for another.
    cut = cut[cut.find(" ") + 1 :] if " " in cut else ""
    return cut if cut[-1:].isspace() or not cut else cut + " "
