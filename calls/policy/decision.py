"""All rules together: the strictest wins, and what can't be decided is forbidden."""

from dataclasses import dataclass
from datetime import datetime

from calls.policy.rules import RULES, Reason
from calls.policy.snapshot import Snapshot

POLICY_VERSION = "2026.11"


@dataclass(frozen=True)
class Decision:
    """The answer for `facts`. `next_allowed_at` is set when only the time of day stands in the way."""

    facts: Snapshot
    reasons: tuple[Reason, ...]

    @property
    def allowed(self) -> bool:
        return not self.reasons

    @property
    def next_allowed_at(self) -> datetime | None:
        lifts = [reason.lifts_at for reason in self.reasons]
        if not lifts or None in lifts:
            return None
        return max(at for at in lifts if at is not None)


def decide(facts: Snapshot) -> Decision:
    """Ask every rule and keep every reason, so that staff see all of them at once."""
    return Decision(facts, tuple(reason for rule in RULES if (reason := rule(facts)) is not None))
