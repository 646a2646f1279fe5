"""What the customer has named may be repeated to them in other words, and nothing else."""

from dataclasses import replace

import pytest

from agent_worker.guard import Phase, check
from agent_worker.guarding import amounts_said
from tests.agent_worker.guarding import STRANGER, VERIFIED


@pytest.mark.parametrize(
    ("said", "answer", "may_be_said"),
    [
        ("two fifty", "So $250.00?", True),
        ("two hundred and fifty", "$250, is that right?", True),
        ("a grand", "So one thousand dollars?", True),
        ("fifteen hundred bucks", "$1,500?", True),
        ("a thousand two hundred thirty four and fifty six cents", "$1,234.56?", True),
        ("1,234.56", "One thousand two hundred thirty-four dollars and fifty-six cents?", True),
        ("ninety nine ninety nine", "So $99.99?", True),
        ("twenty twenty six", "$2,026?", True),
        ("one cent", "One cent?", True),
        ("five hundred now and two hundred later", "$500 now and $200 later?", True),
        ("fifty", "Fifteen dollars?", False),
        ("a hundred", "A thousand dollars?", False),
        ("a thousand two hundred", "Two hundred dollars?", False),
    ],
)
def test_an_amount_is_repeated_as_it_was_meant(said, answer, may_be_said):
    facts = replace(VERIFIED, allowed_amounts=amounts_said(said), allowed_dates=None)
    assert check(answer, Phase.VERIFIED, facts).ok == may_be_said


def test_a_grand_is_an_amount_to_a_stranger():
    assert check("It is about a grand.", Phase.BEFORE_VERIFICATION, STRANGER).rules == ("debt.number",)
