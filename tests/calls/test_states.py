"""The transition table, held to what a telephone can do."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from calls.states import AT_CARRIER, LIVE, SOURCES, Status

TERMINAL = set(Status) - LIVE


def test_every_state_but_the_first_says_where_it_is_entered_from():
    assert set(SOURCES) == set(Status)


def test_no_move_leaves_a_terminal_state():
    assert not any(source in TERMINAL for sources in SOURCES.values() for source in sources)


def test_every_live_state_has_a_way_to_its_end():
    for state in LIVE:
        assert any(state in SOURCES[end] for end in TERMINAL)


def test_nothing_is_dialled_twice_once_the_carrier_may_know_of_it():
    reachable_again = {
        state for state in AT_CARRIER if state in SOURCES[Status.PLACING] | SOURCES[Status.REQUESTED]
    }
    assert reachable_again == set()


def test_a_connected_call_is_not_canceled_or_unanswered():
    for end in (Status.CANCELED, Status.NO_ANSWER, Status.BUSY, Status.BLOCKED):
        assert Status.IN_PROGRESS not in SOURCES[end]


@given(st.lists(st.sampled_from(sorted(Status)), max_size=30))
def test_any_order_of_reports_ends_in_the_first_terminal_one(reports):
    state = Status.PLACING
    first_end = None
    for report in reports:
        if state in SOURCES[report]:
            state = Status(report)
            if state in TERMINAL:
                first_end = first_end or state
    assert first_end is None or state == first_end


def test_carrier_reports_may_overtake_the_answer_to_create():
    for state, report in product(
        (Status.PLACING, Status.UNKNOWN), (Status.RINGING, Status.IN_PROGRESS, Status.COMPLETED)
    ):
        assert state in SOURCES[report]
