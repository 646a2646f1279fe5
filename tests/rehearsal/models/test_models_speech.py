"""The voice: formats, level, voices, and what it refuses."""

import io
import wave

import numpy as np
import openai
import pytest
from livekit.plugins import openai as plugin

from rehearsal.models.speech import synthesise
from rehearsal.models.voices import VOICES


def say(client, words, **options):
    options = {"model": "tts-1", "voice": "alloy", "response_format": "pcm"} | options
    return client.audio.speech.create(input=words, **options)


def pcm(answer):
    return np.frombuffer(answer.content, "<i2")


def test_speech_is_24_khz_pcm_at_six_decibels_below_full_scale(openai_client):
    answer = say(openai_client, "One moment please.")
    assert answer.response.headers["content-type"] == "audio/pcm"
    samples = pcm(answer)
    assert 0.7 < len(samples) / 24000 < 2.5
    assert np.abs(samples).max() == pytest.approx(16384, rel=0.02)


def test_a_wav_carries_the_same_sound(openai_client):
    answer = say(openai_client, "One moment please.", response_format="wav")
    with wave.open(io.BytesIO(answer.content)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 24000)
        inside = np.frombuffer(file.readframes(10**6), "<i2")
    raw = pcm(say(openai_client, "One moment please."))
    # not equal to the sample: espeak's noise sounds and lengths differ a little from time to time
    assert len(inside) == pytest.approx(len(raw), rel=0.02)
    assert np.abs(inside).mean() == pytest.approx(np.abs(raw).mean(), rel=0.1)


def test_events_carry_the_sound_and_its_usage(models_address, openai_client):
    answer = say(openai_client, "Hello.", model="gpt-4o-mini-tts", stream_format="sse")
    assert answer.response.headers["content-type"] == "text/event-stream"
    assert b'"speech.audio.delta"' in answer.content
    assert b'"speech.audio.done"' in answer.content.splitlines()[-2]


async def test_livekits_plugin_plays_either_stream_format(models_address):
    lengths = []
    for model in ("tts-1", "gpt-4o-mini-tts"):
        tts = plugin.TTS(
            model=model, voice="ash", response_format="pcm", base_url=f"{models_address}/v1", api_key="any"
        )
        async with tts.synthesize("One moment please.") as stream:
            lengths.append(sum([event.frame.duration async for event in stream]))
        await tts.aclose()
    assert lengths[0] == pytest.approx(lengths[1], abs=0.05)
    assert lengths[0] > 0.7


def test_each_voice_sounds_different():
    sounds = {synthesise("Hello there.", voice).tobytes() for voice in VOICES.values()}
    assert len(sounds) == len(VOICES)


def test_speed_shortens_speech(openai_client):
    slow, fast = (len(pcm(say(openai_client, "How can I pay?", speed=speed))) for speed in (0.8, 1.25))
    assert fast < 0.8 * slow


@pytest.mark.parametrize(
    ("field", "options"),
    [
        ("response_format", {"response_format": "mp3"}),
        ("voice", {"voice": "nobody"}),
        ("speed", {"speed": 9}),
        ("input", {"words": "x" * 5000}),
        ("input", {"words": ""}),
        ("stream_format", {"stream_format": "sse"}),
    ],
)
def test_what_is_not_offered_is_refused_by_its_name(openai_client, field, options):
    words = options.pop("words", "Hello.")
    with pytest.raises(openai.BadRequestError) as refused:
        say(openai_client, words, **options)
    assert refused.value.param == field
