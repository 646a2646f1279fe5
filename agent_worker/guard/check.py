"""The guard: may this text be spoken in this phase?"""

import re
import unicodedata
from collections.abc import Iterator

from agent_worker.guard import figures, tables
from agent_worker.guard.claims import claims
from agent_worker.guard.facts import Finding, GuardFacts, Phase, Verdict, verdict_of
from agent_worker.guard.names import exempt_spans
from agent_worker.listening.cards import card_digits
from agent_worker.spoken.dates import DateMention, dates
from agent_worker.spoken.folding import fold, unreadable
from agent_worker.spoken.numbers import Quantity, quantities
from agent_worker.spoken.phrases import expanded, found, plain, spaced
from agent_worker.spoken.rejoin import rejoined

Found = tuple[str, int, int]

_MONEY_PICTURE = re.compile(
    r"MONEY|BANKNOTE|DOLLAR|EURO|YEN|POUND|COIN|CURRENCY|CREDIT CARD|RECEIPT|KEYCAP|HUNDRED POINTS|POLICE|ATM"
)
_PERCENT = re.compile(r"(?:\d\s*)?%")
_WORD = re.compile(r"[a-z]{4,}")
_SQUEEZE = re.compile(r"[^a-z0-9]")
_SHORTEST_NUMBER = 3
_CARD_DIGITS = 13


def check(text: str, phase: Phase, facts: GuardFacts) -> Verdict:
    """The rules that `text` breaks, with positions in it. Pure, and safe for any string.

    Rules: `debt.word`, `debt.number`, `debt.date`, `debt.fact` (before verification only), `amount`, `date` (once
    verified), and in every phase `threat`, `urgency`, `human`, `authority`, `offer`, `fee`, `asking`, `card`,
    `script` (letters that no voice of ours can be meant to say) and `picture` (signs of money).
    """
    exempt = exempt_spans(text, facts)
    findings = [Finding(*sign) for sign in _signs(text, phase) if not _within(sign[1], exempt)]
    folded = rejoined(expanded(fold(text, exempt)), tables.VOCABULARY, tables.SPELLED)
    phrases = spaced(folded)
    findings += [
        Finding(rule, *phrases.span(start, end)) for rule, start, end in _phrases(phrases.text, phase)
    ]
    findings += [
        Finding(rule, *folded.span(start, end)) for rule, start, end in _figures(folded.text, phase, facts)
    ]
    return verdict_of(findings)


def _phrases(text: str, phase: Phase) -> Iterator[Found]:
    yield from claims(text)
    if phase is not Phase.VERIFIED:
        yield from _debt_words(text)


def _figures(text: str, phase: Phase, facts: GuardFacts) -> Iterator[Found]:
    for match in _PERCENT.finditer(text):
        yield "offer", *match.span()
    if phase is Phase.VERIFIED:
        numbers, mentions = _read(_without_numbers_of(text, facts.invoice_numbers))
        yield from figures.verified(text, numbers, mentions, facts)
    else:
        numbers, mentions = _read(text)
        yield from _debt_facts(text, facts)
        yield from figures.before_verification(text, numbers, mentions, facts)
    if sum(len(number.digits) for number in numbers) >= _CARD_DIGITS:
        for span in card_digits(text):
            yield "card", span.start, span.end


def _read(text: str) -> tuple[list[Quantity], list[DateMention]]:
    numbers = quantities(text)
    return numbers, dates(text, numbers)


def _debt_words(text: str) -> Iterator[Found]:
    harmless = list(found(tables.HARMLESS, text))
    for start, end in found(tables.DEBT_WORDS, text):
        if not any(begin <= start and end <= stop for begin, stop in harmless):
            yield "debt.word", start, end


def _debt_facts(text: str, facts: GuardFacts) -> Iterator[Found]:
    """What is known of this debt, where the caller of the guard knows it already: a second net."""
    for number in facts.invoice_numbers:
        for match in _spelled(number).finditer(text):
            yield "debt.fact", *match.span()
    named = set(_WORD.findall(plain(f"{facts.business_name} {facts.customer_name} {facts.agent_name}")))
    telling = {word for line in facts.descriptions for word in _WORD.findall(plain(line))}
    telling -= named | tables.UNTELLING
    for match in _WORD.finditer(text) if telling else ():
        if match[0] in telling or match[0].removesuffix("s") in telling:
            yield "debt.fact", *match.span()


def _spelled(number: str) -> re.Pattern[str]:
    """The number with anything between its characters; one too short to tell anything matches nothing."""
    letters = _SQUEEZE.sub("", plain(number))
    if len(letters) < _SHORTEST_NUMBER:
        return re.compile(r"(?!)")
    return re.compile(r"(?<![a-z0-9])" + r"[^a-z0-9]*".join(letters) + r"(?![a-z0-9])")


def _without_numbers_of(text: str, invoice_numbers: tuple[str, ...]) -> str:
    """The text with the invoices' own numbers blanked, so that their digits are not taken for amounts."""
    for number in invoice_numbers:
        text = _spelled(number).sub(lambda match: "#" * len(match[0]), text)
        if digits := re.sub(r"\D", "", number):
            text = re.sub(
                r"(\b(?:invoice|number|factura|rechnung|facture|numero|nummer)s? (?:number |is |numero )?)"
                rf"({r'[^a-z0-9]?'.join(digits)})(?![\d.,]*\d)",
                lambda match: match[1] + "#" * len(match[2]),
                text,
            )
    return text


def _signs(text: str, phase: Phase) -> Iterator[Found]:
    for index in unreadable(text):
        yield "script", index, index + 1
    for index, character in enumerate(text):
        if character.isascii() and character != "$":
            continue
        kind = unicodedata.category(character)
        if phase is Phase.BEFORE_VERIFICATION and kind == "Sc":
            yield "debt.word", index, index + 1
        elif kind in ("So", "Me") and _MONEY_PICTURE.search(unicodedata.name(character, "")):
            yield "picture", index, index + 1


def _within(index: int, spans: list[tuple[int, int]]) -> bool:
    return any(start <= index < end for start, end in spans)
