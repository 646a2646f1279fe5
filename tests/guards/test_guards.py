"""The table of guards is true of the code; taking one out is noticed. `make guards` takes out every one."""

import random

import pytest

from tests.guards.registry import ROOT, guards
from tests.guards.taking import take_out_each

# The whole takes minutes.
SEED = 7
SAMPLE = 3


@pytest.mark.parametrize("name", sorted(guards()))
def test_a_guard_stands_in_the_code_once_and_can_be_taken_out(name):
    guard = guards()[name]
    without = guard.taken_out((ROOT / guard.file).read_text(encoding="utf-8"))
    compile(without, guard.file, "exec")


@pytest.mark.parametrize("name", sorted(guards()))
def test_the_tests_that_are_to_notice_exist(name):
    for test in guards()[name].tests:
        path, _, rest = test.partition("::")
        assert (ROOT / path).is_file()
        if rest.endswith("]"):
            case = rest.partition("[")[2].removesuffix("]")
            assert (ROOT / f"tests/conversations/cases/{case}.txt").is_file()


def test_the_absence_of_each_guard_of_a_sample_is_noticed():
    sample = random.Random(SEED).sample(sorted(guards()), SAMPLE)
    findings = list(take_out_each(guards()[name] for name in sample))
    assert [found.guard.name for found in findings if not found.noticed] == []
