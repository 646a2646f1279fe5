"""The models that listen, think and speak. Only this module knows OpenAI; OPENAI_BASE_URL puts another in its place."""

from dataclasses import dataclass

import httpx2 as httpx
import openai
from django.conf import settings
from livekit.agents import llm, stt, tts, vad
from livekit.plugins import openai as plugin

from agent_worker.detector import VoiceDetector

# How long somebody must be quiet before their turn has ended. Shorter cuts people off who think.
END_OF_SPEECH_SECONDS = 0.5
# Sound this long counts as speech.
SPEECH_SECONDS = 0.05
# Speech this long stops the agent. A "mhm" of a quarter of a second is heard as 0.32 s at most.
INTERRUPTION_SECONDS = 0.41


@dataclass(frozen=True)
class Models:
    stt: stt.STT
    llm: llm.LLM
    tts: tts.TTS
    vad: vad.VAD


def client_build() -> openai.AsyncClient:
    """One connection pool for all three. Its TLS context takes 0.1 s to build: do it before a call comes."""
    return openai.AsyncClient(
        api_key=settings.OPENAI_API_KEY or "none",
        base_url=settings.OPENAI_BASE_URL,
        max_retries=0,
        http_client=httpx.AsyncClient(
            timeout=httpx.Timeout(connect=5.0, read=8.0, write=5.0, pool=5.0),
            follow_redirects=True,
            limits=httpx.Limits(max_connections=20, max_keepalive_connections=20, keepalive_expiry=120),
        ),
    )


def models_build(client: openai.AsyncClient, *, tts_voice: str = "") -> Models:
    """Needs a running event loop. `tts_voice` is what staff chose; empty is the installation's own."""
    return Models(
        stt=plugin.STT(model=settings.OPENAI_STT_MODEL, language="en", client=client),
        # One tool a turn: the tools end calls and record promises.
        llm=plugin.LLM(model=settings.OPENAI_LLM_MODEL, client=client, parallel_tool_calls=False),
        # Raw samples need no decoder and no waiting for a container's header.
        tts=plugin.TTS(
            model=settings.OPENAI_TTS_MODEL,
            voice=tts_voice or settings.OPENAI_TTS_VOICE,
            response_format="pcm",
            client=client,
        ),
        vad=vad_build(),
    )


def vad_build() -> vad.VAD:
    return VoiceDetector(
        model="silero",
        min_speech_duration=SPEECH_SECONDS,
        min_silence_duration=END_OF_SPEECH_SECONDS,
        prefix_padding_duration=0.3,
    )
