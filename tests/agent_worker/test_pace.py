"""How long words take to say, and in which pieces they may be heard."""

import pytest

from agent_worker.pace import PARTS, Words, parts

TEXT = (
    "I am calling about invoice R-27938474. The balance is $1,412.50, and it was due on November 3rd, 2026."
)


async def test_a_codes_figures_are_heard_one_by_one_and_nothing_is_lost():
    words = Words()
    pieces = words.tokenize(TEXT)
    assert pieces[4:14] == [" invoice", " R-2", "7", "9", "3", "8", "4", "7", "4.", " The"]
    assert "".join(pieces) == TEXT
    assert " $1,412.50," in pieces and " 2026." in pieces
    stream = words.stream()
    stream.push_text(TEXT[:40])
    stream.push_text(TEXT[40:])
    stream.end_input()
    assert [word.token async for word in stream] == pieces


@pytest.mark.parametrize(
    ("word", "least", "most"),
    [
        ("November", 3, 3),
        ("it", 1, 1),
        ("it,", 1, 1),
        ("4", 1.25, 1.25),
        ("R-2", 1.25, 2),
        ("N", 1.25, 1.25),
        ("3rd", 1, 2),
        ("$20.00", 4, 4),
        ("$7.05", 5, 6),
        ("$340.44", 12, 13),
        ("$1,412.00.", 11, 12),
        ("€1,000,000.00", 5, 6),
        ("$0.50", 6, 8),
    ],
)
def test_figures_take_as_long_as_they_are_said(word, least, most):
    assert least <= len(parts(word)) / PARTS <= most
