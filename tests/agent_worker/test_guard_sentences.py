"""A reply that streams through the guard comes out whole, in sentences, and what is bad in it is known in time."""

import time
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from agent_worker.guard import GuardFacts, Phase, SentenceGuard, check
from tests.agent_worker.corpus import labelled, sentences
from tests.agent_worker.guarding import LINES, STRANGER, VERIFIED

BEFORE, AFTER = Phase.BEFORE_VERIFICATION, Phase.VERIFIED
GOOD = sentences("guard_before_passes.txt")
BAD = [text for _, text in labelled("guard_before_caught.txt")]


def stream(chunks, phase=BEFORE, facts=STRANGER):
    guard = SentenceGuard(phase=phase, facts=facts)
    out = [sentence for chunk in chunks for sentence in guard.feed(chunk)]
    return out + guard.flush()


def cut(text, places):
    edges = [0, *sorted({place % (len(text) + 1) for place in places}), len(text)]
    return [text[start:end] for start, end in pairwise(edges)]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(GOOD), min_size=1, max_size=4), st.lists(st.integers(0, 400), max_size=12))
def test_a_good_reply_passes_whole_however_it_is_cut(texts, places):
    reply = " ".join(texts)
    out = stream(cut(reply, places))
    assert "".join(sentence.text for sentence in out) == reply
    assert [sentence.verdict.rules for sentence in out if not sentence.verdict.ok] == []


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(GOOD), st.sampled_from(BAD), st.lists(st.integers(0, 400), max_size=12))
def test_a_bad_sentence_is_caught_however_it_is_cut(good, bad, places):
    reply = f"{good} {bad} {good}"
    out = stream(cut(reply, places))
    assert "".join(sentence.text for sentence in out) == reply
    assert any(not sentence.verdict.ok for sentence in out)
    before = reply.index(bad)
    released = 0
    for sentence in out:
        if not sentence.verdict.ok:
            break
        released += len(sentence.text)
    # What was let go before holds at most the beginning of the bad sentence, and nothing in it that is bad by itself.
    assert released < before + len(bad)
    assert check(reply[:released], BEFORE, STRANGER).ok


def test_a_sentence_is_let_go_when_its_end_is_fed():
    guard = SentenceGuard(phase=BEFORE, facts=STRANGER)
    assert guard.feed("Thank you") == []
    (first,) = guard.feed(".")
    assert first.text == "Thank you."
    assert guard.feed(" May I speak") == []
    assert [sentence.text for sentence in guard.feed(" with Robert? Is he")] == [" May I speak with Robert? "]
    assert [sentence.text for sentence in guard.flush()] == ["Is he"]


def test_a_title_and_an_amount_do_not_end_a_sentence():
    guard = SentenceGuard(phase=AFTER, facts=VERIFIED)
    assert guard.feed("Mr. Blake, the balance is $8,641.") == []
    (sentence,) = guard.feed("97. ") + guard.flush()
    assert sentence.verdict.ok


def test_an_amount_spread_over_two_sentences_is_caught_at_the_second():
    allowed = [
        sentence.verdict.ok
        for sentence in stream(["It is $100.00. ", "Fine. ", "So $20.00."], AFTER, VERIFIED)
    ]
    assert allowed == [True, True, True]
    first, second = stream(["It is one hundred. ", "And twenty dollars. "], AFTER, VERIFIED)
    assert first.verdict.ok
    assert second.verdict.rules == ("amount",)


def test_a_word_spread_over_two_sentences_is_caught_at_the_second():
    first, second = stream(["You have an in. ", "Voice with us. "])
    assert first.verdict.ok
    assert second.verdict.rules == ("debt.word",)


def test_an_amount_spread_over_two_replies_is_caught():
    guard = SentenceGuard(phase=AFTER, facts=VERIFIED)
    assert [sentence.verdict.ok for sentence in guard.feed("It is one hundred") + guard.flush()] == [True]
    assert [sentence.verdict.ok for sentence in guard.feed("and twenty dollars") + guard.flush()] == [False]


def test_what_was_dropped_is_not_let_go_later():
    guard = SentenceGuard(phase=BEFORE, facts=STRANGER)
    assert not guard.feed("It is a debt. And more")[0].verdict.ok
    guard.drop()
    assert guard.flush() == []


def test_a_fixed_line_of_several_sentences_passes_in_a_stream():
    assert all(sentence.verdict.ok for line in LINES for sentence in stream(list(line)))


def test_a_reply_without_an_end_waits_no_longer_than_a_long_sentence():
    guard = SentenceGuard(phase=BEFORE, facts=GuardFacts())
    out = [sentence for _ in range(100) for sentence in guard.feed("and so on we go ")]
    assert sum(len(sentence.text) for sentence in out) > 1000


def test_a_sentence_costs_less_than_five_milliseconds():
    """Of the processor, at the 99th percentile; the best of three, since other work shares it."""
    texts = GOOD + BAD + sentences("guard_verified_passes.txt")
    spent = []
    for text in texts:
        tries = []
        for _ in range(3):
            begun = time.process_time()
            check(text, AFTER, VERIFIED)
            tries.append(time.process_time() - begun)
        spent.append(min(tries))
    assert sorted(spent)[len(spent) * 99 // 100] < 0.005
