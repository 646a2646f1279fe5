"""All rules together: the strictest wins, and what can't be decided is forbidden."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from calls.policy import calendar
from calls.policy.openings import first_allowed
from calls.policy.places import whereabouts
from calls.policy.rule import Reason
from calls.policy.rules import RULES
from calls.policy.snapshot import Snapshot

POLICY_VERSION = "2026.11.2"

OVERRIDABLE: frozenset[str] = frozenset(rule.id for rule in RULES if rule.overridable)


@dataclass(frozen=True)
class Decision:
    """The answer for `facts` without the rules in `aside`; `overridden` are the reasons these would have given."""

    facts: Snapshot
    forbidding: tuple[Reason, ...]
    aside: frozenset[str] = frozenset()
    overridden: tuple[Reason, ...] = ()

    @property
    def allowed(self) -> bool:
        return not self.forbidding

    @cached_property
    def reasons(self) -> tuple[Reason, ...]:
        """Every reason, each with the instant at which its rule alone would allow the call."""
        return _with_lifts(self.facts, self.forbidding)

    @cached_property
    def next_allowed_at(self) -> datetime | None:
        """The first instant at which all rules together allow the call; a moment before it they do not.

        None when the call is allowed now, when some reason is no matter of time, and when nothing opens for 40 days.
        """
        if self.allowed:
            return None
        return first_allowed(self.facts, [rule for rule in RULES if rule.id not in self.aside])

    @property
    def lasting(self) -> tuple[Reason, ...]:
        """The reasons that are no matter of time."""
        timed = {rule.id for rule in RULES if rule.timed}
        return tuple(reason for reason in self.forbidding if reason.rule not in timed)

    @cached_property
    def considered(self) -> dict[str, Any]:
        """JSON: the zones and places that the decision looked at, and what time it was there."""
        where = whereabouts(self.facts)
        return {
            "zones": [zone.key for zone in where.zones],
            "local_times": [calendar.local(self.facts.now, zone).isoformat() for zone in where.zones],
            "places": [pack.code for pack in where.packs],
            "unknown_places": list(where.unknown),
        }


def decide(facts: Snapshot, overridden: frozenset[str] = frozenset()) -> Decision:
    """Ask every rule and keep every reason, so that staff see all of them at once.

    `overridden` are ids of house rules to set aside; raises ValueError for a rule that can't be.
    """
    if not overridden <= OVERRIDABLE:
        raise ValueError(f"not to be overridden: {', '.join(sorted(overridden - OVERRIDABLE))}")
    reasons = [reason for rule in RULES if (reason := rule(facts)) is not None]
    return Decision(
        facts,
        tuple(reason for reason in reasons if reason.rule not in overridden),
        overridden,
        _with_lifts(facts, [reason for reason in reasons if reason.rule in overridden]),
    )


def first_open(facts: Snapshot, instants: Iterable[datetime]) -> datetime | None:
    """The first of `instants` at which no rule about time would forbid the call; None if there is none among them."""
    timed = [rule for rule in RULES if rule.timed]
    return next((at for at in instants if not any(rule(facts.at(at)) for rule in timed)), None)


def _with_lifts(facts: Snapshot, reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    rules = {rule.id: rule for rule in RULES}
    return tuple(replace(reason, lifts_at=first_allowed(facts, [rules[reason.rule]])) for reason in reasons)
