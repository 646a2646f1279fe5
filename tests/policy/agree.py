"""Do the rules and the oracle agree? `python -m tests.policy.agree --count 100000` asks about random facts."""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from calls.policy import OVERRIDABLE, Snapshot, decide
from calls.policy.rules import RULES
from tests.policy import cases
from tests.policy.oracle import Oracle

SEED = 20261124
TIMED = {rule.id for rule in RULES if rule.timed}


@dataclass
class Tally:
    """What was compared; `differences` are sentences with the facts in them."""

    count: int = 0
    allowed: int = 0
    opened: int = 0
    objections: Counter = field(default_factory=Counter)
    alone: Counter = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)


def facts_of(seed: int, count: int) -> Iterator[tuple[cases.Facts, frozenset[str]]]:
    """`count` random facts, each with the house rules that somebody sets aside (mostly none)."""
    random = Random(seed)
    for _ in range(count):
        facts = cases.make(random)
        aside = random.sample(sorted(OVERRIDABLE), 3) if random.random() < 0.15 else []
        yield facts, frozenset(aside)


def decisions(count: int, seed: int = SEED, *, to_the_end: bool = True) -> Tally:
    """Compare who allows, and which rules forbid, at one instant each; else only until the first difference."""
    tally = Tally()
    for facts, aside in facts_of(seed, count):
        expected = Oracle(facts, aside).objections(datetime.fromisoformat(facts["now"]))
        decision = decide(Snapshot.from_json(facts), aside)
        found = frozenset(reason.rule for reason in decision.forbidding)
        tally.count += 1
        tally.allowed += decision.allowed
        tally.objections.update(expected)
        if len(expected) == 1:
            tally.alone.update(expected)
        if found != expected or decision.allowed is bool(expected):
            tally.differences.append(
                f"rules {sorted(found - expected)} oracle {sorted(expected - found)}: {facts}"
            )
    return tally


def openings(count: int, seed: int = SEED, *, to_the_end: bool = True) -> Tally:
    """Compare when the call is first allowed; only facts of which time alone may change the answer."""
    tally = Tally()
    for facts, aside in facts_of(seed, 40 * count):
        decision = decide(Snapshot.from_json(facts), aside)
        if decision.allowed or not {reason.rule for reason in decision.forbidding} <= TIMED:
            continue
        expected = Oracle(facts, aside).next_allowed()
        tally.count += 1
        tally.opened += expected is not None
        if decision.next_allowed_at != expected:
            tally.differences.append(
                f"rules {decision.next_allowed_at} oracle {expected} aside {aside}: {facts}"
            )
        if tally.count == count or (tally.differences and not to_the_end):
            break
    return tally


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2000, help="decisions at one instant")
    parser.add_argument("--openings", type=int, default=300, help="searches for the first allowed instant")
    parser.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args()
    begun = time.monotonic()
    decided = decisions(arguments.count, arguments.seed)
    opened = openings(arguments.openings, arguments.seed)
    write = sys.stdout.write
    write(f"{decided.count} decisions, {decided.allowed} allowed, {len(decided.differences)} differences\n")
    write(f"{opened.count} searches, {opened.opened} open, {len(opened.differences)} differences\n")
    write(f"{time.monotonic() - begun:.0f} s; objections: {dict(decided.objections.most_common())}\n")
    write(f"alone: {dict(decided.alone.most_common())}\n")
    for difference in [*decided.differences, *opened.differences][:5]:
        write(f"{difference}\n")
    return 1 if decided.differences or opened.differences else 0


if __name__ == "__main__":
    sys.exit(main())
