"""Who speaks when: the agent is interrupted by words, not by a listener's sounds, and goes on after a noise.

`make bench-turns` measures thirty interruptions; this is a sample, with a quarter more time on a busy machine.
"""

import pytest

from bench.turn_taking import EVENT_LIMIT_MS, ONSET_LIMIT_MS, Talk, measure
from tests.world import World

pytestmark = pytest.mark.stack
PATIENCE = 1.25


@pytest.fixture(scope="module")
def measured(stack):
    world = World(stack)
    return measure(world, Talk(world).short())


def test_the_phone_is_silent_soon_after_somebody_speaks(measured):
    assert len(measured["barge_ins"]) == 2
    for figures in measured["barge_ins"]:
        assert figures["onset_to_silence_ms"] <= PATIENCE * ONSET_LIMIT_MS
        assert figures["event_to_silence_ms"] <= PATIENCE * EVENT_LIMIT_MS


def test_a_listeners_sound_does_not_cut_the_agent(measured):
    assert measured["mhms"] == [True]


def test_the_agent_goes_on_after_a_noise_without_words(measured):
    assert measured["noises"] == [True]


def test_the_transcript_has_of_a_cut_line_what_was_heard(measured):
    """Livekit reckons the words from the time; a second is two or three of them."""
    assert all(abs(figures["transcript_off_ms"]) < 1500 for figures in measured["barge_ins"])
