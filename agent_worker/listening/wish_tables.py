"""wishes.toml, read once."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from agent_worker.spoken import number_words
from agent_worker.spoken.phrases import compiled, plain, words

Certainty = Literal["sure", "doubtful"]

_DATA: dict[str, Any] = tomllib.loads(Path(__file__).with_name("wishes.toml").read_text(encoding="utf-8"))
_SLOT = re.compile(r"<([a-z]+)>")
LANGUAGES = frozenset(entry.get("language", "en") for entry in _DATA["heard"])


@dataclass(frozen=True)
class Wish:
    """One entry of wishes.toml. `before` must not match right before, `after` right after; `unsure` makes a doubt."""

    kind: str
    scope: str
    certainty: Certainty
    check: str
    pattern: re.Pattern[str]
    before: re.Pattern[str]
    after: tuple[re.Pattern[str], ...]
    unsure: re.Pattern[str]


def _filled(phrases: Iterable[str]) -> tuple[str, ...]:
    """The phrases with each <slot> replaced by what it stands for. Raises KeyError for an unknown one."""
    done = []
    for phrase in phrases:
        # The plus and star of a slot in use belong to each of its words.
        text = phrase.replace("<call*>", "(call* | ring* | phon* | dial*)")
        while _SLOT.search(text):
            text = _SLOT.sub(lambda slot: _DATA["slots"][slot[1]], text)
        done.append(text)
    return tuple(done)


def ending(phrases: Iterable[str]) -> re.Pattern[str]:
    """Matches where one of `phrases` ends a text."""
    source = compiled(_filled(phrases)).pattern
    return re.compile(rf"(?:{source})\Z")


def _named(name: str) -> re.Pattern[str]:
    if name not in ("@place", "@time"):
        return compiled(_filled((name,)))
    return compiled(_filled(_DATA[name[1:]]["phrases"]))


def _wish(entry: dict[str, Any]) -> Wish:
    return Wish(
        kind=entry["kind"],
        scope=entry["scope"],
        certainty=entry["certainty"],
        check=entry.get("check", ""),
        pattern=compiled(_filled(entry["phrases"])),
        before=ending(entry["not_before"]) if "not_before" in entry else re.compile(r"(?!)"),
        after=tuple(_named(name) for name in entry.get("not_after", ())),
        unsure=ending(entry["unsure_before"]) if "unsure_before" in entry else re.compile(r"(?!)"),
    )


@cache
def wishes(language: str) -> tuple[Wish, ...]:
    """The entries for a language: English and its own; all of them where it has none."""
    every = language not in LANGUAGES
    return tuple(
        _wish(entry) for entry in _DATA["heard"] if every or entry.get("language", "en") in ("en", language)
    )


QUOTED = compiled(_filled(_DATA["modifiers"]["quoted"]))
NEGATED = ending(_DATA["modifiers"]["negated"])
RHETORICAL = ending(_DATA["modifiers"]["rhetorical"])
KIN = compiled(_filled(("my <kin>",)))
FINE = frozenset(plain(word) for word in _DATA["follows"]["fine"])
ADDRESS = frozenset(plain(word) for word in _DATA["follows"]["address"])
LINES = frozenset(_DATA["follows"]["lines"])
PERSONS = words(_filled(("<kin>",))) | frozenset(_DATA["persons"])
# Every word of the phrases: a customer's name that is one of them can't stand for the customer by itself.
WORDS = words(phrase for entry in _DATA["heard"] for phrase in _filled(entry["phrases"]))
RIGHT: dict[str, str] = _DATA["misheard"]
MISHEARD = re.compile(
    r"\b(?:" + "|".join(wrong.replace(" ", r"\W+") for wrong in sorted(RIGHT, key=len, reverse=True)) + r")\b"
)


def _spellings() -> dict[str, str]:
    """Words that a letter was lost, doubled or swapped in -> the word: “caling”, “lawer”, “bankrupcy”."""
    known = {
        language: {
            word
            for entry in _DATA["heard"]
            if entry.get("language", "en") == language
            for word in words(_filled(entry["phrases"]))
        }
        for language in LANGUAGES
    }
    whole, all_words = known["en"], set().union(*known.values())
    ours = {*_DATA["not_misspelt"], *number_words.VALUES, *number_words.ORDINALS}
    found: dict[str, str] = {}
    for word in sorted(word for word in whole if len(word) > 5):
        for at in range(1, len(word)):
            lost = word[:at] + word[at + 1 :]
            doubled = word[:at] + word[at] + word[at:]
            swapped = word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :]
            for wrong in (lost, doubled, swapped):
                if wrong not in all_words and wrong not in ours:
                    found.setdefault(wrong, word)
    return found


SPELLINGS = _spellings()
