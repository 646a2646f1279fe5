"""What was said, as a row of tokens that may each be read as digits in one way or several."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from agent_worker.listening import card_words as known
from agent_worker.spoken import number_words
from agent_worker.spoken.dates import dates, times
from agent_worker.spoken.numbers import Quantity, digits_of, quantities
from agent_worker.spoken.phrases import located

_TOKEN = re.compile(r"\d|[a-z]+")
_DECIMAL = re.compile(r"(?<![\d.,])\d{1,3}(?:,?\d{3})*\.\d{2}(?![\d.]|[ -]\d{3,})")
# So many words may be one number: “four thousand two hundred forty two”.
_LONGEST_NUMBER = 7
_LONGEST_LEGIBLE = 12
_MOST_AMBIGUOUS = 40
_REPEATED = {"double": 2, "triple": 3, "treble": 3, "doppelt": 2, "doble": 2}


@dataclass(frozen=True, slots=True)
class Token:
    """A digit or a word, `start` to `end` of the plain text. `readings`: (digits, tokens that they take up)."""

    start: int
    end: int
    word: str
    readings: tuple[tuple[str, int], ...] = ()
    skippable: bool = False


def tokens_of(text: str) -> list[Token]:
    """The tokens of an expanded plain text; amounts, dates and labelled numbers can only be skipped."""
    plain = [(match.start(), match.end(), match[0]) for match in _TOKEN.finditer(text)]
    legible = legible_spans(text, quantities(text))
    counting = list(located(known.COUNTING, text))
    skipped = [*legible, *counting]
    tokens = []
    for index, (start, end, word) in enumerate(plain):
        if any(begin <= start and end <= stop for begin, stop in skipped):
            tokens.append(Token(start, end, word, skippable=True))
            continue
        readings = tuple(dict.fromkeys(_readings(plain, index)))
        tokens.append(Token(start, end, word, readings, word in known.FILLERS or word in known.SOUNDS))
    return _bounded(tokens)


def _bounded(tokens: list[Token]) -> list[Token]:
    """Of a row that can be read in very many ways only the longest readings are followed: the time is bounded."""
    if sum(len(token.readings) > 1 for token in tokens) <= _MOST_AMBIGUOUS:
        return tokens
    return [replace(token, readings=token.readings[-1:]) for token in tokens]


def _readings(plain: Sequence[tuple[int, int, str]], index: int) -> Iterator[tuple[str, int]]:
    word = plain[index][2]
    following = plain[index + 1][2] if index + 1 < len(plain) else ""
    if word.isdigit():
        yield word, 1
    elif word in number_words.OHS:
        yield "0", 1
    elif word in known.SOUNDS:
        if index and _is_digit(plain[index - 1][2]) and _is_digit(following):
            yield known.SOUNDS[word], 1
    elif word in _REPEATED:
        single = _single(following)
        if single:
            yield single * _REPEATED[word], 2
    elif number_words.number_value(word) is not None or word in number_words.SCALES:
        for count in range(1, min(_LONGEST_NUMBER, len(plain) - index) + 1):
            digits = digits_of([item[2] for item in plain[index : index + count]])
            if digits is None:
                break
            if digits:
                yield digits, count


def _is_digit(word: str) -> bool:
    return word.isdigit() or word in number_words.OHS or number_words.number_value(word) is not None


def _single(word: str) -> str:
    if word.isdigit() and len(word) == 1:
        return word
    value = 0 if word in number_words.OHS else number_words.number_value(word)
    return str(value) if value is not None and value < 10 else ""


def legible_spans(text: str, numbers: Sequence[Quantity]) -> list[tuple[int, int]]:
    """Where amounts, dates, times and labelled numbers stand: (start, end)."""
    spans = [(date.start, date.end) for date in dates(text, numbers)] + times(text)
    spans += [match.span() for match in _DECIMAL.finditer(text)]
    for number in numbers:
        if number.unit and len(number.digits) <= _LONGEST_LEGIBLE:
            spans.append((number.start, number.end))
    for start, end in located(known.LEGIBLE, text):
        following = next((number for number in numbers if number.start >= end), None)
        if following is None or re.search(r"[a-z]{2}", text[end : following.start]):
            continue
        if len(following.digits) <= _LONGEST_LEGIBLE:
            spans.append((start, following.end))
    return spans
