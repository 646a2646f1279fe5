"""The line's clock: every 20 ms one frame goes into the handset and one comes out of it."""

import asyncio
import time
from typing import Protocol

from .ledger import CallRecord
from .line import FRAME_MS, SILENCE, Line
from .moments import OtherSide
from .mulaw import level
from .playout import Playout

LATE = 0.040
VOICE_LEVEL = 300.0  # RMS of a frame, about -40 dBFS: above line noise, below quiet speech


class Listener(Protocol):
    """Who is given what is said into the handset (a media stream)."""

    def spoken(self, frame: bytes) -> None: ...

    def pressed(self, digit: str) -> None: ...


class Handset:
    """One answered phone. `playout` is what sounds in it now, `listener` where its microphone goes now."""

    def __init__(self, record: CallRecord, *, zero: float) -> None:
        self.record = record
        self.hung_up = asyncio.Event()
        self.line = Line(record, on_press=self._pressed, on_hang_up=self.hung_up.set)
        self.playout: Playout | None = None
        self.listener: Listener | None = None
        self.awaiting_voice = False
        self.other_side = OtherSide()
        self._zero = zero

    async def run(self) -> None:
        """Paced by absolute deadlines: a late wake is made up for, so that the clock never drifts."""
        counters, tick = self.record.counters, 0
        while True:
            wait = self._zero + tick * FRAME_MS / 1000 - time.monotonic()
            await asyncio.sleep(max(0.0, wait))
            late = time.monotonic() - (self._zero + tick * FRAME_MS / 1000)
            if late > LATE:
                counters["late_frames"] += 1
                counters["latest_ms"] = max(counters["latest_ms"], round(late * 1000))
            self._tick(tick * FRAME_MS)
            counters["frames"] += 1
            tick += 1

    def _tick(self, position_ms: int) -> None:
        sounding = (self.playout.next_frame() if self.playout else None) or SILENCE
        loud = sounding is not SILENCE and level(sounding) > VOICE_LEVEL
        if self.awaiting_voice and loud:
            self.awaiting_voice = False
            self.other_side.begin_anew()
            self.record.event("first_voice", position_ms=position_ms)
        self.other_side.heard(loud)
        spoken = self.line.next_spoken() or SILENCE
        self.record.into_handset += spoken
        self.record.out_of_handset += sounding
        self.line.deliver(position_ms, sounding)
        if self.listener is not None:
            self.listener.spoken(spoken)

    def close(self) -> None:
        self.line.close()
        self.other_side.close()

    def _pressed(self, digit: str) -> None:
        self.record.event("dtmf", digit=digit)
        if self.listener is not None:
            self.listener.pressed(digit)
