"""What a rule is: a function of the facts with an id, a citation and what may set it aside."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from calls.policy.snapshot import Snapshot

HOUSE = "house rule"


@dataclass(frozen=True)
class Reason:
    """Why a rule forbids the call. `lifts_at` is when this rule alone would allow it, None if no time will."""

    rule: str
    citation: str
    text: str
    lifts_at: datetime | None = None


class Because(NamedTuple):
    """An answer whose citation depends on the place."""

    text: str
    citation: str


Answer = str | Because | None


@dataclass(frozen=True)
class Rule:
    """Called with the facts, a rule answers None or the Reason.

    `timed`: the passing of time alone may change the answer. `overridable`: somebody with permission may set it aside.
    """

    id: str
    citation: str
    check: Callable[[Snapshot], Answer]
    timed: bool = False
    overridable: bool = False

    def __call__(self, facts: Snapshot) -> Reason | None:
        answer = self.check(facts)
        if answer is None:
            return None
        if isinstance(answer, Because):
            return Reason(self.id, answer.citation, answer.text)
        return Reason(self.id, self.citation, answer)


def rule(citation: str, *, timed: bool = False, overridable: bool = False) -> Callable[[Callable], Rule]:
    """Makes a rule of a function that answers None or a sentence; its id is the function's name."""

    def make(check: Callable[[Snapshot], Answer]) -> Rule:
        return Rule(check.__name__, citation, check, timed, overridable)

    return make
