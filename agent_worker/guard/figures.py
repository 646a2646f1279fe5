"""Numbers, amounts and dates: none before verification, only true or agreed ones after it."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise

from agent_worker.guard.facts import GuardFacts
from agent_worker.spoken.dates import DateMention, times
from agent_worker.spoken.numbers import Quantity, quantities
from agent_worker.spoken.phrases import plain

Found = tuple[str, int, int]

# What a number may count before anybody is verified.
_SHORT_WHILE = re.compile(
    r"[\s-]*(?:more |short |quick |other )?(?:minutes?|seconds?|moments?|hours?|o clock|oclock|a ?m\b|p ?m\b|a\.m|p\.m|"
    r"things?|questions?|details?|digits|words|more tries|minutos?|segundos?|minuten?|sekunden?|uhr|secondes?|heures?|"
    r"horas?|stunden?)"
)
# And what else once the customer is.
_COUNTED = re.compile(
    r"[\s-]*(?:(?:more|equal|monthly|weekly|smaller|small|open|other|different|separate|business|working) )*"
    r"(?:days?|weeks?|months?|years?|payments?|instal?lments?|parts?|invoices?|times?|things?|options?|ways?|"
    r"questions?|people|of them|dias?|semanas?|mes(?:es)?|pagos?|cuotas?|facturas?|tage?n?|wochen?|monate?n?|raten|"
    r"rechnungen|jours?|semaines?|mois|factures?|paiements?|versements?)\b"
)
_MOST_COUNTED = 60
_LARGEST = 10**15
_ACROSS = re.compile(r"\s*[.!?;:…]+\s*(?:(?:and|y|und|et|plus|with)\s+)?")


def before_verification(
    text: str, numbers: Sequence[Quantity], mentions: Sequence[DateMention], facts: GuardFacts
) -> Iterator[Found]:
    """Every number but a clock's and the business's own, and every date but a weekday."""
    clocks = times(text)
    for mention in mentions:
        yield "debt.date", mention.start, mention.end
    for number in numbers:
        if number.weak or _is_known(number, facts) or _is_clock(number, clocks):
            continue
        if not number.unit and _SHORT_WHILE.match(text, number.end) and max(number.readings) <= _MOST_COUNTED:
            continue
        yield "debt.number", number.start, number.end


def verified(
    text: str, numbers: Sequence[Quantity], mentions: Sequence[DateMention], facts: GuardFacts
) -> Iterator[Found]:
    """Amounts that are neither true nor allowed, bare numbers that nothing explains, dates that nobody named."""
    allowed = facts.amounts | facts.allowed_amounts | _counted_in(facts.descriptions)
    yield from _dates(mentions, facts)
    clocks, days = times(text), [(mention.start, mention.end) for mention in mentions]
    told = [number for number in numbers if not (_is_clock(number, clocks) or _inside(number, days))]
    for number in told:
        if not (number.weak or _explained(text, number, allowed) or _is_known(number, facts)):
            yield "amount", number.start, number.end
    for first, second in pairwise(told):
        if _ACROSS.fullmatch(text, first.end, second.start) and not _sums_allowed(first, second, allowed):
            yield "amount", first.start, second.end


@lru_cache(maxsize=256)
def _counted_in(descriptions: tuple[str, ...]) -> frozenset[Decimal]:
    """The numbers in the lines of an invoice: “twelve sacks”."""
    numbers = (number for line in descriptions for number in quantities(plain(line)))
    return frozenset(reading for number in numbers for reading in number.readings)


def _dates(mentions: Sequence[DateMention], facts: GuardFacts) -> Iterator[Found]:
    if facts.allowed_dates is None:
        return
    days = {*facts.due_dates, *facts.allowed_dates}
    for mention in mentions:
        fits = any(
            month in (0, day.month)
            and number in (0, day.day)
            and (not mention.years or day.year in mention.years)
            for month, number in mention.days
            for day in days
        )
        if not fits:
            yield "date", mention.start, mention.end


def _explained(text: str, number: Quantity, allowed: frozenset[Decimal]) -> bool:
    if number.readings & allowed:
        return True
    if number.unit or number.ordinal:
        return False
    counts = _COUNTED.match(text, number.end) or _SHORT_WHILE.match(text, number.end)
    return bool(counts) and max(number.readings, default=_MOST_COUNTED + 1) <= _MOST_COUNTED


def _sums_allowed(first: Quantity, second: Quantity, allowed: frozenset[Decimal]) -> bool:
    """“It is one hundred. And twenty dollars.”: what is heard as one amount has to be allowed as one."""
    if first.unit or first.ordinal:
        return True
    sums = {
        one + other
        for one in first.readings
        for other in second.readings
        if one == int(one) and 0 < other < one < _LARGEST and one % 10 ** len(str(int(other))) == 0
    }
    return not sums or bool(sums & allowed)


def _is_known(number: Quantity, facts: GuardFacts) -> bool:
    """A number of the business, with or without its country code."""
    if len(number.digits) < 5:
        return False
    return any(re.sub(r"\D", "", known).endswith(number.digits.lstrip("0")) for known in facts.known_numbers)


def _is_clock(number: Quantity, clocks: Sequence[tuple[int, int]]) -> bool:
    """All of it: “half past eight” is a time, “half past eight thousand” is none."""
    return any(start <= number.start and number.number_end <= end for start, end in clocks)


def _inside(number: Quantity, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start < number.end and number.start < end for start, end in spans)
