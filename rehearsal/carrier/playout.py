"""Audio on its way to the handset: a buffer that is emptied at the line's pace."""

import asyncio
from collections import deque
from collections.abc import Callable

from .line import FRAME

UNDERRUN_MOST = 25  # frames: a longer gap (500 ms) is a pause between utterances, not a buffer run dry


class Playout:
    """Mu-law in, one frame of 20 ms out per tick. Marks fire when the audio that was queued before them has
    been played, or when the buffer is cleared."""

    def __init__(self) -> None:
        self._audio = bytearray()
        self._queued = 0  # bytes ever queued; marks are positions on this scale
        self._played = 0
        self._marks: deque[tuple[int, Callable[[bool], None]]] = deque()
        self._dry: int | None = None  # ticks since the buffer ran dry; None before the first audio
        self.underruns = 0

    @property
    def waiting(self) -> int:
        """Bytes not yet played."""
        return len(self._audio)

    def queue(self, ulaw: bytes) -> None:
        if self._dry is not None and 0 < self._dry <= UNDERRUN_MOST and ulaw:
            self.underruns += 1
        if ulaw:
            self._dry = 0
        self._audio += ulaw
        self._queued += len(ulaw)

    def mark(self, fire: Callable[[bool], None]) -> None:
        """`fire(True)` once everything queued so far has been played, `fire(False)` when it was cleared."""
        self._marks.append((self._queued, fire))

    def clear(self) -> None:
        self._audio.clear()
        self._played = self._queued
        self._dry = None
        while self._marks:
            self._marks.popleft()[1](False)

    def next_frame(self) -> bytes | None:
        """The 160 bytes that leave now, padded with silence; None when there is nothing. A frame handed out
        at one tick has been played by the next: that is when its marks fire."""
        while self._marks and self._marks[0][0] <= self._played:
            self._marks.popleft()[1](True)
        if not self._audio:
            if self._dry is not None:
                self._dry += 1
            return None
        frame = bytes(self._audio[:FRAME])
        del self._audio[:FRAME]
        self._played += len(frame)
        return frame.ljust(FRAME, b"\xff")

    async def play(self, ulaw: bytes) -> None:
        """Queues and waits until it has been played or cleared."""
        played: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.queue(ulaw)
        self.mark(lambda heard: None if played.done() else played.set_result(heard))
        await played
