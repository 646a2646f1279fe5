"""Where speech begins and ends, for an ear that has nothing but frames."""

import numpy as np
import pytest

from rehearsal.carrier.line import FRAME, FRAME_MS, SILENCE
from rehearsal.carrier.mulaw import encode, to_phone_rate
from rehearsal.customers.endpointer import Endpointer
from rehearsal.models.espeak import espeak
from rehearsal.models.sound import levelled, resample, to_pcm
from rehearsal.models.voices import VOICES

RANDOM = np.random.default_rng(7)


def noise(ms, level):
    """Mu-law of white noise with that RMS; speech is a louder one."""
    return encode(np.clip(RANDOM.normal(0, level, 8 * ms), -32768, 32767).astype(np.int16))


def silence(ms):
    return SILENCE * (ms // FRAME_MS)


def utterances(audio, endpointer=None):
    endpointer = endpointer or Endpointer()
    frames = [audio[start : start + FRAME] for start in range(0, len(audio), FRAME)]
    found = [endpointer.feed(number * FRAME_MS, frame) for number, frame in enumerate(frames)]
    return [utterance for utterance in found if utterance is not None]


def test_silence_is_no_utterance():
    assert utterances(silence(60_000)) == []


def test_speech_is_one_utterance_with_its_place():
    [heard] = utterances(silence(1000) + noise(800, 3000) + silence(1000))
    assert 700 <= heard.start_ms <= 1000 and heard.end_ms == pytest.approx(1800, abs=40)


def test_the_first_sound_is_kept_whole():
    audio = silence(1000) + noise(60, 100) + noise(800, 3000) + silence(1000)
    [heard] = utterances(audio)
    assert audio[8 * 1000 : 8 * 1860] in heard.audio


def test_a_pause_inside_a_sentence_does_not_end_it():
    assert len(utterances(noise(800, 3000) + silence(500) + noise(800, 3000) + silence(1000))) == 1


def test_a_second_of_quiet_ends_it():
    assert len(utterances(noise(800, 3000) + silence(1000) + noise(800, 3000) + silence(1000))) == 2


def test_it_ends_by_frames_of_quiet_and_not_before():
    endpointer = Endpointer()
    assert utterances(noise(800, 3000) + silence(580), endpointer) == []
    assert endpointer.speaking
    assert len(utterances(silence(240), endpointer)) == 1
    assert not endpointer.speaking


@pytest.mark.parametrize("ms", [40, 80])
def test_a_click_is_no_utterance(ms):
    assert utterances(silence(1000) + noise(ms, 9000) + silence(2000)) == []


def test_a_noisy_line_is_no_speech_and_speech_on_it_is_still_found():
    [heard] = utterances(noise(5000, 120) + noise(1000, 3000) + noise(2000, 120))
    assert 4700 <= heard.start_ms <= 5000 and heard.end_ms == pytest.approx(6000, abs=60)


def test_a_noise_that_came_to_stay_is_got_used_to():
    endpointer = Endpointer()
    utterances(silence(1000) + noise(60_000, 400), endpointer)
    assert not endpointer.speaking
    [heard] = utterances(noise(1000, 400) + noise(1000, 4000) + noise(2000, 400), endpointer)
    assert heard.end_ms - heard.start_ms == pytest.approx(1200, abs=200)


def test_who_never_pauses_is_cut_after_half_a_minute():
    [first, *_] = utterances((noise(900, 3000) + silence(100)) * 70)
    assert len(first.audio) // 8 == pytest.approx(30_000, abs=100)


@pytest.mark.parametrize("voice", ["alloy", "nova", "onyx"])
@pytest.mark.parametrize(
    "turn",
    [
        "This is an automated call from Phantom Pay. Connecting you to our payment specialist. Please hold.",
        "Thank you. I am calling about invoice I N V 1 0 0 7. The balance is one hundred dollars. When can you pay it?",
        "To confirm: you will pay one hundred dollars on Friday, December fourth. Is that right?",
        "Yes.",
    ],
)
def test_a_turn_of_several_spoken_sentences_is_one_utterance(voice, turn):
    samples = levelled(resample(espeak().say(turn, VOICES[voice]), espeak().rate, 24_000))
    spoken = encode(to_phone_rate(np.frombuffer(to_pcm(samples), "<i2"), 24_000))
    [heard] = utterances(silence(1000) + spoken + silence(1000))
    assert heard.start_ms >= 500 and heard.end_ms <= 1000 + len(spoken) // 8 + 20
