"""Words that were taken apart (“in voice”, “i n v o i c e”, “hun-dred”, “1nvoice”) in one piece again."""

import re
from collections.abc import Set

from agent_worker.spoken.folding import MASK, Folded

_TOKEN = re.compile(r"[a-z0-9]+")
_LEET = str.maketrans("013457", "oieast")
_INSIDE = re.compile(r"(?<=[a-z])[@$!|](?=[a-z])")
_SIGNS = {"@": "a", "$": "s", "!": "i", "|": "l"}
_STRETCHED = re.compile(r"([a-z])\1{2,}")
_LONGEST = 16
_MOST_PIECES = 14


def rejoined(folded: Folded, vocabulary: Set[str], spelled: Set[str] = frozenset()) -> Folded:
    """The plain text with each word of `vocabulary` whole, whose letters other characters hold apart.

    Words of `spelled` are put together from single letters only.
    """
    folded = folded.replaced(_INSIDE, lambda match: _SIGNS[match[0]])
    tokens = [(match.start(), match.end(), match[0]) for match in _TOKEN.finditer(folded.text)]
    parts: list[tuple[str, int, int]] = []
    done = index = 0
    while index < len(tokens):
        start, end, word = tokens[index]
        whole, last = _whole(tokens, index, vocabulary, spelled)
        if whole is None and word not in vocabulary:
            whole = _repaired(word, vocabulary, spelled)
        if whole is not None:
            end = tokens[last][1]
            parts += [(folded.text[done:start], done, start), (whole, start, end)]
            done = end
        index = last + 1
    if not parts:
        return folded
    return folded.rewritten([*parts, (folded.text[done:], done, len(folded.text))])


def _whole(
    tokens: list[tuple[int, int, str]], index: int, vocabulary: Set[str], spelled: Set[str]
) -> tuple[str | None, int]:
    """The longest word that the tokens from `index` spell together, and the last of them."""
    word = tokens[index][2]
    best: tuple[str | None, int] = (None, index)
    if word == MASK or word in vocabulary:
        return best
    joined, single = word, len(word) == 1
    for last in range(index + 1, min(len(tokens), index + _MOST_PIECES)):
        joined += tokens[last][2]
        # A piece that is a word of its own tells as much, and must not be lost in a longer one.
        if len(joined) > _LONGEST or tokens[last][2] == MASK or tokens[last][2] in vocabulary:
            break
        single = single and len(tokens[last][2]) == 1
        if joined in vocabulary or (single and joined in spelled):
            best = (joined, last)
    return best


def _repaired(word: str, vocabulary: Set[str], spelled: Set[str]) -> str | None:
    """Digits that stand for letters, and letters that are drawn out."""
    plain = word
    if not plain.isalpha() and not plain.isdigit():
        plain = plain.translate(_LEET)
    plain = _STRETCHED.sub(r"\1", plain)
    return plain if plain != word and (plain in vocabulary or plain in spelled) else None
