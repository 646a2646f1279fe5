"""What only a real conversation shows: the database restarts while two people talk."""

from collections.abc import Iterator

import pytest

from stack.stack import Stack

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with Stack.start(database="own postgresql") as running:
        yield running


def test_a_conversation_goes_on_while_the_database_restarts(hands, stack):
    call_id = hands.ring(hands.owing("promises"))
    hands.heard_something(call_id)
    stack.stop("postgres")
    stack.start_process("postgres")
    hands.database_answers()
    status, disposition, _ = hands.ended(call_id, within=150)
    came_to = (status, disposition)
    transcript = hands.call(call_id)["transcript"]
    assert came_to in [("completed", "promise_to_pay"), ("completed", "partial_promise")], transcript
    lines = hands.rows(
        "SELECT seq, start_ms, speaker FROM calls_transcriptline WHERE call_id = %s ORDER BY seq", call_id
    )
    assert [seq for seq, _, _ in lines] == list(range(lines[0][0], lines[0][0] + len(lines)))
    starts = [start for _, start, _ in lines]
    assert starts == sorted(starts)
    spoken = len(hands.dial(call_id)["said"])
    assert sum(speaker == "caller" for _, _, speaker in lines) >= spoken - 1
    assert (hands.posts(call_id), len(hands.dials(call_id))) == (1, 1)
