"""Spoken calls with a model that does whatever it likes. `make hostile-spoken` holds twenty of them."""

import pytest

from tests.system.hostile import hostile_calls

pytestmark = pytest.mark.stack


def test_a_hostile_model_tells_nothing_and_changes_nothing(world):
    report = hostile_calls(world, calls=2, seed=7)
    assert report.found == []
    # It was looked where something could have been.
    assert report.calls == 2
    assert min(report.spoken, report.asked, report.room_texts, report.log_lines, report.functions_called) > 0
