"""Do the rules and the oracle agree? `python -m tests.policy.agree --count 100000` asks about random facts."""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
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


@dataclass(frozen=True)
class Question:
    """Random facts, the house rules that somebody sets aside (mostly none), and the oracle on them."""

    facts: Snapshot
    aside: frozenset[str]
    oracle: Oracle
    objections: frozenset[str]


def questions(count: int, seed: int = SEED) -> Iterator[Question]:
    random = Random(seed)
    for _ in range(count):
        facts = cases.make(random)
        aside = frozenset(random.sample(sorted(OVERRIDABLE), 3) if random.random() < 0.15 else [])
        oracle = Oracle(facts, aside)
        objections = oracle.objections(datetime.fromisoformat(facts["now"]))
        yield Question(Snapshot.from_json(facts), aside, oracle, objections)


def decisions(asked: Iterable[Question], *, to_the_end: bool = True) -> Tally:
    """Compare who allows, and which rules forbid, at one instant each; else only until the first difference."""
    tally = Tally()
    for each in asked:
        decision = decide(each.facts, each.aside)
        found = frozenset(reason.rule for reason in decision.forbidding)
        tally.count += 1
        tally.allowed += decision.allowed
        tally.objections.update(each.objections)
        tally.alone.update(each.objections if len(each.objections) == 1 else ())
        if found != each.objections:
            rules, oracle = sorted(found - each.objections), sorted(each.objections - found)
            tally.differences.append(f"rules {rules} oracle {oracle}: {each.facts.as_json()}")
            if not to_the_end:
                break
    return tally


def openings(asked: Iterable[Question], count: int, *, to_the_end: bool = True) -> Tally:
    """Compare when the call is first allowed; only facts of which time alone may change the answer."""
    tally = Tally()
    for each in asked:
        if not each.objections or not each.objections <= TIMED:
            continue
        expected = each.oracle.next_allowed()
        found = decide(each.facts, each.aside).next_allowed_at
        tally.count += 1
        tally.opened += expected is not None
        if found != expected:
            tally.differences.append(f"rules {found} oracle {expected} {each.aside}: {each.facts.as_json()}")
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
    decided = decisions(questions(arguments.count, arguments.seed))
    opened = openings(questions(40 * arguments.openings, arguments.seed), arguments.openings)
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
