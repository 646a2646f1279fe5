"""How fast a text is spoken, so that the transcript has of a sentence that was cut off what was heard of it.

Livekit reckons that from the time, by syllables and in whole words. Figures have no syllables, and a code is one word.
"""

import re

from livekit.agents.tokenize import WordStream, WordTokenizer
from livekit.agents.tokenize.basic import hyphenate_word
from livekit.agents.tokenize.token_stream import BufferedWordStream

_MONEY = re.compile(r"[$£€]")
_FIGURE = re.compile(r"\D*\d(?:\D+$)?")
_PAUSE = re.compile(r"[.,:;?!]\W*$")
_WORD = re.compile(r"\s*\S+")
# A row of figures without a sign of money is said one by one from this length on.
_CODE_FIGURES = 5


class Words(WordTokenizer):
    """Words with the spaces before them; a code's figures one by one."""

    def tokenize(self, text: str, *, language: str | None = None) -> list[str]:
        return [piece for word in _WORD.findall(text) for piece in _pieces(word)]

    def stream(self, *, language: str | None = None) -> WordStream:
        return BufferedWordStream(tokenizer=_placed, min_token_len=1, min_ctx_len=1)


def _pieces(word: str) -> list[str]:
    return _FIGURE.findall(word) if _figures(word) >= _CODE_FIGURES and not _MONEY.search(word) else [word]


def _placed(text: str) -> list[tuple[str, int, int]]:
    """Each piece with its beginning and end in `text`."""
    placed, at = [], 0
    for piece in Words().tokenize(text):
        placed.append((piece, at, at + len(piece)))
        at += len(piece)
    return placed


def _figures(word: str) -> int:
    return sum(character.isdecimal() for character in word)


def syllables(word: str) -> list[str]:
    """As many parts as `word` takes to say, nearly; one more for the pause behind it, if there is one."""
    figures = _figures(word)
    if not figures:
        said = list(hyphenate_word(word))
    else:
        said = [word] * (_of_amount(word) if _MONEY.search(word) else round(1.3 * figures))
    return said + [""] * bool(_PAUSE.search(word))


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
