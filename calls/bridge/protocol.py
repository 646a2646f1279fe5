"""Twilio Media Streams on the wire. https://www.twilio.com/docs/voice/media-streams/websocket-messages"""

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Any

MAX_TEXT = 64 * 1024
MAX_PAYLOAD = 8000  # bytes of mu-law in one message: one second; Twilio sends 160
MEDIA_FORMAT = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
STREAM_SID = re.compile(r"[A-Za-z0-9]{1,64}")
DTMF_CODES = {digit: code for code, digit in enumerate("0123456789*#ABCD")}


class Invalid(Exception):
    """This message is of no use; the stream may go on."""


class Violation(Exception):
    """The peer cannot be a sound media stream: close it."""


@dataclass(frozen=True, slots=True)
class Connected:
    pass


@dataclass(frozen=True, slots=True)
class Start:
    stream_sid: str
    account_sid: str
    call_sid: str
    token: str


@dataclass(frozen=True, slots=True)
class Media:
    """`at_ms` is the position in the stream of the first sample."""

    stream_sid: str
    at_ms: int
    ulaw: bytes


@dataclass(frozen=True, slots=True)
class Dtmf:
    stream_sid: str
    digit: str


@dataclass(frozen=True, slots=True)
class Mark:
    stream_sid: str
    name: str


@dataclass(frozen=True, slots=True)
class Stop:
    stream_sid: str


Message = Connected | Start | Media | Dtmf | Mark | Stop


def parse(text: str) -> Message:
    """One text frame from the carrier. Raises Invalid or Violation."""
    if len(text) > MAX_TEXT:
        raise Invalid("too long")
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Invalid("not JSON") from error
    if not isinstance(message, dict):
        raise Invalid("not an object")
    event = message.get("event")
    if event == "media":  # first: fifty a second, the others a few a call
        return _media(message)
    if event == "connected":
        return Connected()
    if event == "start":
        return _start(message)
    sid = _text(message, "streamSid")
    if event == "mark":
        return Mark(sid, _text(_part(message, "mark"), "name"))
    if event == "dtmf":
        digit = _text(_part(message, "dtmf"), "digit")
        if digit not in DTMF_CODES:
            raise Invalid("no such digit")
        return Dtmf(sid, digit)
    if event == "stop":
        return Stop(sid)
    raise Invalid("unknown event")


def _media(message: dict[str, Any]) -> Media:
    sid, media = _text(message, "streamSid"), _part(message, "media")
    if media.get("track", "inbound") != "inbound":
        raise Invalid("not the caller's track")
    at, payload = _text(media, "timestamp"), _text(media, "payload")
    if not (at.isascii() and at.isdigit() and len(at) <= 10):
        raise Invalid("no timestamp")
    try:
        ulaw = base64.b64decode(payload, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid("not base64") from error
    if not 0 < len(ulaw) <= MAX_PAYLOAD:
        raise Invalid("empty or too long")
    return Media(sid, int(at), ulaw)


def _start(message: dict[str, Any]) -> Start:
    try:
        start = _part(message, "start")
        sid = _text(start, "streamSid")
        parameters = _part(start, "customParameters")
        opened = Start(sid, _text(start, "accountSid"), _text(start, "callSid"), _text(parameters, "token"))
        media_format = _part(start, "mediaFormat")
    except Invalid as error:
        raise Violation("a start that lacks something") from error
    if {key: media_format.get(key) for key in MEDIA_FORMAT} != MEDIA_FORMAT:
        raise Violation("not mu-law at 8 kHz")
    if message.get("streamSid", sid) != sid or not STREAM_SID.fullmatch(sid):
        raise Violation("no sound stream SID")
    return opened


def _part(message: dict[str, Any], key: str) -> dict[str, Any]:
    part = message.get(key)
    if not isinstance(part, dict):
        raise Invalid(f"no {key}")
    return part


def _text(message: dict[str, Any], key: str) -> str:
    text = message.get(key)
    if not isinstance(text, str) or not text:
        raise Invalid(f"no {key}")
    return text


def media(stream_sid: str, ulaw: bytes) -> str:
    # Built by hand: neither part needs escaping (see STREAM_SID), and this runs fifty times a second for each call.
    payload = base64.b64encode(ulaw).decode("ascii")
    return f'{{"event":"media","streamSid":"{stream_sid}","media":{{"payload":"{payload}"}}}}'


def mark(stream_sid: str, name: str) -> str:
    return json.dumps({"event": "mark", "streamSid": stream_sid, "mark": {"name": name}})


def clear(stream_sid: str) -> str:
    return json.dumps({"event": "clear", "streamSid": stream_sid})
