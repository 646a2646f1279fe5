"""The caller's audio on its way to the room: what is fresh goes on at once, what is stale is dropped.

All times are milliseconds of the recording's clock; `at` is the carrier's own timestamp of a frame.
"""

import asyncio
from collections import deque

import numpy as np

from calls.bridge.counters import Counters
from calls.bridge.level import audible
from calls.bridge.mulaw import FRAME, RATE, Samples

# A frame this late, with more right behind it, is the inside of a burst: whatever held it up is over.
STALE_MS = 80.0
BURST_GAP_MS = 10.0
QUEUE_FRAMES = 10  # 200 ms: also what is kept of the time before the room was joined
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
        gap, self.last_arrival = now - self.last_arrival, now
        self.lateness = self._clock.lateness(at, length, now)
        if at < self._next_at:
            self._counters.late += 1
        elif self.lateness > STALE_MS and gap < BURST_GAP_MS:
            self._counters.dropped_in += 1
            self._next_at = at + length
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

    def forget_silence(self) -> None:
        """The room has just been joined: what waited is worth its delay only if something was said in it."""
        if not any(audible(frame) for frame in self._queue):
            self._counters.dropped_in += len(self._queue)
            self._queue.clear()

    async def take(self) -> Samples:
        while not self._queue:
            self._filled.clear()
            await self._filled.wait()
        return self._queue.popleft()
