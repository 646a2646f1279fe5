"""The far end of a call: a room with a phone in it, and the ear at which the agent's speech arrives."""

import json
import time
from types import SimpleNamespace
from typing import Any

from livekit import rtc
from livekit.agents.voice import io

RATE = 24000


def silence(seconds: float = 0.1) -> rtc.AudioFrame:
    samples = int(RATE * seconds)
    return rtc.AudioFrame(bytes(2 * samples), RATE, 1, samples)


class Room(rtc.EventEmitter[str]):
    """The recording began ten seconds ago. `asked` is what the bridge was asked to do; `hears`: marks come back."""

    name = "a room"

    def __init__(self) -> None:
        super().__init__()
        self.zero = time.time() - 10
        self.hears = True
        self.asked: list[tuple[str, dict[str, Any]]] = []
        attributes = {"recording.zero_ms": str(self.zero * 1000)}
        phone = SimpleNamespace(identity="phone", attributes=attributes, track_publications={"audio": True})
        self.remote_participants = {"phone": phone}
        self.local_participant = self

    async def perform_rpc(
        self, *, destination_identity: str, method: str, payload: str, response_timeout: float
    ) -> str:
        self.asked.append((method, json.loads(payload)))
        if method == "call.hang_up":
            self.emit("participant_disconnected", self.remote_participants["phone"])
        return json.dumps({"heard": self.hears})

    def press(self, keys: str) -> None:
        for key in keys:
            self.emit("sip_dtmf_received", SimpleNamespace(digit=key))

    def kept(self, at: float) -> bool:
        """Whether the sound of Unix time `at` was released into the recording."""
        place = (at - self.zero) * 1000
        released = [asked for method, asked in self.asked if method == "recording.release"]
        return any(each["from_ms"] <= place < each["to_ms"] for each in released)


class Ear(io.AudioOutput):
    """Hears what is said at once; while `far`, nothing ends until it is cut off. `begun` counts."""

    def __init__(self) -> None:
        super().__init__(label="Ear", capabilities=io.AudioOutputCapabilities(pause=False), sample_rate=RATE)
        self.far = False
        self.begun = 0
        self._heard = 0.0

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await super().capture_frame(frame)
        if not self._heard:
            self.begun += 1
            self.on_playback_started(created_at=time.time())
        self._heard += frame.duration

    def flush(self) -> None:
        super().flush()
        if not self.far:
            self._over(interrupted=False)

    def clear_buffer(self) -> None:
        self._over(interrupted=True)

    def _over(self, *, interrupted: bool) -> None:
        if self._heard:
            heard, self._heard = self._heard, 0.0
            self.on_playback_finished(playback_position=heard, interrupted=interrupted)
