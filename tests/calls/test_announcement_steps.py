"""What keys and words mean at each step of an announcement."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.announcement.steps import KEYS, Choice, Name, Step, stop_said, understood

STOPS = [
    "stop",
    "Stop!",
    "Stop calling me.",
    "please stop calling",
    "Don't call me again.",
    "do not call me anymore",
    "Never call me again",
    "unsubscribe",
    "Take me off your list.",
    "Remove my number",
    "no more calls",
    "Leave me alone!",
]
DOUBTFUL = [
    "stop calling me Robert",
    "could you stop for a moment",
    "I told my brother to quit",
    "you may not want to remove that",
    "please cease and desist",
]
NO_STOP = ["", "yes", "no", "one", "I am Alice", "my bus stopped here", "optimistic"]


@pytest.mark.parametrize("words", STOPS)
def test_a_plain_wish_to_stop_is_certain(words):
    assert stop_said(words) == "certain"


@pytest.mark.parametrize("words", DOUBTFUL)
def test_what_may_be_a_wish_to_stop_is_looked_at(words):
    assert stop_said(words) == "doubtful"


@pytest.mark.parametrize("words", NO_STOP)
def test_other_words_stop_nothing(words):
    assert stop_said(words) is None


@pytest.mark.parametrize("name", Name)
def test_key_nine_and_the_word_stop_end_the_calls_at_every_step(name):
    assert understood(name, digits="9", speech="") == Choice.STOP
    assert understood(name, digits="", speech="Stop calling me.") == Choice.STOP
    assert understood(name, digits="", speech="stop calling me Robert") == Choice.STOP_PERHAPS


@pytest.mark.parametrize(
    ("name", "speech", "choice"),
    [
        (Name.PERSON, "Yes.", Choice.IS_ME),
        (Name.PERSON, "No, wrong number", Choice.NOT_ME),
        (Name.PERSON, "yes and no", Choice.UNKNOWN),
        (Name.MENU, "Two", Choice.PROMISE),
        (Name.MENU, "a human please", Choice.HUMAN),
        (Name.MENU, "the weather", Choice.UNKNOWN),
        (Name.CONFIRM, "Yes, that is correct.", Choice.CONFIRM),
        (Name.DISPUTE, "I have paid", Choice.PAID),
        (Name.IDENTITY, "yes", Choice.UNKNOWN),
    ],
)
def test_words_stand_for_keys(name, speech, choice):
    assert understood(name, digits="", speech=speech) == choice


def test_no_human_is_offered_before_the_person_is_known():
    for name in (Name.PERSON, Name.WHO):
        assert understood(name, digits="0", speech="") == Choice.UNKNOWN


@given(st.sampled_from(Name), st.text("0123456789*", max_size=12), st.text(max_size=40))
def test_every_answer_means_something_and_keys_win(name, digits, speech):
    choice = understood(name, digits=digits, speech=speech)
    if digits == "9":
        assert choice == Choice.STOP
    elif digits:
        assert choice == (Choice.FACT if name == Name.IDENTITY else KEYS[name].get(digits, Choice.UNKNOWN))


@given(st.sampled_from(Name), st.integers(0, 2))
def test_a_step_travels_in_a_url_and_comes_back(name, misses):
    step = Step(name, misses)
    assert Step.of(step.slug) == step


@pytest.mark.parametrize("slug", ["", "menu", "menu-3", "menu--1", "debt-0", "MENU-0", "menu-0-0", "menu-01"])
def test_what_is_no_step_is_refused(slug):
    assert Step.of(slug) is None


def test_a_step_is_asked_three_times_at_most():
    step, asked = Step(Name.MENU), 1
    while (again := step.again) is not None:
        step, asked = again, asked + 1
    assert asked == 3
