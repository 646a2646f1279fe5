"""Samples: rates, levels and WAV files."""

import struct

import numpy as np
import pytest

from bench.line import telephone
from rehearsal.models.gate import has_voice
from rehearsal.models.sound import WavError, levelled, read_wav, resample, to_pcm, write_wav
from rehearsal.models.speech import RATE, synthesise
from rehearsal.models.voices import VOICES


def tone(rate, hertz=1000.0, seconds=0.5):
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate)).astype(np.float32)


@pytest.mark.parametrize(("source", "target"), [(22050, 24000), (44100, 16000), (8000, 16000), (48000, 8000)])
def test_a_tone_is_the_same_tone_at_another_rate(source, target):
    there, expected = resample(tone(source), source, target), tone(target)
    assert len(there) == len(expected)
    assert np.abs(there - expected)[200:-200].max() < 1e-3


def test_what_the_lower_rate_cannot_carry_is_gone():
    assert np.abs(resample(tone(24000, 5000), 24000, 8000))[100:-100].max() < 0.005


def test_a_wav_comes_back_as_it_was():
    samples, rate = read_wav(write_wav(tone(8000), 8000))
    assert rate == 8000
    assert np.allclose(samples, tone(8000), atol=1e-4)


def test_stereo_is_mixed():
    mono = write_wav(np.repeat(tone(8000), 2), 8000)
    stereo = mono[:22] + struct.pack("<H", 2) + mono[24:32] + struct.pack("<H", 4) + mono[34:]
    samples, _ = read_wav(stereo)
    assert np.allclose(samples, tone(8000), atol=1e-4)


@pytest.mark.parametrize("data", [b"", b"RIFF", b"not a wav at all" * 10, write_wav(tone(8000), 8000)[:30]])
def test_what_is_no_wav_is_an_error(data):
    with pytest.raises(WavError):
        read_wav(data)


def test_eight_bit_samples_are_refused_by_name():
    wav = write_wav(tone(8000), 8000)
    with pytest.raises(WavError, match="8 bits"):
        read_wav(wav[:34] + struct.pack("<H", 8) + wav[36:])


def test_levelling_reaches_the_peak_and_leaves_silence_alone():
    assert np.abs(levelled(tone(8000) * 0.01)).max() == pytest.approx(0.5)
    assert not levelled(np.zeros(100, np.float32)).any()


def test_pcm_does_not_wrap_round():
    assert to_pcm(np.array([2.0, -2.0], np.float32)) == struct.pack("<hh", 32767, -32767)


@pytest.mark.parametrize("voice", VOICES)
def test_the_shortest_words_are_a_voice_in_every_voice(voice):
    for word in ("Yes.", "No."):
        assert has_voice(resample(telephone(synthesise(word, VOICES[voice]), RATE), 8000, 16000))


@pytest.mark.parametrize("level", [0.0, 1e-4, 0.1])
def test_noise_is_no_voice(level):
    noise = np.random.default_rng(0).standard_normal(16000).astype(np.float32) * np.float32(level)
    assert not has_voice(resample(noise, 8000, 16000))
