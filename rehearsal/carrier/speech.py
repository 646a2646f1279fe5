"""Sound for the phone: speech made and understood by the models server, and WAV files of the application."""

import asyncio
import io
import wave
from collections import OrderedDict

import aiohttp
import numpy as np

from .config import CarrierConfig
from .errors import ApplicationError
from .mulaw import RATE, Samples, decode, encode, to_phone_rate
from .webhooks import WebhookFailed, Webhooks

SPEECH_RATE = 24_000  # OpenAI's response_format "pcm": 24 kHz, 16 bit, mono, little-endian, no header
CACHED_TEXTS = 64
SPEECH_TIMEOUT = aiohttp.ClientTimeout(total=20)


class SpeechFailed(Exception):
    """The models server did not speak; `str()` says why, without the text."""


class Speech:
    def __init__(self, config: CarrierConfig, session: aiohttp.ClientSession) -> None:
        self._url = f"{config.models_url.rstrip('/')}/audio/speech"
        self._ears = f"{config.models_url.rstrip('/')}/audio/transcriptions"
        self._session = session
        self._spoken: OrderedDict[str, bytes] = OrderedDict()

    async def say(self, text: str) -> bytes:
        """`text` as mu-law at 8 kHz. The connecting message is the same in every call: spoken texts are
        kept."""
        if text not in self._spoken:
            self._spoken[text] = await self._synthesise(text)
            if len(self._spoken) > CACHED_TEXTS:
                self._spoken.popitem(last=False)
        self._spoken.move_to_end(text)
        return self._spoken[text]

    async def understand(self, ulaw: bytes) -> str:
        """What a caller said, mu-law at 8 kHz; "" when nothing was understood. SpeechFailed."""
        form = aiohttp.FormData()
        form.add_field("model", "whisper-1")
        form.add_field("file", _wav(ulaw), filename="said.wav", content_type="audio/wav")
        headers = {"Authorization": "Bearer rehearsal"}
        try:
            async with self._session.post(
                self._ears, data=form, headers=headers, timeout=SPEECH_TIMEOUT
            ) as answer:
                if answer.status != 200:
                    raise SpeechFailed(f"HTTP {answer.status}")
                return str((await answer.json())["text"]).strip()
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError) as error:
            raise SpeechFailed(type(error).__name__) from error

    async def _synthesise(self, text: str) -> bytes:
        request = {"model": "tts-1", "voice": "alloy", "input": text, "response_format": "pcm"}
        try:
            async with self._session.post(
                self._url, json=request, headers={"Authorization": "Bearer rehearsal"}, timeout=SPEECH_TIMEOUT
            ) as answer:
                if answer.status != 200:
                    raise SpeechFailed(f"HTTP {answer.status}")
                pcm = await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise SpeechFailed(type(error).__name__) from error
        samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], dtype="<i2").astype(np.int16)
        return await _to_phone(samples, SPEECH_RATE)


async def fetch_wav(webhooks: Webhooks, url: str) -> bytes:
    """A <Play>'s file as mu-law. ApplicationError 11200 when it cannot be had, 12300 when it is no PCM
    WAV."""
    try:
        answer = await webhooks.send("GET", url, {})
    except WebhookFailed as error:
        raise ApplicationError(11200, f"Play: {error}") from error
    if not answer.ok:
        raise ApplicationError(11200, f"Play: HTTP {answer.status}")
    try:
        with wave.open(io.BytesIO(answer.body)) as wav:
            samples, rate = _mono(wav), wav.getframerate()
    except (wave.Error, EOFError, ValueError) as error:
        raise ApplicationError(12300, f"Play: not a 16-bit PCM WAV ({error})") from error
    return await _to_phone(samples, rate)


async def _to_phone(samples: Samples, rate: int) -> bytes:
    """In a thread: a long text takes long enough to make every call's frames late."""
    return await asyncio.to_thread(lambda: encode(to_phone_rate(samples, rate)))


def _wav(ulaw: bytes) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(RATE)
        wav.writeframes(decode(ulaw).astype("<i2").tobytes())
    return buffer.getvalue()


def _mono(wav: wave.Wave_read) -> Samples:
    if wav.getsampwidth() != 2:
        raise ValueError(f"{8 * wav.getsampwidth()} bits")
    samples = np.frombuffer(wav.readframes(wav.getnframes()), dtype="<i2")
    mixed: Samples = samples.reshape(-1, wav.getnchannels()).mean(axis=1).astype(np.int16)
    return mixed
