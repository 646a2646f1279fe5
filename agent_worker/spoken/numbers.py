"""Numbers in a plain text, in digits or words of any language of numbers.toml, with what they may mean."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from agent_worker.spoken import number_words as known
from agent_worker.spoken.number_words import number_value, numeral_readings

_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[a-z]+")
# What may stand between the parts of one number; the end of a sentence may not.
_GAP = re.compile(r"[\s\-–—,·_*~]{0,4}|[.\s]?[.·/|][.\s]?(?=\d\b)")
_SUFFIX = re.compile(r"(?:st|nd|rd|th|er|e)\b")
# Longer numbers are rows of digits and add up to nothing.
_LARGEST = 10**15
_SIGN = re.compile(r"[$€£¥₹₽₩₺₴₪฿¢₿]")


@dataclass(frozen=True, slots=True)
class Part:
    """One word or numeral of a number."""

    start: int
    end: int
    word: str
    kind: str  # "value", "scale", "ordinal", "numeral", "oh"
    value: Decimal
    readings: tuple[Decimal, ...] = ()


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number from `start` to `end` of the plain text, a currency's word or sign included.

    `readings`: all values it may be heard as. `chunks`: the values said one by one ("twelve fifty" = 12, 50).
    `digits`: the same written on, leading zeros kept ("oh one twenty" = "0120"). `unit`: "main", "sub" (cents) or "".
    """

    start: int
    end: int
    readings: frozenset[Decimal]
    chunks: tuple[Decimal, ...]
    ordinal: bool = False
    weak: bool = False
    unit: str = ""
    number_end: int = 0
    digits: str = ""


def quantities(text: str) -> list[Quantity]:
    """All numbers of an expanded plain text, in order."""
    tokens = [(match.start(), match.end(), match[0]) for match in _TOKEN.finditer(text)]
    found: list[Quantity] = []
    index = 0
    while index < len(tokens):
        parts, point, after = _run(text, tokens, index)
        if not parts:
            index += 1
            continue
        found.append(_with_unit(text, _quantity(text, parts, point), tokens, after))
        index = after
    return _with_sub_units(text, found)


def _run(text: str, tokens: list[tuple[int, int, str]], index: int) -> tuple[list[Part], int, int]:
    """The parts of the number that begins at token `index`; how many stand before a spoken point; the next token."""
    parts: list[Part] = []
    point = 0
    while index < len(tokens):
        step = index
        if parts:
            if not _near(text, parts[-1].end, tokens[step][0]):
                break
            word = tokens[step][2]
            if word in known.JOINERS or (word in known.POINTS and not point):
                step += 1
                if step == len(tokens) or not _near(text, tokens[index][1], tokens[step][0]):
                    break
        part = _part(text, tokens, step, parts)
        if part is None:
            break
        if step > index and not _may_join(tokens[index][2], parts, part):
            break
        if step > index and tokens[index][2] in known.POINTS:
            point = len(parts)
        parts.append(part)
        index = step + 1
        if part.kind == "ordinal":
            if _SUFFIX.match(text, part.end):
                index += 1
            break
    return parts, point, index


def _near(text: str, end: int, start: int) -> bool:
    return bool(_GAP.fullmatch(text, end, start)) or (end < start and text[end:start].strip() == "")


def _may_join(joiner: str, parts: list[Part], part: Part) -> bool:
    if joiner in known.POINTS:
        return part.kind in ("value", "numeral", "oh")
    last = parts[-1]
    if joiner == "und" and last.value < 10 <= part.value < 100:
        return True
    return part.kind in ("value", "numeral", "ordinal") and (
        last.kind == "scale" or _adds(_sum(parts)[-1], part, last, joined=True)
    )


def _part(text: str, tokens: list[tuple[int, int, str]], index: int, parts: list[Part]) -> Part | None:
    start, end, word = tokens[index]
    following = tokens[index + 1][2] if index + 1 < len(tokens) else ""
    if word[0].isdigit():
        readings = numeral_readings(word)
        # “4th”, but not “4 the”.
        kind = "ordinal" if _SUFFIX.match(text, end) else "numeral"
        return Part(start, end, word, kind, readings[0], readings)
    if word in ("cent", "cents") and not _is_french_hundred(parts, following):
        return None
    is_a = index > 0 and tokens[index - 1][2] == "a"
    if not parts and (word == "k" or (word == "grand" and not is_a)):
        # “A grand” is a thousand, “grand” alone is not.
        return None
    if word in known.SCALES:
        return Part(start, end, word, "scale", Decimal(known.SCALES[word]))
    if (value := number_value(word)) is not None:
        return Part(start, end, word, "value", Decimal(value))
    if word in known.ORDINALS and (word not in known.WEAK_ORDINALS or _is_tens(parts)):
        return Part(start, end, word, "ordinal", Decimal(known.ORDINALS[word]))
    if (
        word in known.OHS
        and following != "clock"
        and (parts or number_value(following) is not None or following[:1].isdigit())
    ):
        return Part(start, end, word, "oh", Decimal(0))
    return None


def _is_tens(parts: list[Part]) -> bool:
    return bool(parts) and parts[-1].value >= 20 and parts[-1].value % 10 == 0


def _is_french_hundred(parts: list[Part], following: str) -> bool:
    if parts and parts[-1].word in known.FRENCH and parts[-1].value in range(2, 10):
        return parts[-1].word != "six" or following in ("euro", "euros") or following in known.FRENCH
    return not parts and (following in known.FRENCH or following in ("euro", "euros", "mille"))


def _adds(so_far: Decimal, part: Part, last: Part, *, joined: bool = False) -> bool:
    """Whether `part` goes on with the same number: “twenty” + “one”, “hundred” + “twenty”, “soixante” + “dix”."""
    value = part.value
    if (
        value <= 0
        or so_far <= 0
        or so_far > _LARGEST
        or value != int(value)
        or (last.kind == "numeral" and not joined)
    ):
        return False
    if part.kind == "numeral" and last.kind != "scale" and not joined:
        return False
    hundreds = so_far % 100
    if last.word == "dix" and part.word in ("sept", "huit", "neuf"):
        return True
    if last.word in ("soixante", "vingt", "vingts") and 10 <= value <= 19 and hundreds in (60, 80):
        return True
    if value < 10:
        return hundreds == 0 or (hundreds >= 20 and hundreds % 10 == 0)
    if value < 100:
        return hundreds == 0
    return value < 1000 and so_far % 1000 == 0


def _sum(parts: list[Part]) -> list[Decimal]:
    """The values that the parts add up to, one for each number said: “twelve fifty” is two."""
    chunks: list[Decimal] = []
    total = current = Decimal(0)
    last: Part | None = None
    for part in parts:
        if last is None and part.kind == "scale":
            # “A thousand two hundred”.
            total, current = _scaled(total, current, part.value)
        elif last is None:
            current = part.value
        elif part.kind == "scale" and _can_scale(total, current, part.value):
            total, current = _scaled(total, current, part.value)
        elif last.word == "quatre" and part.word in ("vingt", "vingts") and current % 100 == 4:
            current += 76
        elif _goes_on(total, current, part, last):
            current += part.value
        else:
            chunks.append(total + current)
            total, current = Decimal(0), part.value
        last = part
    return [*chunks, total + current]


def _can_scale(total: Decimal, current: Decimal, scale: Decimal) -> bool:
    if scale < 1000:
        return current < 100
    return current * scale < _LARGEST and total < _LARGEST and total % (scale * 1000) == 0


def _goes_on(total: Decimal, current: Decimal, part: Part, last: Part) -> bool:
    below_scale = last.kind == "scale" and part.kind == "numeral" and part.value < last.value
    return below_scale or _unit_before_tens(current, last, part) or _adds(total + current, part, last)


def _scaled(total: Decimal, current: Decimal, scale: Decimal) -> tuple[Decimal, Decimal]:
    if scale < 1000:
        return total, (current or 1) * scale
    return total + (current or 1) * scale, Decimal(0)


def _unit_before_tens(current: Decimal, last: Part, part: Part) -> bool:
    """German “ein und zwanzig”, written apart."""
    return (
        part.kind == "value"
        and last.word in ("ein", "zwei", "drei", "vier", "funf", "fuenf", "sechs", "sieben", "acht", "neun")
        and part.word.endswith("ig")
        and current < 10
    )


def _quantity(text: str, parts: list[Part], point: int) -> Quantity:
    chunks = _sum(parts[:point] if point else parts)
    readings = set(_spellings(chunks, parts))
    if point:
        digits = "".join(_digits(parts[point:]))
        readings = {Decimal(f"{reading}.{digits}") for reading in readings if reading == int(reading)}
        chunks = sorted(readings) or chunks
    elif len(parts) == 1 and parts[0].readings:
        readings = set(parts[0].readings)
    alone = len(parts) == 1 and parts[0].word in known.ALONE
    end = parts[-1].end
    if parts[-1].kind == "ordinal" and (suffix := _SUFFIX.match(text, end)):
        end = suffix.end()
    return Quantity(
        parts[0].start,
        end,
        frozenset(readings or chunks),
        tuple(chunks),
        ordinal=parts[-1].kind == "ordinal",
        weak=alone,
        number_end=end,
        digits="".join(_digits(parts)),
    )


def _digits(parts: list[Part]) -> Iterator[str]:
    """The digits of each number said, a numeral's as they are written."""
    begun = 0
    for index in range(1, len(parts) + 1):
        if index < len(parts) and len(_sum(parts[begun : index + 1])) == 1:
            continue
        only = parts[begun] if index - begun == 1 else None
        numeral = only is not None and only.word[0].isdigit()
        yield re.sub(r"\D", "", only.word) if only and numeral else str(int(_sum(parts[begun:index])[-1]))
        begun = index


def _spellings(chunks: list[Decimal], parts: list[Part]) -> Iterator[Decimal]:
    """Several numbers in a row: read on (“one twenty” = 120), or dollars and cents (“twelve fifty” = 12.50)."""
    if len(chunks) == 1:
        yield chunks[0]
        return
    if any(chunk != int(chunk) for chunk in chunks):
        return
    yield Decimal("".join(str(int(chunk)) for chunk in chunks))
    if 10 <= chunks[-1] <= 99:
        yield Decimal("".join(str(int(chunk)) for chunk in chunks[:-1]) + f".{int(chunks[-1])}")
    elif len(chunks) > 2 and chunks[-1] < 10 and chunks[-2] == 0:
        yield Decimal("".join(str(int(chunk)) for chunk in chunks[:-2]) + f".0{int(chunks[-1])}")


def _with_unit(text: str, quantity: Quantity, tokens: list[tuple[int, int, str]], after: int) -> Quantity:
    """The currency right after the number or right before it."""
    rest = text[quantity.end : quantity.end + 3]
    if sign := _SIGN.match(rest.strip()):
        end = quantity.end + rest.index(sign[0]) + 1
        return replace(quantity, end=end, unit="sub" if sign[0] == "¢" else "main", weak=False)
    if after < len(tokens):
        start, end, word = tokens[after]
        # “120 US dollars”, “fifty of dollars”.
        if word in ("us", "american", "canadian", "australian", "of", "de", "and") and after + 1 < len(
            tokens
        ):
            start, end, word = tokens[after + 1]
        close = start - quantity.end <= 6 and "." not in text[quantity.end : start].strip()
        if close and word in known.MAIN_UNITS:
            return replace(quantity, end=end, unit="main", weak=False)
        if close and word in known.SUB_UNITS:
            return replace(quantity, end=end, unit="sub", weak=False)
    before = text[max(0, quantity.start - 5) : quantity.start].rstrip()
    if before and _SIGN.match(before[-1]):
        start = text.rindex(before[-1], 0, quantity.start)
        return replace(quantity, start=start, unit="main", weak=False)
    if (code := before[-3:]) in known.MAIN_UNITS and len(code) == 3:
        return replace(quantity, start=text.rindex(code, 0, quantity.start), unit="main", weak=False)
    return quantity


_BETWEEN = re.compile(r"[\s,.;:–—-]*(?:(?:and|y|con|und|et|plus)\b)?[\s,.;:–—-]*")


def _with_sub_units(text: str, found: list[Quantity]) -> list[Quantity]:
    """“120 dollars and 50 cents” is one amount, also with the cents in a sentence of their own."""
    joined: list[Quantity] = []
    for quantity in found:
        if quantity.unit != "sub":
            joined.append(quantity)
            continue
        cents = frozenset(reading / 100 for reading in quantity.readings)
        last = joined[-1] if joined else None
        if last is not None and last.unit in ("main", "") and not last.ordinal:
            between = _BETWEEN.fullmatch(text, last.end, quantity.start)
            whole = frozenset(reading for reading in last.readings if reading == int(reading))
            if between and whole and (last.unit == "main" or not last.weak):
                sums = frozenset(main + sub for main in whole for sub in cents)
                joined[-1] = replace(
                    last, end=quantity.end, readings=sums, chunks=tuple(sorted(sums)), unit="main", weak=False
                )
                continue
        joined.append(replace(quantity, readings=cents, chunks=tuple(sorted(cents))))
    return joined


def digits_of(words: list[str]) -> str | None:
    """The digits of one number in words (“forty two” = "42"); "" for more than one, None for what is none."""
    parts: list[Part] = []
    for index, word in enumerate(words):
        value = number_value(word)
        if word in known.SCALES and word not in ("k", "grand", "cents"):
            parts.append(Part(index, index, word, "scale", Decimal(known.SCALES[word])))
        elif value is not None:
            parts.append(Part(index, index, word, "value", Decimal(value)))
        elif not (word in known.JOINERS and 0 < index < len(words) - 1):
            return None if index == 0 or word not in known.JOINERS else ""
    chunks = _sum(parts)
    return str(int(chunks[0])) if len(chunks) == 1 else ""
