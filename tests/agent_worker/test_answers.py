"""Whether something was agreed to is heard in the customer's own words: corpus/answers.txt."""

from agent_worker.listening import answer_to
from tests.agent_worker.corpus import labelled


def test_an_answer_to_what_was_read_back_is_a_yes_a_no_or_neither():
    mistaken = {
        text: answer_to(text) for answer, text in labelled("answers.txt") if answer_to(text) != answer
    }
    assert mistaken == {}
