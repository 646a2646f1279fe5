"""The ear over HTTP: what is in the posted WAV and nothing else."""

import numpy as np
import openai
import pytest
from livekit import rtc
from livekit.plugins import openai as plugin

from bench import recogniser as bench
from bench.line import telephone
from rehearsal.models.recogniser import Recogniser
from rehearsal.models.sound import Samples, write_wav
from rehearsal.models.speech import RATE, synthesise
from rehearsal.models.voices import VOICES


def line(words, voice="alloy"):
    return write_wav(telephone(synthesise(words, VOICES[voice]), RATE), 8000)


def hear(client, wav, **options):
    options = {"model": "whisper-1"} | options
    return client.audio.transcriptions.create(file=("file.wav", wav, "audio/wav"), **options)


def test_a_swapped_utterance_swaps_the_transcript(openai_client):
    said = ["I can pay $120.50 on December 4th.", "Sorry, you have the wrong number. Goodbye."]
    heard = [hear(openai_client, line(words)).text for words in said]
    assert heard == ["I can pay $120.50 on December 4th.", "Sorry you have the wrong number. Goodbye."]
    assert [hear(openai_client, line(words)).text for words in reversed(said)] == heard[::-1]


def test_hints_change_nothing(openai_client):
    wav = line("My customer number is 10041.")
    plain = hear(openai_client, wav).text
    assert plain == "My customer number is 10041."
    assert (
        hear(openai_client, wav, prompt="I can pay $5 on Monday.", language="de", temperature=1.0).text
        == plain
    )


def test_the_models_name_chooses_whose_words_are_known(openai_client):
    wav = line("Am I speaking with Robert Blake?")
    assert hear(openai_client, wav, model="agent-lines").text == "Am I speaking with Robert Blake?"
    assert "speaking with" not in hear(openai_client, wav, model="gpt-4o-mini-transcribe").text


@pytest.mark.parametrize("grammar", ["whisper-1", "agent-lines"])
@pytest.mark.parametrize("kind", ["silence", "noise", "hum", "ringing", "music"])
def test_what_is_no_speech_is_not_heard_as_words(openai_client, kind, grammar):
    time = np.arange(16000) / 8000
    sound: Samples = {
        "silence": np.zeros(16000),
        "noise": 0.1 * np.random.default_rng(1).standard_normal(16000),
        "hum": 0.3 * np.sin(2 * np.pi * 100 * time),
        "ringing": 0.2 * (np.sin(2 * np.pi * 440 * time) + np.sin(2 * np.pi * 480 * time)),
        "music": 0.15 * np.sin(2 * np.pi * np.outer((220, 277, 330), time)).sum(axis=0),
    }[kind].astype(np.float32)
    assert hear(openai_client, write_wav(sound, 8000), model=grammar).text == ""


def test_other_talk_is_not_heard_as_words(openai_client):
    assert hear(openai_client, line("The weather in Paris is lovely at this time of the year.")).text == ""


def test_quiet_speech_is_heard_like_loud_speech(openai_client):
    sound = telephone(synthesise("I can pay on Friday.", VOICES["coral"]), RATE) * np.float32(0.1)
    assert hear(openai_client, write_wav(sound, 8000)).text == "I can pay on Friday."


def test_the_answer_takes_each_of_openais_forms(openai_client):
    wav = line("Goodbye.")
    assert hear(openai_client, wav).usage.type == "duration"
    assert hear(openai_client, wav, response_format="text").strip() == "Goodbye."
    verbose = hear(openai_client, wav, response_format="verbose_json")
    assert (verbose.text, verbose.language) == ("Goodbye.", "english")
    assert 0.3 < float(verbose.duration) < 2


async def test_livekits_plugin_reads_the_answer(models_address):
    sound = synthesise("Yes, that is right.", VOICES["alloy"])
    frame = rtc.AudioFrame((sound * 32767).astype("<i2").tobytes(), RATE, 1, len(sound))
    for model in ("whisper-1", "gpt-4o-mini-transcribe"):
        stt = plugin.STT(model=model, base_url=f"{models_address}/v1", api_key="any", use_realtime=False)
        event = await stt.recognize(frame)
        assert event.alternatives[0].text == "Yes that is right."
        await stt.aclose()


@pytest.mark.parametrize(
    ("wav", "options", "field"),
    [
        (b"no wav", {}, "file"),
        (write_wav(np.zeros(400, np.float32), 8000), {}, "file"),
        (write_wav(np.zeros(8000, np.float32), 8000), {"response_format": "srt"}, "response_format"),
        (write_wav(np.zeros(8000, np.float32), 8000), {"model": ""}, "model"),
    ],
)
def test_what_cannot_be_transcribed_is_refused_by_its_name(openai_client, wav, options, field):
    with pytest.raises(openai.BadRequestError) as refused:
        hear(openai_client, wav, **options)
    assert refused.value.param == field


def test_a_request_that_is_no_form_is_refused(openai_client):
    with pytest.raises(openai.BadRequestError):
        openai_client.post("/audio/transcriptions", body={"model": "whisper-1"}, cast_to=object)


@pytest.fixture(scope="module")
def ear():
    return Recogniser()


@pytest.mark.parametrize(
    ("grammar", "voice"), [("caller", "alloy"), ("caller", "onyx"), ("agent", "alloy"), ("agent", "nova")]
)
def test_sentences_made_by_rule_are_heard_right(ear, grammar, voice):
    score = bench.measure(ear, grammar, bench.corpus(grammar, 6), voice, noise=0.0)
    assert score.wrong_words <= 0.05 * score.words
    assert score.right_facts == score.facts > 3


def test_a_noisy_line_costs_few_words(ear):
    score = bench.measure(ear, "caller", bench.corpus("caller", 6), "alloy", noise=0.003)
    assert score.wrong_words <= 0.1 * score.words
