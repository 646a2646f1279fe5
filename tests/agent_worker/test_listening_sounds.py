"""Who only listens does not stop the agent: by how long they sound, and by what a recogniser makes of it."""

import time
from collections.abc import AsyncIterator

import numpy as np
import pytest
from channels.db import database_sync_to_async
from livekit import rtc
from livekit.agents import Agent, LanguageCode, ModelSettings, stt
from livekit.agents.vad import VADEventType

from agent_worker.phases.base import Phase, only_listens
from agent_worker.providers import INTERRUPTION_SECONDS, vad_build
from rehearsal.models.sound import resample, to_pcm
from rehearsal.models.speech import RATE, synthesise
from rehearsal.models.voices import VOICES
from tests.agent_worker.talking import conversation

PHONE_RATE = 8000
FRAME = 320
MHM_SECONDS = 0.25


async def longest_speech(text: str, voice: str, seconds: float | None = None) -> float:
    """What the detector takes the longest speech for when `text` comes out of a telephone, cut off after `seconds`."""
    spoken = resample(resample(synthesise(text, VOICES[voice]), RATE, PHONE_RATE), PHONE_RATE, 16_000)
    first = int(np.argmax(np.abs(spoken) > 0.02))
    spoken = spoken[first : first + int(seconds * 16_000)] if seconds else spoken[first:]
    sound = np.concatenate([np.zeros(16_000), spoken, np.zeros(24_000)])
    samples = np.frombuffer(to_pcm(sound.astype(np.float32)), "<i2")
    stream = vad_build().stream()
    for start in range(0, len(samples) - FRAME, FRAME):
        stream.push_frame(rtc.AudioFrame(samples[start : start + FRAME].tobytes(), 16_000, 1, FRAME))
    stream.end_input()
    durations = [event.speech_duration async for event in stream if event.type == VADEventType.INFERENCE_DONE]
    await stream.aclose()
    return max(durations)


@pytest.mark.parametrize("voice", ["alloy", "nova", "onyx"])
@pytest.mark.parametrize("text", ["Mhm.", "Uh huh.", "Yeah."])
async def test_a_quarter_of_a_second_is_too_short_to_interrupt(text, voice):
    assert await longest_speech(text, voice, MHM_SECONDS) < INTERRUPTION_SECONDS


@pytest.mark.parametrize("voice", ["alloy", "nova", "onyx"])
async def test_a_short_question_interrupts(voice):
    assert await longest_speech("How much?", voice) >= INTERRUPTION_SECONDS


@pytest.mark.parametrize("text", ["Mhm.", "Mm-hmm.", "Uh-huh", "hm", "Oh.", "Aha."])
def test_a_listener_is_known_by_their_sounds(text):
    assert only_listens(text)


@pytest.mark.parametrize("text", ["", "No.", "Stop.", "Huh?", "Him.", "Mhm, stop.", "Yes."])
def test_a_word_is_no_sound_of_a_listener(text):
    assert not only_listens(text)


async def nothing() -> AsyncIterator[rtc.AudioFrame]:
    return
    yield


@pytest.mark.parametrize(
    ("text", "seconds", "agent_speaks", "passed_on"),
    [
        ("Mhm.", 0.25, True, False),
        ("Mhm.", 0.25, False, True),  # an answer to a question
        ("Mhm.", 0.9, True, True),  # so long that the agent has stopped for it
        ("Stop.", 0.25, True, True),
    ],
)
async def test_a_sound_over_the_agent_is_not_answered(
    world, brain, monkeypatch, text, seconds, agent_speaks, passed_on
):
    async def recognised(*_):
        yield stt.SpeechEvent(type=stt.SpeechEventType.START_OF_SPEECH)
        yield stt.SpeechEvent(
            type=stt.SpeechEventType.END_OF_SPEECH, speech_end_time=time.time() - 0.05 + seconds
        )
        said = stt.SpeechData(language=LanguageCode("en"), text=text)
        yield stt.SpeechEvent(type=stt.SpeechEventType.FINAL_TRANSCRIPT, alternatives=[said])

    monkeypatch.setattr(Agent.default, "stt_node", recognised)
    call = await database_sync_to_async(world.call)()
    async with conversation(call, brain) as person:
        if agent_speaks:
            person.session._update_agent_state("speaking")
        phase = person.session.current_agent
        assert isinstance(phase, Phase)
        kinds = [event.type async for event in phase.stt_node(nothing(), ModelSettings())]
    assert (stt.SpeechEventType.FINAL_TRANSCRIPT in kinds) is passed_on
