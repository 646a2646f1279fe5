"""Media Streams messages (Twilio docs: "Media Streams - WebSocket Messages").

Times and counters are strings, as Twilio sends them. What the application sends is held to the letter: the
three messages, their fields and no other.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Media:
    payload: bytes


@dataclass(frozen=True)
class Mark:
    name: str


@dataclass(frozen=True)
class Clear:
    pass


@dataclass
class Refused(Exception):
    """A message that Twilio discards with a warning; warned of once per stream."""

    code: int
    message: str


def read(text: str, stream_sid: str) -> Media | Mark | Clear:
    """One text message of the application; Refused(31951) for whatever is not to the letter."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _invalid("message does not have JSON format") from error
    if not isinstance(message, dict):
        raise _invalid("message is not an object")
    event = message.get("event")
    if event not in ("media", "mark", "clear"):
        raise _invalid("unknown message type")
    _fields(message, {"event", "streamSid"} if event == "clear" else {"event", "streamSid", event})
    if message["streamSid"] != stream_sid:
        raise _invalid("wrong Stream SID")
    match event:
        case "media":
            return Media(_payload(_only(message["media"], "payload")))
        case "mark":
            return Mark(_only(message["mark"], "name"))
    return Clear()


def connected() -> str:
    return json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"})


def start(*, stream_sid: str, account_sid: str, call_sid: str, parameters: dict[str, str]) -> dict[str, Any]:
    details = {
        "accountSid": account_sid,
        "streamSid": stream_sid,
        "callSid": call_sid,
        "tracks": ["inbound"],
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        "customParameters": parameters,
    }
    return {"event": "start", "start": details}


def media(chunk: int, timestamp_ms: int, frame: bytes) -> dict[str, Any]:
    payload = base64.b64encode(frame).decode()
    details = {"track": "inbound", "chunk": str(chunk), "timestamp": str(timestamp_ms), "payload": payload}
    return {"event": "media", "media": details}


def dtmf(digit: str) -> dict[str, Any]:
    return {"event": "dtmf", "dtmf": {"track": "inbound_track", "digit": digit}}


def mark(name: str) -> dict[str, Any]:
    return {"event": "mark", "mark": {"name": name}}


def stop(*, account_sid: str, call_sid: str) -> dict[str, Any]:
    return {"event": "stop", "stop": {"accountSid": account_sid, "callSid": call_sid}}


def _only(value: object, name: str) -> str:
    if not isinstance(value, dict):
        raise _invalid("field is not an object")
    _fields(value, {name})
    if not isinstance(value[name], str):
        raise _invalid(f"{name} is not text")
    return str(value[name])


def _fields(value: dict[str, Any], wanted: set[str]) -> None:
    if set(value) != wanted:
        raise _invalid("missing or extra field in message")


def _payload(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _invalid("payload is not base64") from error


def _invalid(why: str) -> Refused:
    return Refused(31951, f"Stream - Protocol - Invalid Message: {why}")
