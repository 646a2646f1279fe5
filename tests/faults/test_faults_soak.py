"""A small soak with a fixed seed; `make soak` is the long one."""

import pytest

from tests.faults.soak import soak

pytestmark = pytest.mark.stack


def test_a_small_soak(hands):
    kinds = ("web", "worker", "redis")
    verdict = soak(hands, seed=7, requests=20, kills_of_each=1, mean=3, kinds=kinds)
    assert verdict.survived, str(verdict)
    assert verdict.acknowledged == 20
    assert sum(verdict.kills.values()) >= 3
