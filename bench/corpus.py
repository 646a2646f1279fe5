"""Sentences by rule from the phrase files, with a fixed seed: what the recogniser's bench and tests listen to.

Slots are filled from the whole of what `rehearsal.models.spoken` can say, so no sentence is picked by hand.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from rehearsal.models import phrases, spoken
from rehearsal.models.phrases import Phrase

WHOLE_AMOUNTS = 0.4
"""The share of amounts without cents."""


@dataclass(frozen=True)
class Utterance:
    """What is given to a voice, and the words it stands for."""

    text: str
    words: list[str]


def sentences(grammar: str, count: int, seed: int) -> list[Utterance]:
    """*count* utterances of one phrase, or now and then two."""
    rng = random.Random(seed)
    known = phrases.load(grammar)
    return [_utterance(rng.choices(known, k=rng.choice((1, 1, 2))), rng) for _ in range(count)]


def with_slots(grammar: str, slots: frozenset[str], count: int, seed: int) -> list[Utterance]:
    """*count* utterances of one phrase that carries one of *slots*."""
    rng = random.Random(seed)
    known = [phrase for phrase in phrases.load(grammar) if slots & set(phrase.tokens)]
    return [_utterance([rng.choice(known)], rng) for _ in range(count)]


def _utterance(chosen: list[Phrase], rng: random.Random) -> Utterance:
    spoken_words = [filled(phrase.tokens, rng) for phrase in chosen]
    texts = [
        " ".join(words) + ("?" if phrase.question else ".")
        for phrase, words in zip(chosen, spoken_words, strict=True)
    ]
    return Utterance(" ".join(texts).capitalize(), [word for words in spoken_words for word in words])


def filled(tokens: tuple[str, ...], rng: random.Random) -> list[str]:
    """The words of a phrase, each slot filled at random."""
    return [word for token in tokens for word in (FILL[token](rng) if token[0] == "<" else token).split()]


def _amount(rng: random.Random) -> str:
    cents = rng.randint(100, rng.choice((9_999, 99_999, 999_999)))
    value = Decimal(cents // 100) if rng.random() < WHOLE_AMOUNTS else Decimal(cents) / 100
    return spoken.amount(value, rng.choice(("USD", "USD", "GBP")))


def _month_day(rng: random.Random) -> str:
    style = rng.choice(("december fourth", "december the fourth", "the fourth of december"))
    return spoken.month_day(rng.randint(1, 12), rng.randint(1, 28), style=style)


def _date(rng: random.Random) -> str:
    weekday = rng.choice(spoken.WEEKDAYS)
    return rng.choice((_month_day(rng), _month_day(rng), f"{weekday} {_month_day(rng)}", weekday))


def _relative(rng: random.Random) -> str:
    return rng.choice(
        ("today", "tomorrow", "next week", f"next {rng.choice(spoken.WEEKDAYS)}", f"in {_count(rng)} days")
    )


def _count(rng: random.Random) -> str:
    return spoken.cardinal(rng.randint(2, 60))


def _name(rng: random.Random) -> str:
    return f"{rng.choice(phrases.words('first'))} {rng.choice(phrases.words('last'))}"


FILL: dict[str, Callable[[random.Random], str]] = {
    "<amount>": _amount,
    "<month_day>": _month_day,
    "<date>": _date,
    "<relative_date>": _relative,
    "<weekday>": lambda rng: rng.choice(spoken.WEEKDAYS),
    "<number>": _count,
    "<first>": lambda rng: rng.choice(phrases.words("first")),
    "<last>": lambda rng: rng.choice(phrases.words("last")),
    "<name>": _name,
    "<business>": lambda rng: rng.choice(phrases.words("business")),
    "<digits>": lambda rng: spoken.digits(str(rng.randint(10_000, 99_999))),
    "<code>": lambda rng: "i n v " + spoken.digits(str(rng.randint(1_000, 9_999))),
}
