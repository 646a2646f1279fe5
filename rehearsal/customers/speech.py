"""A person's ears and mouth: the models server's recogniser and voice, over OpenAI's HTTP API."""

from __future__ import annotations

import io
import json
import wave
from types import TracebackType
from typing import Any

import aiohttp
import numpy as np

from rehearsal.carrier.mulaw import RATE, decode, encode, to_phone_rate

MOUTH = "tts-1"
SPEECH_RATE = 24_000  # of OpenAI's response_format "pcm"
TIMEOUT = aiohttp.ClientTimeout(total=20)
HEADERS = {"Authorization": "Bearer rehearsal"}


class SpeechError(Exception):
    """The models server did not hear or speak; the message says why."""


class SpeechClient:
    """Used as an async context manager, for one call. `url` ends in /v1."""

    ears = (
        "agent-lines"  # the models server's name for a recogniser that knows what the business's agent says
    )

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> SpeechClient:
        self._session = aiohttp.ClientSession(timeout=TIMEOUT, headers=HEADERS)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def understand(self, ulaw: bytes) -> str:
        """What was said in mu-law audio at 8 kHz; an empty text when nothing was understood. SpeechError."""
        form = aiohttp.FormData()
        form.add_field("model", self.ears)
        form.add_field("response_format", "json")
        form.add_field("file", _wav(ulaw), filename="heard.wav", content_type="audio/wav")
        try:
            return str(json.loads(await self._post("audio/transcriptions", data=form))["text"]).strip()
        except (ValueError, KeyError, TypeError) as error:
            raise SpeechError(f"audio/transcriptions: no text in the answer ({error!r})") from error

    async def speak(self, text: str, voice: str) -> bytes:
        """The text as mu-law at 8 kHz. SpeechError."""
        request = {"model": MOUTH, "voice": voice, "input": text, "response_format": "pcm"}
        pcm = await self._post("audio/speech", json=request)
        samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], dtype="<i2").astype(np.int16)
        return encode(to_phone_rate(samples, SPEECH_RATE))

    async def _post(self, path: str, **body: Any) -> bytes:
        if self._session is None:
            raise SpeechError("no call is open")
        try:
            async with self._session.post(f"{self._url}/{path}", **body) as answer:
                if answer.status != 200:
                    raise SpeechError(f"{path}: HTTP {answer.status}")
                return await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise SpeechError(f"{path}: {type(error).__name__}") from error


def _wav(ulaw: bytes) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(decode(ulaw).astype("<i2").tobytes())
    return buffer.getvalue()
