"""A phone held by a test: it speaks, or makes another sound, at a moment of the test's choice."""

import base64
from typing import Any

import requests

from tests.waiting import eventually
from tests.world import World

# Longer than anything the agent says, and than its longest silence.
PATIENCE_SECONDS = 45.0


class Phone:
    """The customer of an answered call; their persona is `quiet`, so that nobody else speaks."""

    def __init__(self, world: World, call_id: str) -> None:
        self.call_id = call_id
        self._world = world
        dial = eventually(self._answered, within=60)
        self.sid = str(dial["sid"])

    def _answered(self) -> dict[str, Any] | None:
        """The carrier's record once the agent's voice is in the phone."""
        dials = self._world.dials(self.call_id)
        return next(
            (each for each in dials if any(event["kind"] == "first_voice" for event in each["events"])), None
        )

    def interrupt(self, text: str, after_ms: int = 1500) -> dict[str, Any]:
        """Speak over the other side once it has spoken for so long; {"start_ms", "end_ms"} of the handset's clock."""
        return self._post("words", {"text": text, "after": {"voice_ms": after_ms}})

    def answer(self, text: str, after_ms: int = 800) -> dict[str, Any]:
        """Speak once the other side has spoken and been quiet for so long."""
        return self._post("words", {"text": text, "after": {"quiet_ms": after_ms}})

    def sound(self, name: str, ulaw: bytes, after_ms: int = 1500) -> dict[str, Any]:
        """A sound over the other side's voice."""
        body = {"name": name, "ulaw": base64.b64encode(ulaw).decode(), "after": {"voice_ms": after_ms}}
        return self._post("sound", body)

    def _post(self, what: str, body: dict[str, Any]) -> dict[str, Any]:
        url = f"{self._world.control}/calls/{self.sid}/{what}"
        answer = requests.post(url, json=body, timeout=PATIENCE_SECONDS)
        assert answer.ok, f"{what}: {answer.status_code} {answer.text[:200]}"
        return dict(answer.json())
