"""POST /v1/audio/transcriptions: a WAV file in, what was said out. Only the file is listened to.

``prompt``, ``language`` and ``temperature`` are accepted and change nothing: the grammar decides.
"""

from __future__ import annotations

from typing import Any

from aiohttp import BodyPartReader, web

from .body import choice, text
from .ears import EarLost, Ears
from .errors import ApiError
from .grammar import for_model
from .sound import WavError, read_wav

EARS = web.AppKey("ears", Ears)
LARGEST = 25 * 1024 * 1024  # bytes of a file (OpenAI's API reference)
SHORTEST = 0.1  # seconds (OpenAI's answer to less: 400, audio_too_short)


async def transcribe(request: web.Request) -> web.Response:
    """The route."""
    fields, file = await _form(request)
    model = text(fields, "model")
    kind = choice(fields, "response_format", ("json", "text", "verbose_json"), "json")
    if file is None:
        raise ApiError(
            400, "Missing required parameter: 'file'.", param="file", code="missing_required_parameter"
        )
    try:
        samples, rate = read_wav(file)
    except WavError as error:
        raise ApiError(400, f"Invalid file format: {error}.", param="file", code="invalid_value") from None
    seconds = len(samples) / rate
    if seconds < SHORTEST:
        raise ApiError(
            400, f"Audio file is too short. Minimum audio length is {SHORTEST} seconds.",
            param="file", code="audio_too_short",
        )  # fmt: skip
    try:
        said = await request.app[EARS].transcribe(samples, rate, for_model(model))
    except EarLost:
        raise ApiError(500, "The server had an error while processing your request.") from None
    if kind == "text":
        return web.Response(text=said + "\n")
    return web.json_response(_answer(said, seconds, verbose=kind == "verbose_json"))


def _answer(said: str, seconds: float, *, verbose: bool) -> dict[str, Any]:
    usage = {"type": "duration", "seconds": max(1, round(seconds))}
    if not verbose:
        return {"text": said, "usage": usage}
    segment = {
        "id": 0, "seek": 0, "start": 0.0, "end": seconds, "text": f" {said}", "tokens": [], "temperature": 0.0,
        "avg_logprob": 0.0, "compression_ratio": 1.0, "no_speech_prob": 0.0,
    }  # fmt: skip
    return {
        "task": "transcribe", "language": "english", "duration": seconds, "text": said,
        "segments": [segment] if said else [], "usage": usage,
    }  # fmt: skip


async def _form(request: web.Request) -> tuple[dict[str, str], bytes | None]:
    """The form's text fields, and the bytes of its file."""
    if request.content_type != "multipart/form-data":
        raise ApiError(400, "The request must be multipart/form-data.")
    fields: dict[str, str] = {}
    file = None
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                raise ApiError(400, "Nested multipart bodies are not understood.")
            if part.name == "file":
                file = bytes(await part.read())
            elif part.name:
                fields[part.name] = await part.text()
    except ValueError as error:
        raise ApiError(400, f"The form cannot be read: {error}.") from None
    return fields, file
