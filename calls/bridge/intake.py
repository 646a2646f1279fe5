"""The caller's audio on its way to the room: frames go on at once, and what a longer gap has delayed is dropped.

All times are milliseconds of the recording's clock; `at` is the carrier's own timestamp of a frame.
"""

import asyncio
from collections import deque

import numpy as np

from calls.bridge.counters import Counters
from calls.bridge.level import audible
from calls.bridge.mulaw import FRAME, RATE, Samples

GAP_MS = 250.0  # without a frame: what comes after such a gap is treated as a new beginning
QUEUE_FRAMES = 10  # 200 ms: also what is kept of the time before the room was joined
FRESH_FRAMES = 1
WINDOW_MS = 5000.0


class CarrierClock:
    """Relates the carrier's timestamps to the recording's clock by the frames that travelled fastest."""

    def __init__(self) -> None:
        self._offset: float | None = None
        self._window_start = 0.0
        self._window: float | None = None
        self._previous: float | None = None

    def position(self, at: float, length: float, now: float) -> float:
        """When the frame was spoken. A frame cannot arrive before its end was spoken, so the offset only shrinks."""
        offset = now - length - at
        self._offset = offset if self._offset is None else min(self._offset, offset)
        return at + self._offset

    def lateness(self, at: float, length: float, now: float) -> float:
        """How much longer the frame took than the fastest of the last 5 to 10 s."""
        offset = now - length - at
        if self._window is None or now - self._window_start > WINDOW_MS:
            self._previous, self._window, self._window_start = self._window, offset, now
        self._window = min(self._window, offset)
        fastest = self._window if self._previous is None else min(self._window, self._previous)
        return offset - fastest


class Intake:
    """A bounded queue of 20 ms frames; `offer` never waits, `take` does. Overrunning drops the oldest."""

    def __init__(self, counters: Counters) -> None:
        self.lateness = 0.0
        self.interrupted = False  # frames stopped for a while and have just come again
        self.last_arrival = 0.0
        self._counters = counters
        self._clock = CarrierClock()
        self._next_at = 0.0
        self._rest: Samples | None = None
        self._queue: deque[Samples] = deque()
        self._filled = asyncio.Event()

    def offer(self, at: float, samples: Samples, now: float) -> float:
        """Take what arrived at `now`; returns when it was spoken."""
        length = len(samples) * 1000 / RATE
        self.interrupted = self.interrupted or now - self.last_arrival > GAP_MS
        self.last_arrival = now
        self.lateness = self._clock.lateness(at, length, now)
        if at < self._next_at:
            self._counters.late += 1
        else:
            self._next_at = at + length
            self._enqueue(samples)
        return self._clock.position(at, length, now)

    def _enqueue(self, samples: Samples) -> None:
        """Frames leave with exactly 20 ms; what the carrier sends may have any length."""
        for frame in self._frames(samples):
            if len(self._queue) == QUEUE_FRAMES:
                self._queue.popleft()
                self._counters.dropped_in += 1
            self._queue.append(frame)
            self._filled.set()

    def _frames(self, samples: Samples) -> list[Samples]:
        if self._rest is None and len(samples) == FRAME:
            return [samples]
        pending = samples if self._rest is None else np.concatenate([self._rest, samples])
        whole = len(pending) // FRAME * FRAME
        self._rest = pending[whole:] if whole < len(pending) else None
        return [pending[start : start + FRAME] for start in range(0, whole, FRAME)]

    def begin(self) -> None:
        """The room has just been joined: what waited is worth its delay only if something was said in it."""
        self.interrupted = False
        if not any(audible(frame) for frame in self._queue):
            self._keep(0)

    def begin_again(self) -> None:
        """After an interruption only the newest 20 ms are worth saying."""
        self.interrupted = False
        self._keep(FRESH_FRAMES)

    def _keep(self, frames: int) -> None:
        while len(self._queue) > frames:
            self._queue.popleft()
            self._counters.dropped_in += 1

    async def take(self) -> Samples:
        while not self._queue:
            self._filled.clear()
            await self._filled.wait()
        return self._queue.popleft()
