"""debt.toml and claims.toml, read once."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent_worker.spoken import number_words
from agent_worker.spoken.phrases import compiled, plain, words

_FOLDER = Path(__file__).parent
LANGUAGES = ("en", "es", "de", "fr")
# How a stem (“invoice*”) may go on.
_ENDINGS = (
    *("s", "es", "e", "ed", "d", "ing", "er", "ers", "or", "ors", "ment", "ments", "y", "ies", "ent", "al"),
    *("a", "as", "o", "os", "ada", "ado", "adas", "ados", "en", "n", "t", "te"),
)
# Two short words that people do say beside each other look like one of these: only spelled letters make it.
_SHORT = frozenset(
    {"one", "un", "owe", "due", "sue", "ein", "eins", "uno", "una", "pin", "tab", "rib", "sum"}
)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / name).read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Claim:
    """A kind of sentence that is never said."""

    rule: str
    deniable: bool
    pattern: re.Pattern[str]
    harmless: re.Pattern[str]


_DEBT = _read("debt.toml")
_CLAIMS = _read("claims.toml")
_DENIAL = _CLAIMS.pop("denial")


def _phrases(table: dict[str, Any]) -> tuple[str, ...]:
    return tuple(phrase for language in LANGUAGES for phrase in table.get(language, ()))


DEBT_WORDS = compiled(_phrases(_DEBT))
UNTELLING = frozenset(_DEBT["untelling"])
HARMLESS = compiled(tuple(_DEBT["harmless"]))
CLAIMS = tuple(
    Claim(rule, table["deniable"], compiled(_phrases(table)), compiled(tuple(table.get("harmless", ()))))
    for rule, table in _CLAIMS.items()
)
DENIALS = compiled(tuple(_DENIAL["words"]))
TURNED = compiled(tuple(_DENIAL["turned"]))
CONDITIONS = compiled(tuple(_DENIAL["conditions"]))
BREAKS = compiled(tuple(_DENIAL["breaks"]))


def _vocabulary() -> frozenset[str]:
    """Words that are put together again when something holds their letters apart."""
    # Of a phrase in several words (“write off”) the short ones are too common.
    stems = {plain(phrase) for phrase in _phrases(_DEBT) if re.fullmatch(r"\w{3,}\*?", phrase)}
    claimed = (phrase for claims in _CLAIMS.values() for phrase in _phrases(claims))
    stems |= {word for phrase in claimed for word in re.findall(r"[a-z]{6,}\*?", plain(phrase))}
    whole = {word for word in stems if word.isalpha()}
    whole |= {word[:-1] + ending for word in stems if word.endswith("*") for ending in ("", *_ENDINGS)}
    counted = {*number_words.VALUES, *number_words.SCALES, *number_words.ORDINALS, *number_words.MONTHS}
    whole |= {word for word in counted if len(word) > 2 or word in ("un",)}
    return frozenset(whole - _SHORT)


def _spelled() -> frozenset[str]:
    claimed = {word for claims in _CLAIMS.values() for word in words(_phrases(claims)) if len(word) > 2}
    return _SHORT | claimed


VOCABULARY = _vocabulary()
SPELLED = _spelled()
