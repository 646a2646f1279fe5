"""What of a call may be kept: sound reaches the recording, and words the transcript, once their text was checked.

The bridge remembers 30 s of sound and writes what is released. A caller's turn waits until its words are known; one
that may hold a card's digits waits for the next, since people say them in parts. What never came to words is left out.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from agent_worker.listening import card_digits, may_continue, redact
from agent_worker.phone import Phone

logger = logging.getLogger(__name__)

TICK_SECONDS = 1.0
# A recogniser that has not answered by then did not understand; and sound older than that is soon forgotten.
WORDS_SECONDS = 8.0
# How long digits wait for their continuation.
CONTINUED_SECONDS = 12.0
# So many are too many to be kept when nobody knows what they were; what stands in their place.
UNFINISHED_DIGITS = 8
UNFINISHED = "[digits]"
# Sound this close to now may still become a turn; a turn's own edges are taken this much wider.
EDGE_MS = 700
MARGIN_MS = 300
# From a key's message back to the beginning of its tone, and on to its end.
KEY_MS = (600, 400)


@dataclass
class Utterance:
    """What the caller said between two silences, in Unix times. `text` is None until the words are known.

    `said` are the words as recognised, `text` as they may be kept; `part`: they may be a part of a longer number.
    """

    start: float
    end: float | None = None
    said: str = field(default="", repr=False)
    text: str | None = field(default=None, repr=False)
    part: bool = False
    known_at: float = 0.0
    keep: Callable[[str], None] | None = field(default=None, repr=False)


class Recent:
    """The turns heard last, in which a number may have been said piece by piece."""

    TURNS = 4

    def __init__(self) -> None:
        self._turns: deque[Utterance] = deque(maxlen=self.TURNS)

    def heard(self, utterance: Utterance) -> list[Utterance]:
        """Fill in what may be kept of its words. Answers the turns, it and those before, that hold a secret."""
        tail, starts = "", []
        for turn in self._turns:
            starts.append(len(tail))
            tail += turn.said + "\n"
        secrets = card_digits(utterance.said, tail)
        utterance.text = redact(utterance.said, secrets)
        utterance.part = may_continue(utterance.said, tail)
        spoiled = [utterance] if secrets else []
        for turn, start in zip(self._turns, starts, strict=True):
            end = start + len(turn.said)
            inside = [
                replace(each, start=max(each.start - start, 0), end=min(each.end, end) - start)
                for each in secrets
                if each.of == "tail" and each.start < end and each.end > start
            ]
            if inside:
                turn.text = redact(turn.said, inside, of="tail")
                spoiled.append(turn)
        self._turns.append(utterance)
        return spoiled


class Keeper:
    """Decides for one call."""

    def __init__(self, phone: Phone) -> None:
        self._phone = phone
        self._edge_ms: int | None = None
        self._left_out: list[tuple[int, int]] = []
        self._waiting: deque[Utterance] = deque()
        self._recent = Recent()
        self._task: asyncio.Task[None] | None = None
        self.stopped = False

    def start(self, at: float) -> None:
        """The notice begins at Unix time `at`: nothing before it is kept."""
        if self._task is None:
            self._edge_ms = self._phone.agent_position(at)
            self._task = asyncio.create_task(self._tick(), name="keeping")

    def began(self, at: float) -> None:
        self._waiting.append(Utterance(at))

    def ended(self, at: float) -> None:
        if self._waiting and self._waiting[-1].end is None:
            self._waiting[-1].end = at

    def words(self, text: str, *, start: float, end: float, keep: Callable[[str], None]) -> str:
        """The words of the turn that began last, as models and transcript may have them.

        `keep` is called with them once they may be stored.
        """
        utterance = next((each for each in reversed(self._waiting) if each.text is None), None)
        if utterance is None:
            utterance = Utterance(start)
            self._waiting.append(utterance)
        utterance.end, utterance.known_at, utterance.keep = end, time.time(), keep
        utterance.said = text
        for spoiled in self._recent.heard(utterance):
            self._leave_out(spoiled)
        return utterance.text or ""

    def key(self, at: float) -> None:
        """A key was pressed: its tone is in the caller's sound and tells which."""
        middle = self._phone.caller_position(at)
        self._left_out.append((max(0, middle - KEY_MS[0]), middle + KEY_MS[1]))

    def _leave_out(self, utterance: Utterance) -> None:
        end = utterance.end if utterance.end is not None else time.time()
        self._left_out.append(
            (
                max(0, self._phone.caller_position(utterance.start) - MARGIN_MS),
                self._phone.caller_position(end) + MARGIN_MS,
            )
        )

    async def stop(self) -> None:
        """The caller does not want to be recorded: neither sound nor words are kept from here on."""
        self.stopped = True
        self._waiting.clear()
        if self._task is not None:
            self._task.cancel()
        await self._phone.stop_recording()

    async def close(self) -> None:
        """The end: what was checked is let go; what was not stays out."""
        if self._task is not None:
            self._task.cancel()
        if not self.stopped:
            self._settle(time.time(), final=True)
            await self._release(time.time(), margin_ms=0)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            now = time.time()
            self._settle(now)
            await self._release(now, margin_ms=EDGE_MS)

    def _settle(self, now: float, *, final: bool = False) -> None:
        """Let go of the turns at the head of the queue that need not wait any more."""
        while self._waiting:
            first = self._waiting[0]
            if first.text is None:
                late = first.end is not None and now - first.end > WORDS_SECONDS
                if not (late or final):
                    return
                self._leave_out(first)
            elif not final and self._may_go_on(first, now):
                return
            else:
                self._let_go(first, unfinished=final and self._may_go_on(first, now))
            self._waiting.popleft()

    def _let_go(self, utterance: Utterance, *, unfinished: bool) -> None:
        """Its words go to the transcript. Digits whose end will never be heard do not: they may be a card's."""
        text = utterance.text or ""
        if unfinished and sum(map(str.isdigit, text)) >= UNFINISHED_DIGITS:
            self._leave_out(utterance)
            text = UNFINISHED
        if utterance.keep is not None:
            utterance.keep(text)

    def _may_go_on(self, first: Utterance, now: float) -> bool:
        """Whether its digits may be a part of a number that is still being said."""
        parts = [each for each in self._waiting if each.part]
        return first in parts and now - parts[-1].known_at < CONTINUED_SECONDS

    async def _release(self, now: float, *, margin_ms: int) -> None:
        if self._edge_ms is None or self.stopped:
            return
        edge = self._phone.caller_position(now) - margin_ms
        if self._waiting:
            edge = min(edge, self._phone.caller_position(self._waiting[0].start) - MARGIN_MS)
        if edge <= self._edge_ms:
            return
        start, self._edge_ms = self._edge_ms, edge
        for begin, end in _without(start, edge, sorted(self._left_out)):
            await self._phone.release(begin, end)
        self._left_out = [span for span in self._left_out if span[1] > edge]


def _without(start: int, end: int, left_out: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The parts of a stretch that are in none of the spans left out."""
    kept = []
    for begin, finish in left_out:
        if finish <= start or begin >= end:
            continue
        if begin > start:
            kept.append((start, begin))
        start = max(start, finish)
    if start < end:
        kept.append((start, end))
    return kept
