"""Phrase files, and the automaton that is made of them."""

import pytest

from rehearsal.models import grammar, phrases
from rehearsal.models.automaton import of_phrases
from rehearsal.models.phrases import Phrase, PhraseError, expand

NUMBER = of_phrases([Phrase(("one",), False), Phrase(("one", "two"), False)], {})


def test_a_line_stands_for_all_its_alternatives_with_and_without_what_is_optional():
    assert expand("(a | b c) [d]") == [("a",), ("a", "d"), ("b", "c"), ("b", "c", "d")]


@pytest.mark.parametrize("line", ["(a", "a)", "[a | b", "a, b", "a 3"])
def test_a_line_that_cannot_be_read_is_an_error(line):
    with pytest.raises(PhraseError):
        expand(line)


def test_a_question_keeps_its_mark():
    known = {phrase.tokens: phrase.question for phrase in phrases.load("caller")}
    assert known[("who", "is", "this")] and not known[("yes", "speaking")]


def test_words_become_the_fewest_phrases_with_their_stops():
    automaton = grammar.automaton("caller")
    said = [
        "yes",
        "speaking",
        "who",
        "is",
        "calling",
        "please",
        "i",
        "can",
        "pay",
        "fifty",
        "pounds",
        "on",
        "the",
        "fourth",
        "of",
        "december",
    ]
    assert [" ".join(phrase) for phrase in automaton.punctuate(said)] == [
        "yes speaking .",
        "who is calling please ?",
        "i can pay fifty pounds on the fourth of december .",
    ]


def test_a_slot_may_end_early_or_go_on():
    automaton = of_phrases([Phrase(("say", "<n>", "now"), False)], {"n": NUMBER})
    assert automaton.punctuate(["say", "one", "now"]) and automaton.punctuate(["say", "one", "two", "now"])
    assert automaton.punctuate(["say", "two", "now"]) == []


def test_a_cut_off_phrase_is_left_out():
    assert grammar.automaton("caller").punctuate(
        ["yes", "speaking", "i", "can", "pay", "one", "hundred", "and"]
    ) == [
        ["yes", "speaking", "."],
        ["i", "can", "pay", "."],
    ]


def test_the_search_graph_holds_each_arc_once_and_a_way_to_go_on():
    automaton = of_phrases([Phrase(("a", "c"), False), Phrase(("b", "c"), True)], {})
    lines = automaton.to_fsg("x", 0.25).splitlines()
    assert "TRANSITION 1 0 0.25" in lines
    assert sorted(line.split()[-1] for line in lines if len(line.split()) == 5) == ["a", "b", "c", "c"]


def test_phrases_with_one_future_share_it():
    ends = [Phrase((word, "x", "y"), False) for word in "abcdef"]
    assert len(of_phrases(ends, {}).arcs) == 5


def test_every_demo_customers_name_is_known():
    assert {"robert", "maria", "henry"} <= set(phrases.words("first"))
    assert {"blake", "lopez", "scott"} <= set(phrases.words("last"))


@pytest.mark.parametrize("model", ["whisper-1", "gpt-4o-mini-transcribe", "anything"])
def test_every_model_but_one_hears_callers(model):
    assert grammar.for_model(model) == "caller"
    assert grammar.for_model("agent-lines") == "agent"
