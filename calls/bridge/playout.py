"""What the phone still has to play, known without asking: the carrier plays at 1x what it was sent, in order.

Twilio buffers without a limit, so whatever once waits there delays every later word. The play head keeps the wait
small: silence is left out first, then speech is shortened by a third until the wait is gone. Times are milliseconds of
the recording's clock.
"""

from dataclasses import dataclass

import numpy as np

from calls.bridge.counters import Counters
from calls.bridge.level import audible
from calls.bridge.mulaw import FRAME_MS, RATE, Samples

SILENCE_LEAD_MS = 40.0  # more than this waits: leave out what is quiet
HURRY_LEAD_MS = 100.0  # more than this: shorten speech,
REST_LEAD_MS = 40.0  # until no more than this waits
LIMIT_LEAD_MS = 1000.0  # more than this is worth less than being up to date
MUTE_AFTER_CUT_MS = 200.0  # what was already on its way when the agent was interrupted
DRIFT_MS = 60.0
MARKS = 32

_FADE = np.linspace(0.0, 1.0, RATE * FRAME_MS // 1000, dtype=np.float32)


@dataclass(slots=True)
class _Mark:
    sent: float
    lead: float


class PlayHead:
    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        self._end = 0.0
        self._hurry = False
        self._held: Samples | None = None
        self._skip_merge = False
        self._mute_until = 0.0
        self._marks: dict[str, _Mark] = {}
        self._fastest_echo: float | None = None

    def lead(self, now: float) -> float:
        """Milliseconds of audio that the phone has not played yet."""
        return max(0.0, self._end - now)

    def offer(self, frame: Samples, now: float) -> Samples | None:
        """One 20 ms frame of the agent. Returns what to send for it now, if anything."""
        heard = audible(frame)
        if now < self._mute_until:
            if heard:
                self._counters.dropped_out += 1
                return None
            self._mute_until = 0.0
        lead = self.lead(now)
        if not heard and lead > SILENCE_LEAD_MS:
            self._counters.shed_ms += FRAME_MS
            return None
        if lead > HURRY_LEAD_MS:
            self._hurry = True
        elif lead <= REST_LEAD_MS and self._held is None:
            self._hurry = False
        return self._shorten(frame) if self._hurry else frame

    def _shorten(self, frame: Samples) -> Samples | None:
        """Of three frames the first two become one by cross-fading, so nothing clicks and the pitch stays."""
        if self._held is None:
            if self._skip_merge:
                self._skip_merge = False
                return frame
            self._held = frame
            return None
        first, self._held, self._skip_merge = self._held, None, True
        self._counters.shed_ms += FRAME_MS
        return (first * (1 - _FADE) + frame * _FADE).astype(np.int16)

    def sent(self, samples: Samples, now: float) -> float:
        """The samples went out; returns the position at which the phone will play them."""
        start = max(now, self._end)
        self._end = start + len(samples) * 1000 / RATE
        return start

    def cut(self, now: float, *, mute: bool = False) -> None:
        """The phone was told to forget what it has not played. Marks come back now whatever was heard."""
        self._end = min(self._end, now)
        self._held = None
        self._marks.clear()
        if mute:
            self._mute_until = now + MUTE_AFTER_CUT_MS

    def mark_sent(self, name: str, now: float) -> None:
        if len(self._marks) < MARKS:
            self._marks[name] = _Mark(now, self.lead(now))

    def mark_echoed(self, name: str, now: float, lateness: float) -> None:
        """The phone has played up to this mark. If that took longer than believed, more waits there than believed.

        `lateness` is how late the carrier's messages arrive at this moment: a stall of ours is no wait at the phone.
        """
        mark = self._marks.pop(name, None)
        if mark is None:
            return
        trip = now - mark.sent - mark.lead - lateness
        if self._fastest_echo is None or trip < self._fastest_echo:
            self._fastest_echo = trip
        excess = trip - self._fastest_echo
        if excess > DRIFT_MS:
            self._end = max(now, self._end) + excess
            self._marks.clear()  # those under way were sent in the old belief

    def oldest_mark(self) -> float | None:
        """When the mark that is awaited longest should have come back, had the network taken no time."""
        return min((mark.sent + mark.lead for mark in self._marks.values()), default=None)
