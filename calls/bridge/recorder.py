"""The recording of one call, as a gate: both sides wait in memory, and only what the agent has released is kept.

Stereo, 16 bits, 8 kHz: left what the caller said, right what the phone played of the agent. A position in the file is
the recording's clock; what was not released is silence there.
"""

import struct
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO
from uuid import UUID

import numpy as np
import numpy.typing as npt
from django.core.files.base import File
from django.core.files.storage import default_storage

from calls.bridge.mulaw import RATE, Samples

CALLER, AGENT = 0, 1
MEMORY_MS = 30_000  # how long an unreleased moment is remembered
AHEAD_MS = 5_000  # how far ahead of now the agent's audio may reach
SETTLED_MS = 1_500  # younger audio may still change: late frames, a cut
MAX_SPANS = 1000
HEADER = 44
FRAME_BYTES = 4
_RING = (MEMORY_MS + AHEAD_MS) * RATE // 1000

Piece = tuple[int, bytes]  # first sample, interleaved samples


@dataclass(slots=True)
class _Span:
    """A released stretch, in samples. `done` is how far it has been handed out for writing."""

    done: int
    end: int | None


class Recorder:
    """The memory and the gate. Touched by the event loop only; it does no input or output."""

    def __init__(self) -> None:
        self._ring: npt.NDArray[np.int16] = np.zeros((_RING, 2), np.int16)
        self._head = 0  # everything before it, as far back as the ring reaches, is valid
        self._now = 0
        self._spans: list[_Span] = []
        self._stopped: int | None = None

    def write(self, side: int, at_ms: float, samples: Samples, now_ms: float) -> None:
        """Place one side's samples at a position. What lies outside the memory is left out."""
        self._now = max(self._now, _sample(now_ms))
        start, end = _sample(at_ms), _sample(at_ms) + len(samples)
        if end > self._now + AHEAD_MS * RATE // 1000:
            return
        self._reserve(end)
        oldest = max(0, self._head - _RING)
        if start < oldest:
            samples, start = samples[oldest - start :], oldest
        for ring, part in self._runs(start, len(samples)):
            self._ring[ring, side] = samples[part]

    def cut(self, at_ms: float) -> None:
        """The phone played nothing of the agent from here on."""
        start = max(_sample(at_ms), self._head - _RING, 0)
        for ring, _ in self._runs(start, self._head - start):
            self._ring[ring, AGENT] = 0

    def release(self, from_ms: int, to_ms: int | None) -> bool:
        """Let a stretch into the file; without an end, everything from there on.

        False if there are too many, or if the recording was stopped.
        """
        if self._stopped is not None or len(self._spans) >= MAX_SPANS:
            return False
        self._spans.append(_Span(_sample(from_ms), None if to_ms is None else _sample(to_ms)))
        return True

    def stop(self, now_ms: float) -> None:
        """Nothing more reaches the file, whatever was released; the file ends here."""
        if self._stopped is None:
            self._stopped = _sample(now_ms)
        self._spans.clear()

    def length_ms(self, now_ms: float) -> int:
        """How long the file is when the call is over at `now_ms`."""
        return int(now_ms) if self._stopped is None else self._stopped * 1000 // RATE

    def settled(self, now_ms: float, *, final: bool = False) -> list[Piece]:
        """What has been released, is settled (or, at the end, is there) and was not handed out yet."""
        self._now = max(self._now, _sample(now_ms))
        edge = self._now - (0 if final else SETTLED_MS * RATE // 1000)
        self._reserve(self._now)
        oldest = max(0, self._head - _RING)
        pieces = []
        for span in self._spans:
            start = max(span.done, oldest)
            end = edge if span.end is None else min(edge, span.end)
            if end > start:
                pieces.append((start, self._read(start, end)))
                span.done = end
        self._spans = [span for span in self._spans if span.end is None or span.done < span.end]
        return pieces

    def forget(self) -> None:
        """The call is over: give the memory back now, not when the garbage collector comes by."""
        self._ring = np.zeros((0, 2), np.int16)
        self._spans.clear()

    def _read(self, start: int, end: int) -> bytes:
        return b"".join(self._ring[ring].tobytes() for ring, _ in self._runs(start, end - start))

    def _reserve(self, end: int) -> None:
        if end > self._head:
            start = max(self._head, end - _RING)
            self._head = end
            for ring, _ in self._runs(start, end - start):
                self._ring[ring] = 0

    @staticmethod
    def _runs(start: int, count: int) -> Iterator[tuple[slice, slice]]:
        """The one or two runs of the ring that `count` samples from `start` lie in, and their part of the samples."""
        done = 0
        while done < count:
            at = (start + done) % _RING
            size = min(count - done, _RING - at)
            yield slice(at, at + size), slice(done, done + size)
            done += size


class Spool:
    """The file. Every method blocks: call them off the event loop, one at a time."""

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None

    def write(self, pieces: list[Piece]) -> None:
        if self._file is None:
            # It outlives this call, and is gone with the process.
            self._file = tempfile.TemporaryFile(prefix="recording-", suffix=".wav")  # noqa: SIM115
        for start, samples in pieces:
            self._file.seek(HEADER + start * FRAME_BYTES)
            self._file.write(samples)

    def save(self, call_id: UUID, length_ms: int) -> str:
        """Finish the WAV and hand it to the storage. Returns its name there; empty if nothing was released."""
        if self._file is None:
            return ""
        size = length_ms * RATE // 1000 * FRAME_BYTES
        self._file.truncate(HEADER + size)
        self._file.seek(0)
        self._file.write(_header(size))
        return default_storage.save(f"recordings/{call_id}.wav", File(self._file))

    def discard(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _header(size: int) -> bytes:
    byte_rate = RATE * FRAME_BYTES
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(
            b"RIFF",
            size + HEADER - 8,
            b"WAVE",
            b"fmt ",
            16,
            1,
            2,
            RATE,
            byte_rate,
            FRAME_BYTES,
            16,
            b"data",
            size,
        ),
    )


def _sample(ms: float) -> int:
    return int(ms * RATE // 1000)
