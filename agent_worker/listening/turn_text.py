"""A recognised turn as wishes are looked for in it: names as one word, misheard words put right, no fillers."""

import re
from collections.abc import Sequence
from functools import lru_cache

from agent_worker.listening import wish_tables as tables
from agent_worker.spoken.folding import MASK, Folded, fold
from agent_worker.spoken.phrases import expanded, spaced

_WORD = re.compile(r"[a-z0-9]+")
_FILLER = re.compile(r"\b(?:uh+m*(?!\Wh[ua]h)|um+|er+m*|hm+|mm+)\W")
# Said for strength; what else is said means the same without it.
_STRONG = re.compile(
    r"\b(?:fuck(?:ing|in)|bloody|(?:god\W)?damn(?:ed|it)?(?:\Wit)?(?!\Wyou)|goddamn(?:ed|it)?|effing|eff|"
    r"freak(?:ing|in)|frigg(?:ing|in)|flipp(?:ing|in))\W"
)
_STUTTER = re.compile(r"\b([a-z]+(?: [a-z]+){0,2})(?:\W\1\b)+")
_TITLE = r"(?:mr|mrs|ms|miss|mister|missus|master|doctor|dr|sir|madam|maam)"


def as_said(text: str, names: Sequence[str]) -> Folded:
    """The spaced plain form; each of `names`, and a part of one that is no word of the tables, is the word `MASK`."""
    said = spaced(expanded(fold(text)).replaced(tables.MISHEARD, _put_right))
    said = said.replaced(_WORD, lambda word: tables.SPELLINGS.get(word[0], word[0]))
    pattern = _names(tuple(names))
    return said if pattern is None else said.replaced(pattern, lambda _: MASK)


def calmed(said: Folded) -> Folded:
    """Without fillers and strong language, and what is said twice once: “don't don't ever ever call me”."""
    plain = said.replaced(_FILLER, lambda _: "").replaced(_STRONG, lambda _: "")
    return plain.replaced(_STUTTER, lambda again: again[1])


def _put_right(misheard: re.Match[str]) -> str:
    return tables.RIGHT[" ".join(_WORD.findall(misheard[0]))]


@lru_cache(maxsize=256)
def _names(names: tuple[str, ...]) -> re.Pattern[str] | None:
    sources = [source for name in names for source in _sources(name)]
    return re.compile(rf"\b(?:{'|'.join(sources)})\b") if sources else None


def _sources(name: str) -> list[str]:
    """“Mary Stop”, “Mrs Stop”, “Mary”; “stop” alone is a word like any other."""
    words = _WORD.findall(spaced(expanded(fold(name))).text)
    whole = [rf"(?:{_TITLE}\W)?" + r"\W".join(words)] if len(words) > 1 else []
    titled = [rf"{_TITLE}\W{word}" for word in words]
    alone = [word for word in words if len(word) > 1 and word not in tables.WORDS]
    return whole + titled + alone
