"""The carrier's own account of every call: what happened, what was said and heard, and the handset's audio.

Tests judge the product by it, so it is written only by the network and by the people on it, never by the
product.
"""

import io
import time
import wave
from collections import Counter
from typing import Any

import numpy as np

from .mulaw import decode

EVENT_LIMIT = 20_000
CALL_LIMIT = 5_000
AUDIO_LIMIT = 100  # calls whose audio is kept; about 1 MB a minute each


class CallRecord:
    """One call. Positions (`at_ms`, `start_ms`) are milliseconds since the answer, on the clock of the audio;
    `at` is Unix time in seconds."""

    def __init__(self, *, sid: str, to: str, from_: str, persona: str, parent_sid: str | None = None) -> None:
        self.sid = sid
        self.parent_sid = parent_sid
        self.to = to
        self.from_ = from_
        self.persona = persona
        self.status = "queued"
        self.created_at = time.time()
        self.answered_at: float | None = None
        self._zero: float | None = None
        self.events: list[dict[str, Any]] = []
        self.said: list[dict[str, Any]] = []
        self.heard: list[dict[str, Any]] = []
        self.intended: dict[str, str] | None = None
        self.counters: Counter[str] = Counter()
        self.into_handset = bytearray()
        self.out_of_handset = bytearray()

    def answered(self, zero: float) -> None:
        """The call is answered; `zero` is `time.monotonic()` of position 0."""
        self._zero = zero
        self.answered_at = time.time() - (time.monotonic() - zero)

    def now_ms(self) -> int | None:
        return None if self._zero is None else round((time.monotonic() - self._zero) * 1000)

    def event(self, kind: str, **fields: Any) -> None:
        if len(self.events) >= EVENT_LIMIT:
            self.counters["events_dropped"] += 1
            return
        self.events.append({"at_ms": self.now_ms(), "at": time.time(), "kind": kind, **fields})

    def error(self, code: int, message: str) -> None:
        """What Twilio would show in its debugger."""
        self.event("error", code=code, message=message)

    def as_json(self) -> dict[str, Any]:
        return {
            "sid": self.sid,
            "parent_sid": self.parent_sid,
            "to": self.to,
            "from": self.from_,
            "persona": self.persona,
            "status": self.status,
            "created_at": self.created_at,
            "answered_at": self.answered_at,
            "events": self.events,
            "said": self.said,
            "heard": self.heard,
            "intended": self.intended,
            "counters": dict(self.counters),
        }

    def wav(self) -> bytes:
        """Stereo 16-bit WAV at 8 kHz from the answer on: left went into the handset, right came out of it."""
        tracks = [decode(bytes(track)) for track in (self.into_handset, self.out_of_handset)]
        length = min(len(track) for track in tracks)
        buffer = io.BytesIO()
        with wave.open(buffer, "wb") as wav:
            wav.setnchannels(2)
            wav.setsampwidth(2)
            wav.setframerate(8000)
            wav.writeframes(np.stack([track[:length] for track in tracks], axis=1).astype("<i2").tobytes())
        return buffer.getvalue()


class Ledger:
    """Every call of this carrier, oldest first; bounded, so that a long soak does not grow without end."""

    def __init__(self) -> None:
        self._records: dict[str, CallRecord] = {}
        self.requests: Counter[str] = Counter()

    def asked(self, to: str) -> None:
        """A create request to `to` has come, whatever becomes of it."""
        self.requests[to] += 1

    def open(
        self, *, sid: str, to: str, from_: str, persona: str, parent_sid: str | None = None
    ) -> CallRecord:
        record = CallRecord(sid=sid, to=to, from_=from_, persona=persona, parent_sid=parent_sid)
        self._records[sid] = record
        if len(self._records) > CALL_LIMIT:
            del self._records[next(iter(self._records))]
        if len(self._records) > AUDIO_LIMIT:
            stale = list(self._records.values())[-AUDIO_LIMIT - 1]
            stale.into_handset.clear()
            stale.out_of_handset.clear()
        return record

    def get(self, sid: str) -> CallRecord | None:
        return self._records.get(sid)

    def all(self) -> list[CallRecord]:
        return list(self._records.values())
