"""How fast a text is spoken, so that the transcript has of a sentence that was cut off what was heard of it.

Livekit reckons that from the time, by syllables and in whole words. Figures have no syllables, and a code is one word.
"""

import re

from livekit.agents.tokenize import WordStream, WordTokenizer
from livekit.agents.tokenize.basic import hyphenate_word
from livekit.agents.tokenize.token_stream import BufferedWordStream

_MONEY = re.compile(r"[$£€]")
_FIGURE = re.compile(r"\D*\d(?:\D+$)?")
# Said by itself, with a little pause behind it: a figure or a letter of a code.
_ALONE = re.compile(r"\W*(?:[A-Z]\W+)?(?:\d|[B-HJ-Z])\W*")
_WORD = re.compile(r"\s*\S+")
# How many of the parts that are counted make a syllable.
PARTS = 4
# A row of figures without a sign of money is said one by one from this length on.
_CODE_FIGURES = 5


class Words(WordTokenizer):
    """Words with the spaces before them; a code's figures one by one."""

    def tokenize(self, text: str, *, language: str | None = None) -> list[str]:
        return [piece for word in _WORD.findall(text) for piece in _pieces(word)]

    def stream(self, *, language: str | None = None) -> WordStream:
        return BufferedWordStream(tokenizer=_placed, min_token_len=1, min_ctx_len=1)


def _pieces(word: str) -> list[str]:
    # Without a space before it, it is what a stream has left of a code.
    code = _figures(word) >= (_CODE_FIGURES if word[0].isspace() else 1)
    return _FIGURE.findall(word) if code and not _MONEY.search(word) else [word]


def _placed(text: str) -> list[tuple[str, int, int]]:
    """Each piece with its beginning and end in `text`."""
    placed, at = [], 0
    for piece in Words().tokenize(text):
        placed.append((piece, at, at + len(piece)))
        at += len(piece)
    return placed


def _figures(word: str) -> int:
    return sum(character.isdecimal() for character in word)


def parts(word: str) -> list[str]:
    """As many quarters of a syllable as `word` takes to say, nearly."""
    figures = _figures(word)
    if _ALONE.fullmatch(word):
        return [word] * (PARTS + 1)
    if figures:
        syllables = _of_amount(word) if _MONEY.search(word) else round(1.3 * figures)
        return [word] * (PARTS * syllables)
    return [part for part in hyphenate_word(word) for _ in range(PARTS)]


def _of_amount(word: str) -> int:
    """“$412.50”: four hundred and twelve, dollars, and fifty cents."""
    whole, _, cents = re.sub(r"[^\d.]", "", word).rstrip(".").partition(".")
    groups = f"{whole:0>9}"[-9:]
    said = [_of_three(groups[start : start + 3]) for start in (0, 3, 6)]
    thousands = 2 * sum(each > 0 for each in said[:2])
    fraction = _of_three(f"{cents[:2]:0>3}")
    return max(sum(said), 1) + thousands + 2 + (fraction + 2 if fraction else 0)


def _of_three(figures: str) -> int:
    """“four hundred and twelve”; zeroes are not said."""
    hundreds, tens, ones = (int(figure) for figure in figures)
    rest = 0 if not tens + ones else 1 if tens == 0 else 2 + (tens > 1 and ones > 0)
    return 3 * (hundreds > 0) + (hundreds > 0 and rest > 0) + rest
