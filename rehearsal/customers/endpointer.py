"""Where somebody's speech begins and ends on the line, by energy alone and counted in frames: no clock is looked at."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from rehearsal.carrier.line import FRAME_MS
from rehearsal.carrier.mulaw import level

HANGOVER = (
    700 // FRAME_MS
)  # frames of quiet that end an utterance; speakers pause up to half a second inside one
LEAD = 160 // FRAME_MS  # frames kept from before the onset: soft consonants begin below the threshold
ONSET = 3  # loud frames within ONSET_WINDOW that begin one, so that a click does not
ONSET_WINDOW = 5
TAIL = 100 // FRAME_MS  # frames kept after the last loud one: a recogniser searches long in silence
SHORTEST = 120 // FRAME_MS  # loud frames; less is a click, a breath, a key
LONGEST = 30_000 // FRAME_MS  # frames, about what a recogniser takes in one request
QUIETEST = 150.0  # RMS of 32767 below which nothing is speech, however silent the line
ABOVE_NOISE = 3.0  # speech stands about 10 dB above the noise of the line
NOISE_WINDOW = (
    4000 // FRAME_MS
)  # frames; nobody speaks for four seconds without a gap, so their quietest is the noise


@dataclass(frozen=True)
class Utterance:
    """One stretch of speech: mu-law at 8 kHz with a little quiet around it, and where it was heard (ms of the call)."""

    audio: bytes
    start_ms: int
    end_ms: int


class Endpointer:
    """Cuts a stream of 20 ms mu-law frames into utterances."""

    def __init__(self) -> None:
        self._levels: deque[float] = deque([0.0], maxlen=NOISE_WINDOW)  # a line is silent at first
        self._lead: deque[tuple[int, bytes, bool]] = deque(maxlen=LEAD + ONSET_WINDOW)
        self._frames: list[tuple[int, bytes]] = []
        self._loud = 0
        self._quiet = 0

    @property
    def speaking(self) -> bool:
        """Whether the other side is in an utterance that has not ended yet."""
        return bool(self._frames)

    def feed(self, position_ms: int, frame: bytes) -> Utterance | None:
        """One frame heard at `position_ms`; the utterance that ends with it, if one does."""
        loud = self._is_loud(frame)
        if not self.speaking:
            self._lead.append((position_ms, frame, loud))
            if sum(loud for _, _, loud in list(self._lead)[-ONSET_WINDOW:]) >= ONSET:
                self._begin()
            return None
        self._frames.append((position_ms, frame))
        self._loud += loud
        self._quiet = 0 if loud else self._quiet + 1
        if self._quiet < HANGOVER and len(self._frames) < LONGEST:
            return None
        return self._end()

    def _is_loud(self, frame: bytes) -> bool:
        heard = level(frame)
        noise = min(self._levels)
        self._levels.append(heard)
        return heard > max(QUIETEST, ABOVE_NOISE * noise)

    def _begin(self) -> None:
        self._frames = [(position, frame) for position, frame, _ in self._lead]
        self._loud = sum(loud for _, _, loud in self._lead)
        self._quiet = 0
        self._lead.clear()

    def _end(self) -> Utterance | None:
        frames, loud, quiet = self._frames, self._loud, self._quiet
        self._frames, self._loud, self._quiet = [], 0, 0
        if loud < SHORTEST:
            return None
        spoken = frames[: len(frames) - quiet]
        kept = frames[: len(spoken) + TAIL]
        return Utterance(b"".join(frame for _, frame in kept), frames[0][0], spoken[-1][0] + FRAME_MS)
