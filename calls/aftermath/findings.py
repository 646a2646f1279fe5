"""What rules find in a transcript: disclosures and when they were heard, and what was not as it has to be. Pure."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from calls.aftermath.words import (
    AGREEING,
    DEBT,
    FORBIDDEN,
    NOT,
    YES,
    breaks,
    says_amount,
    says_code,
    says_day,
)
from calls.house_talk_fields import LANGUAGES

RULES_VERSION = "2026.11.1"
# The recording's clock begins a little after the stream was opened, from which the moments of acts are counted.
CLOCKS_DIFFER_MS = 2000


@dataclass(frozen=True)
class Line:
    """One turn; times in milliseconds of the recording's clock."""

    speaker: str
    text: str
    start_ms: int
    end_ms: int
    interrupted: bool = False


@dataclass(frozen=True)
class Deal:
    """A promise or plan that stood at the end: any of `amounts` and the day have to be read back before `at_ms`."""

    amounts: tuple[Decimal, ...]
    day: date
    at_ms: int


@dataclass(frozen=True)
class Talked:
    """What is known of a call that was answered. Times in ms; `verified_ms` is None when nobody was verified."""

    lines: tuple[Line, ...]
    business: str
    callback_number: str
    verified_ms: int | None
    invoice_numbers: tuple[str, ...]
    balances: tuple[Decimal, ...]
    deal: Deal | None


@dataclass(frozen=True)
class Findings:
    """As CallReview stores them."""

    disclosures: list[dict[str, Any]]
    checks: list[dict[str, Any]]

    @property
    def failed(self) -> list[str]:
        missing = [each["name"] for each in self.disclosures if not each["said"]]
        return missing + [each["name"] for each in self.checks if each["passed"] is False]


def find(talk: Talked) -> Findings:
    """Everything the rules have to say; nothing where the agent never spoke."""
    agent = [line for line in talk.lines if line.speaker == "agent"]
    if not agent:
        return Findings([], [])
    return Findings(_disclosures(talk, agent), [_before(talk, agent), _read_back(talk), *_forbidden(agent)])


def _disclosures(talk: Talked, agent: Sequence[Line]) -> list[dict[str, Any]]:
    due: dict[str, Callable[[str], bool]] = {
        "ai": lambda text: any(language.machine.search(text) for language in LANGUAGES.values()),
        "business": lambda text: talk.business.casefold() in text.casefold(),
        "recorded": lambda text: any(language.recorded.search(text) for language in LANGUAGES.values()),
    }
    if talk.verified_ms is not None and talk.callback_number:
        digits = re.sub(r"\D", "", talk.callback_number)[-7:]
        due["callback_number"] = lambda text: digits in re.sub(r"\D", "", text)
    # What was cut off was not heard.
    whole = [line for line in agent if not line.interrupted]
    found = {name: _first(whole, said) for name, said in due.items()}
    return [{"name": name, "said": at is not None, "at_ms": at} for name, at in found.items()]


def _first(lines: Iterable[Line], said: Callable[[str], bool]) -> int | None:
    return next((line.start_ms for line in lines if said(line.text)), None)


def _check(name: str, passed: bool | None, at_ms: int | None = None) -> dict[str, Any]:
    return {"name": name, "passed": passed, "at_ms": at_ms}


def _before(talk: Talked, agent: Sequence[Line]) -> dict[str, Any]:
    """The debt was not spoken of to somebody who had not been verified."""
    until = None if talk.verified_ms is None else talk.verified_ms - CLOCKS_DIFFER_MS
    early = [line for line in agent if until is None or line.start_ms < until]
    at = _first(early, lambda text: _tells(talk, text))
    return _check("debt_after_verification", at is None, at)


def _tells(talk: Talked, text: str) -> bool:
    return (
        DEBT.search(text) is not None
        or any(says_amount(text, balance) for balance in talk.balances)
        or any(says_code(text, number) for number in talk.invoice_numbers)
    )


def _read_back(talk: Talked) -> dict[str, Any]:
    """What stands was read back whole, and answered with a yes, before it was recorded."""
    deal, name = talk.deal, "promise_read_back"
    if deal is None:
        return _check(name, None)
    for line in reversed(talk.lines):
        spoken_in_time = line.speaker == "agent" and line.end_ms <= deal.at_ms + CLOCKS_DIFFER_MS
        if spoken_in_time and not line.interrupted and _reads(deal, line.text):
            return _check(name, _confirmed(talk, line, deal), line.start_ms)
    return _check(name, False)


def _reads(deal: Deal, text: str) -> bool:
    return says_day(text, deal.day.day) and any(says_amount(text, amount) for amount in deal.amounts)


def _confirmed(talk: Talked, read: Line, deal: Deal) -> bool:
    answers = [
        line
        for line in talk.lines
        if line.speaker == "caller"
        and read.end_ms <= line.end_ms
        and line.start_ms <= deal.at_ms + CLOCKS_DIFFER_MS
    ]
    return any(_agrees(line.text) for line in answers)


def _agrees(text: str) -> bool:
    """“Yes, no problem” does, and “no, that is not right” does not."""
    rest = AGREEING.sub("", text)
    return bool(AGREEING.search(text) or YES.search(rest)) and not NOT.search(rest)


def _forbidden(agent: Sequence[Line]) -> list[dict[str, Any]]:
    found = {
        name: next((line.start_ms for line in agent if breaks(name, line.text)), None) for name in FORBIDDEN
    }
    return [_check(name, at is None, at) for name, at in found.items()]
