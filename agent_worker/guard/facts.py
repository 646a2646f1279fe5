"""What the guard is told, and what it answers."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Phase(StrEnum):
    BEFORE_VERIFICATION = "before_verification"
    VERIFIED = "verified"


@dataclass(frozen=True)
class GuardFacts:
    """What a sentence is held against. Before verification everything about the debt stays empty: nothing is needed.

    `amounts`: balances and totals that are true. `allowed_amounts`: what else may be named once verified (agreed
    instalments, what the customer has offered). `allowed_dates`: days that may be named once verified, beside
    `due_dates`; None lets any date pass. `exact_lines`: fixed lines, exempt where they stand as they are.
    `known_numbers`: numbers of the business that may always be spoken, such as the callback number.
    `descriptions`: words of the invoice's lines, which would tell a stranger what was bought.
    """

    business_name: str = ""
    customer_name: str = ""
    agent_name: str = ""
    amounts: frozenset[Decimal] = frozenset()
    allowed_amounts: frozenset[Decimal] = frozenset()
    currency: str = ""
    invoice_numbers: tuple[str, ...] = ()
    due_dates: tuple[date, ...] = ()
    allowed_dates: frozenset[date] | None = frozenset()
    descriptions: tuple[str, ...] = ()
    exact_lines: tuple[str, ...] = ()
    known_numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that the text breaks, from `start` to `end` of it."""

    rule: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """`ok` when the text may be spoken."""

    findings: tuple[Finding, ...] = field(default=())

    @property
    def ok(self) -> bool:
        return not self.findings

    @property
    def rules(self) -> tuple[str, ...]:
        """The broken rules, each once, in the order of the text: what may be logged."""
        return tuple(dict.fromkeys(finding.rule for finding in self.findings))


def verdict_of(findings: Iterable[Finding]) -> Verdict:
    return Verdict(
        tuple(sorted(set(findings), key=lambda finding: (finding.start, finding.end, finding.rule)))
    )
