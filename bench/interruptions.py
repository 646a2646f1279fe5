"""An interruption on both sides of a handset: when it began, when the agent knew of it, when the agent was silent."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent_worker.phone import AGENT_TO_PHONE_MS
from bench.sound import AUDIBLE, FRAME, Samples

FRAME_MS = 20
# A shorter silence of the agent is a breath between two sentences; a turn that answers comes later than this.
STOPPED_MS = 600
# The agent's voice is in the phone when it was audible so lately.
SPEAKING_MS = 300
# Further apart than this, the agent's cut and the silence belong to different interruptions.
APART_MS = 1000


@dataclass(frozen=True)
class Interruption:
    """Milliseconds of the handset's clock. `event` is None where the agent has no cut line in its transcript;
    `line` is that line."""

    onset: float
    event: float | None
    silent: float
    line: dict[str, Any] | None

    @property
    def event_to_silence(self) -> float | None:
        return None if self.event is None else max(0.0, self.silent - self.event)

    @property
    def onset_to_silence(self) -> float:
        return self.silent - self.onset


class Handset:
    """Both directions of one finished call. `call` is the API's answer, `dial` the carrier's record."""

    def __init__(self, call: dict[str, Any], dial: dict[str, Any], sides: tuple[Samples, Samples]) -> None:
        into, out = sides
        self.spoke, self.sounded = loud(into), loud(out)
        opened = next(event for event in dial["events"] if event["kind"] == "stream_opened")
        # Position 0 of the recording, which the transcript counts from: both are the moment of the stream's start.
        self.zero = float(opened["at_ms"])
        self.cuts = [
            line for line in call["transcript"] if line["speaker"] == "agent" and line["interrupted"]
        ]
        self.clears = [float(event["at_ms"]) for event in dial["events"] if event["kind"] == "clear"]

    def interruption(self, said: dict[str, Any]) -> Interruption | None:
        """What became of something said over the agent; None if the agent was silent by then."""
        onset = self._first(self.spoke, said["start_ms"])
        if onset is None or not self.sounding(onset):
            return None
        silent = self.silence_after(onset)
        # The transcript tells when the phone falls silent if the cut takes effect at once.
        cut = min(self.cuts, key=lambda line: abs(self.event(line) - silent), default=None)
        if cut is None or abs(self.event(cut) - silent) > APART_MS:
            return Interruption(onset, None, silent, None)
        return Interruption(onset, self.event(cut), silent, cut)

    def sounding(self, at: float) -> bool:
        """Whether the agent is speaking at `at`."""
        return bool(self.sounded[int((at - SPEAKING_MS) // FRAME_MS) : int(at // FRAME_MS) + 1].any())

    def silence_after(self, at: float) -> float:
        """The end of the agent's last audible frame before it is silent for `STOPPED_MS`."""
        first = int(at // FRAME_MS)
        silent, last = 0, first
        for place in range(first, len(self.sounded)):
            silent = 0 if self.sounded[place] else silent + FRAME_MS
            if self.sounded[place]:
                last = place + 1
            if silent >= STOPPED_MS:
                break
        return float(last * FRAME_MS)

    def voice_before(self, at: float) -> float:
        """Where the agent's voice that is heard at `at` began."""
        silent, first = 0, int(at // FRAME_MS)
        for place in range(first, -1, -1):
            silent = 0 if self.sounded[place] else silent + FRAME_MS
            if self.sounded[place]:
                first = place
            if silent >= STOPPED_MS:
                break
        return float(first * FRAME_MS)

    def sounds_between(self, start: float, end: float) -> bool:
        return bool(self.sounded[int(start // FRAME_MS) : int(end // FRAME_MS)].any())

    def cleared_between(self, start: float, end: float) -> bool:
        return any(start <= at <= end for at in self.clears)

    def event(self, line: dict[str, Any]) -> float:
        """When the agent was interrupted in this line. The transcript adds the way to the phone."""
        return float(line["end_ms"]) - AGENT_TO_PHONE_MS + self.zero

    @staticmethod
    def _first(frames: NDArray[np.bool_], at: float) -> float | None:
        found = np.nonzero(frames[int(at // FRAME_MS) :])[0]
        return float((int(at // FRAME_MS) + found[0]) * FRAME_MS) if found.size else None


def loud(samples: Samples) -> NDArray[np.bool_]:
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
    return np.asarray(np.sqrt((frames**2).mean(axis=1)) > AUDIBLE)
