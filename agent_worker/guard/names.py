"""Which stretches of a text are nobody's business: fixed lines, and the names of those who speak and are spoken to."""

import re
from collections.abc import Iterator
from functools import lru_cache

from agent_worker.guard.facts import GuardFacts

_LEGAL_FORM = re.compile(
    r"[\s,]+(?:limited|ltd|llc|l\.l\.c|inc|incorporated|corp|corporation|plc|llp|co|company|gmbh|ag|kg|ug|e\.?k|"
    r"s\.?a|s\.?l|s\.?r\.?l|sarl|sas|pty|pty ltd|pty limited)\.?$",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
# “Bill” is a name, “your bill” is not.
_COMMON = "".join(
    rf"(?<!\b[{word[0].upper()}{word[0]}]{word[1:]} )"
    for word in (
        "your",
        "the",
        "a",
        "an",
        "this",
        "that",
        "our",
        "my",
        "one",
        "no",
        "per",
        "last",
        "every",
        "in",
        "by",
    )
)


def exempt_spans(text: str, facts: GuardFacts) -> list[tuple[int, int]]:
    """(start, end) of what is exempt in `text`, in order and apart."""
    pattern = _pattern(facts.exact_lines, facts.business_name, facts.customer_name, facts.agent_name)
    return [match.span() for match in pattern.finditer(text)] if pattern is not None else []


@lru_cache(maxsize=256)
def _pattern(lines: tuple[str, ...], business: str, customer: str, agent: str) -> re.Pattern[str] | None:
    sources = [
        *(_line(line) for line in sorted(_with_sentences(lines), key=len, reverse=True)),
        *(_whole(name) for name in _business_names(business)),
        *(_whole(name) for name in (customer, agent) if name.strip()),
        *_single_names(customer),
    ]
    return re.compile("|".join(sources)) if sources else None


def _with_sentences(lines: tuple[str, ...]) -> set[str]:
    """The lines, and their sentences one by one, as they pass in a stream."""
    return {part for line in lines for part in (line.strip(), *_SENTENCE.split(line.strip())) if part}


def _line(line: str) -> str:
    """The line as it stands, between the text's ends or white space."""
    return rf"(?<!\S){_spaced(line)}(?!\S)"


def _whole(name: str) -> str:
    plain = len(name.split()) > 1
    return rf"{'' if plain else _COMMON}(?<!\w){_spaced(name)}(?!\w)"


def _spaced(text: str) -> str:
    return r"\s+".join(re.escape(word) for word in text.split())


def _business_names(business: str) -> Iterator[str]:
    """The registered name, and as people say it, without its legal form."""
    if business.strip():
        yield business
        short = _LEGAL_FORM.sub("", business.strip())
        if short != business.strip() and short:
            yield short


def _single_names(customer: str) -> Iterator[str]:
    for word in customer.split():
        if len(word) > 1 and word[0].isupper():
            yield rf"{_COMMON}(?<!\w){re.escape(word)}(?!\w)"
