"""POST /v1/audio/speech: text in, 24 kHz mono 16-bit speech out, as raw PCM, WAV or server-sent events."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any

from aiohttp import web

from .body import choice, json_body, text
from .errors import ApiError
from .espeak import Voice, espeak
from .kept import SPOKEN, Spoken
from .sound import Samples, levelled, resample, to_pcm, write_wav
from .speakable import speakable
from .voices import VOICES

RATE = 24000
LONGEST = 4096  # characters of input (OpenAI's API reference)
PIECE = 9600  # bytes in one write: 200 ms
BILLED_BY_CHARACTER = ("tts-1", "tts-1-hd")  # these refuse stream_format=sse (OpenAI's API reference)


async def speak(request: web.Request) -> web.StreamResponse:
    """The route."""
    body = await json_body(request)
    model, words = text(body, "model"), text(body, "input")
    if len(words) > LONGEST:
        raise ApiError(
            400,
            f"String too long: at most {LONGEST} characters.",
            param="input",
            code="string_above_max_length",
        )
    name = choice(body, "voice", tuple(VOICES), "")
    kind = choice(body, "response_format", ("pcm", "wav"), "mp3")
    stream = choice(body, "stream_format", ("audio", "sse"), "audio")
    if stream == "sse" and model in BILLED_BY_CHARACTER:
        raise ApiError(400, f"stream_format 'sse' is not supported for '{model}'.", param="stream_format")
    samples = await asyncio.to_thread(synthesise, words, VOICES[name], _speed(body))
    pcm = to_pcm(samples)
    request.app[SPOKEN].append(Spoken(model, name, words, pcm))
    data = write_wav(samples, RATE) if kind == "wav" else pcm
    if stream == "sse":
        return await _stream(request, "text/event-stream", _events(words, data))
    return await _stream(request, f"audio/{kind}", _pieces(data))


def synthesise(words: str, voice: Voice, speed: float = 1.0) -> Samples:
    """*words* in *voice* at `RATE`, peak -6 dBFS. Blocks for some milliseconds a sentence."""
    synthesiser = espeak()
    spoken = synthesiser.say(speakable(words), voice, speed)
    return levelled(resample(spoken, synthesiser.rate, RATE))


def _speed(body: Mapping[str, Any]) -> float:
    value = body.get("speed", 1.0)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0.25 <= value <= 4:
        raise ApiError(400, "Invalid 'speed': a number from 0.25 to 4.", param="speed", code="invalid_value")
    return float(value)


def _pieces(data: bytes) -> Iterator[bytes]:
    return (data[start : start + PIECE] for start in range(0, len(data), PIECE))


def _events(words: str, data: bytes) -> Iterator[bytes]:
    for piece in _pieces(data):
        yield _event({"type": "speech.audio.delta", "audio": base64.b64encode(piece).decode()})
    tokens = {"input_tokens": len(words.split()), "output_tokens": len(data) // PIECE + 1}
    usage = tokens | {"total_tokens": sum(tokens.values())}
    yield _event({"type": "speech.audio.done", "usage": usage})


def _event(content: Mapping[str, Any]) -> bytes:
    return f"data: {json.dumps(content)}\n\n".encode()


async def _stream(request: web.Request, content_type: str, pieces: Iterator[bytes]) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": content_type})
    await response.prepare(request)
    for piece in pieces:
        await response.write(piece)
    await response.write_eof()
    return response
