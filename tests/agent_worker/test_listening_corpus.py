"""What callers ask for is heard in the words that people and recognisers use: corpus/listening_*.txt."""

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from agent_worker.listening import Kind, hear
from tests.agent_worker.corpus import labelled, sentences

# What code acts on at once; these must not be heard where nobody asked for them.
GRAVE = set(Kind) - {Kind.HARDSHIP, Kind.ABUSE, Kind.NOT_AT_THIS_TIME}
WISHES = labelled("listening_wishes.txt")
# Who is called, and when.
NAMES, YEAR = ("Robert Blake",), 2026


def heard(text, language="en", names=NAMES):
    found = hear(text, language=language, names=names, year=YEAR)
    return {f"{item.kind} {item.scope} {item.certainty}" for item in found}


def test_every_wish_is_heard_with_its_scope_and_certainty():
    missed = {text: heard(text) for wish, text in WISHES if wish not in heard(text)}
    assert missed == {}


def test_a_doubtful_phrase_is_not_taken_for_a_sure_one():
    doubtful = [(wish.split()[0], text) for wish, text in WISHES if wish.endswith("doubtful")]
    mistaken = {
        text: heard(text)
        for kind, text in doubtful
        if any(wish.startswith(kind) and wish.endswith(" sure") for wish in heard(text))
    }
    assert mistaken == {}


def test_nothing_grave_is_heard_in_ordinary_talk():
    mistaken = {
        text: heard(text)
        for text in sentences("listening_nothing.txt")
        if any(wish.split()[0] in GRAVE for wish in heard(text))
    }
    assert mistaken == {}


def test_the_wishes_that_matter_are_heard_in_each_language():
    missed = {}
    for label, text in labelled("listening_languages.txt"):
        language, wish = label.split(" ", 1)
        if f"{wish} sure" not in heard(text, language):
            missed[text] = heard(text, language)
    assert missed == {}


def test_an_unknown_language_is_listened_to_in_all():
    assert "stop_calling any_phone sure" in heard("arrêtez de m'appeler", "und")
    assert "stop_calling any_phone sure" in heard("no me llamen más", "es-MX")


def test_a_wish_says_where_it_was_heard():
    text = "Okay. But don't call me at work!"
    (wish,) = hear(text)
    assert text[wish.start : wish.end] == "don't call me at work"


def test_several_wishes_of_one_turn_are_all_heard():
    assert heard("wrong number stop calling me and don't record this") >= {
        "wrong_number this_number sure",
        "stop_calling any_phone sure",
        "refuses_recording recording sure",
    }


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from([text for wish, text in WISHES if wish == "stop_calling any_phone sure"]),
    st.sampled_from(["", "uh ", "yes hello ", "look i am robert and ", "okay okay ", "no. ", "who is this "]),
    st.sampled_from([str.lower, str.upper, str.title]),
    st.sampled_from(["", ".", "!", " okay", " please", " goodbye", " thank you"]),
)
def test_stop_is_heard_whatever_stands_around_it(text, before, case, after):
    assert any(item.kind is Kind.STOP_CALLING for item in hear(case(before + text + after)))


@settings(max_examples=60, deadline=None)
@given(
    st.one_of(st.text(max_size=200), st.lists(st.sampled_from([text for _, text in WISHES])).map(" ".join))
)
def test_any_text_can_be_listened_to(text):
    for item in hear(text):
        assert 0 <= item.start <= item.end <= len(text)


def test_listening_costs_less_than_five_milliseconds():
    """Of the processor, at the 99th percentile; the best of three, since other work shares it."""
    spent = []
    for _, text in WISHES:
        tries = []
        for _ in range(3):
            begun = time.process_time()
            hear(text)
            tries.append(time.process_time() - begun)
        spent.append(min(tries))
    assert sorted(spent)[len(spent) * 99 // 100] < 0.005


def test_a_name_that_is_a_word_of_ours_asks_for_nothing():
    for name, said in [
        ("Grace Stop", "yes mrs stop speaking"),
        ("Grace Stop", "grace stop"),
        ("Kevin Lawyer", "this is kevin lawyer"),
        ("Ann Minor", "i am ann minor"),
    ]:
        assert heard(said, names=(name,)) == set()


def test_a_demand_is_heard_from_whoever_has_such_a_name():
    assert "stop_calling any_phone sure" in heard("stop calling me", names=("Grace Stop",))
    assert "stop_calling any_phone doubtful" in heard("stop", names=("Grace Stop",))
    assert "lawyer person sure" in heard("talk to my lawyer", names=("Kevin Lawyer",))


def test_the_customer_is_known_by_name_however_it_is_written():
    for name, said in [
        ("Zoë O'Brien-Smith", "zoe obrien smith has died"),
        ("Zoë O'Brien-Smith", "zoe o'brien-smith is deceased"),
        ("María José García-Lorca", "maria is dead"),
        ("Bill Price", "mr price passed away"),
    ]:
        assert "deceased person sure" in heard(said, names=(name,))


def test_a_year_of_birth_tells_a_child_in_the_year_that_it_is_said():
    assert "minor person sure" in heard("i was born in twenty twelve")
    assert "minor person doubtful" in heard("i was born in 2008")
    assert heard("i was born in two thousand and five") == set()
    assert hear("i was born in 2012") == ()


def test_what_is_asked_about_a_place_is_no_wish_to_end_all_calls():
    for said in (
        "i told you not to call me at work",
        "i want you to stop recording me",
        "please don't call my office",
    ):
        assert not any(wish.startswith("stop_calling") for wish in heard(said))
    assert "stop_calling any_phone sure" in heard("don't call me at work and stop calling me")
