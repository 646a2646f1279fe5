"""A person's end of an answered call: the handset they hear from, speak into and hang up.

The network moves one 20 ms frame in each direction per tick of its clock (see `handset`); a frame is 160
bytes of mu-law at 8 kHz. A person uses the first half of `Line`, the network the second.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any

from .ledger import CallRecord

FRAME = 160
FRAME_MS = 20
SILENCE = b"\xff" * FRAME
HEARD_LIMIT = 60 * 50  # frames kept for a person who is thinking instead of listening: one minute


class Line:
    def __init__(
        self, record: CallRecord, *, on_press: Callable[[str], None], on_hang_up: Callable[[], None]
    ) -> None:
        self._record = record
        self._on_press = on_press
        self._on_hang_up = on_hang_up
        self._to_say: deque[tuple[bytes, asyncio.Future[None] | None]] = deque()
        self._heard: deque[tuple[int, bytes]] = deque()
        self._arrived = asyncio.Event()
        self._closed = False
        self.heard_ms = 0

    # For the person

    @property
    def now_ms(self) -> int:
        """Milliseconds since the call was answered: the clock of the ledger and of the recording."""
        return self._record.now_ms() or 0

    async def heard(self) -> AsyncIterator[bytes]:
        """20 ms mu-law frames as they come out of the handset, in real time, silence included; ends with the
        call. `heard_ms` is the position of the frame yielded last. Who is busy for long finds the last minute
        waiting."""
        while True:
            while self._heard:
                self.heard_ms, frame = self._heard.popleft()
                yield frame
            if self._closed:
                return
            self._arrived.clear()
            await self._arrived.wait()

    async def say(self, ulaw: bytes) -> None:
        """Queues speech (mu-law, 8 kHz, any length) into the handset behind what is queued already; returns
        when its last frame has gone into the network, or was dropped by `stop_saying` or the call's end.
        Cancelling the wait does not stop the speech: that is what `stop_saying` is for."""
        if not ulaw or self._closed:
            return
        frames = [ulaw[start : start + FRAME].ljust(FRAME, b"\xff") for start in range(0, len(ulaw), FRAME)]
        spoken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._to_say.extend((frame, None) for frame in frames[:-1])
        self._to_say.append((frames[-1], spoken))
        await spoken

    def stop_saying(self) -> None:
        """Falls silent at once; a waiting `say` returns."""
        waiting = [spoken for _, spoken in self._to_say if spoken is not None]
        self._to_say.clear()
        for spoken in waiting:
            if not spoken.done():
                spoken.set_result(None)

    def press(self, digit: str) -> None:
        """One key of the phone: 0-9, *, #, A-D."""
        if len(digit) != 1 or digit not in "0123456789*#ABCD":
            raise ValueError(f"no such key: {digit!r}")
        self._on_press(digit)

    def hang_up(self) -> None:
        self._on_hang_up()

    def note(self, kind: str, **fields: Any) -> None:
        """Appends to the ledger's `events`."""
        self._record.event(kind, **fields)

    def said(self, text: str, start_ms: int, end_ms: int) -> None:
        """What the person says, to the ledger's `said`."""
        self._record.said.append({"text": text, "start_ms": start_ms, "end_ms": end_ms})

    def heard_text(self, text: str, start_ms: int, end_ms: int) -> None:
        """What the person understood, to the ledger's `heard`."""
        self._record.heard.append({"text": text, "start_ms": start_ms, "end_ms": end_ms})

    def intended(self, amount: str, date: str) -> None:
        """What the person means to promise (decimal, ISO date), to the ledger's `intended`."""
        self._record.intended = {"amount": amount, "date": date}

    # For the network

    def next_spoken(self) -> bytes | None:
        """The frame that goes into the network now; None when the person is silent."""
        if not self._to_say:
            return None
        frame, spoken = self._to_say.popleft()
        if spoken is not None and not spoken.done():
            spoken.set_result(None)
        return frame

    def deliver(self, position_ms: int, frame: bytes) -> None:
        """One frame comes out of the handset."""
        if len(self._heard) >= HEARD_LIMIT:
            self._heard.popleft()
            self._record.counters["heard_dropped"] += 1
        self._heard.append((position_ms, frame))
        self._arrived.set()

    def close(self) -> None:
        self._closed = True
        self.stop_saying()
        self._arrived.set()
