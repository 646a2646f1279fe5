"""numbers.toml, read once."""

import re
import tomllib
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

_DATA: dict[str, Any] = tomllib.loads(Path(__file__).with_name("numbers.toml").read_text(encoding="utf-8"))


def _merged(table: dict[str, dict[str, int]]) -> dict[str, int]:
    return {word: value for words in table.values() for word, value in words.items()}


VALUES = _merged(_DATA["values"])
SCALES = _merged(_DATA["scales"])
ORDINALS = _merged(_DATA["ordinals"])
WEAK_ORDINALS = frozenset(_DATA["ordinals"]["weak"])
FRENCH = frozenset(_DATA["values"]["fr"])
# Words that are a number only beside another one or a currency.
ALONE = frozenset(_DATA["misc"]["alone"])
JOINERS = frozenset(_DATA["misc"]["joiners"])
POINTS = frozenset(_DATA["misc"]["points"])
OHS = frozenset(_DATA["misc"]["ohs"])
MONTHS = {word: index for index, names in enumerate(_DATA["months"]["names"], start=1) for word in names}
WEAK_MONTHS = frozenset(_DATA["months"]["weak"])
MAIN_UNITS = frozenset(_DATA["currency"]["main"])
SUB_UNITS = frozenset(_DATA["currency"]["sub"])

# No amount and no number that is told apart has more digits.
_MOST_DIGITS = 24
_GERMAN = re.compile(r"(?=.*(?:hundert|tausend|und.*ss?ig|und.*zig))[a-z]+")
_EN_GLUED = {
    tens + unit: VALUES[tens] + VALUES[unit]
    for tens in ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
    for unit in ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
}


def number_value(word: str) -> int | None:
    """The value of a number word that adds up (no scale, no ordinal); German compounds included."""
    value = VALUES.get(word)
    if value is None:
        value = _EN_GLUED.get(word)
    if value is None and len(word) > 6 and _GERMAN.fullmatch(word):
        value = _german(word)
    return value


@lru_cache(maxsize=4096)
def _german(word: str) -> int | None:
    """“zweitausenddreihundertvierundzwanzig” -> 2324; None for what is no such compound."""
    if word in VALUES:
        return VALUES[word]
    for scale, factor in (("tausend", 1000), ("hundert", 100)):
        before, found, after = word.partition(scale)
        if found:
            count = _german(before) if before else 1
            rest = _german(after.removeprefix("und")) if after else 0
            return None if count is None or rest is None else count * factor + rest
    unit, found, tens = word.partition("und")
    ones, tenfold = VALUES.get(unit), VALUES.get(tens)
    if found and ones is not None and tenfold is not None and ones < 10 <= tenfold:
        return ones + tenfold
    return None


def numeral_readings(text: str) -> tuple[Decimal, ...]:
    """What digits with separators may mean, the likeliest first: “1,234.50”, “1.234,50”, “120.5”, “1.234”."""
    bare = re.sub(r"[.,]", "", text)
    if len(bare) > _MOST_DIGITS:
        return (Decimal(10**_MOST_DIGITS),)
    if bare == text:
        return (Decimal(text),)
    last = max(text.rfind("."), text.rfind(","))
    whole, rest = re.sub(r"[.,]", "", text[:last]), text[last + 1 :]
    decimal = Decimal(f"{whole}.{rest}")
    both = "." in text and "," in text
    if len(rest) == 3 and (not both or text.count(text[last]) > 1):
        return (Decimal(bare), decimal)
    return (decimal,) if len(rest) != 3 else (decimal, Decimal(bare))
