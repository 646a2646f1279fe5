"""`python -m tests.guards [NAME ...]`: take out each guard, and see that a test fails then. Exit 1 if one does not."""

import argparse
import os
import sys
from textwrap import indent

from tests.guards.registry import guards
from tests.guards.taking import take_out_each, with_all


def main() -> int:
    every = guards()
    parser = argparse.ArgumentParser(prog="tests.guards", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="these guards only")
    parser.add_argument("--why", action="store_true", help="say what the test that noticed complains about")
    options = parser.parse_args()
    if unknown := set(options.names) - set(every):
        parser.error(f"no such guard: {', '.join(sorted(unknown))}")
    chosen = [every[name] for name in options.names or every]
    _say("with every guard in place ...")
    if complaint := with_all(test for guard in chosen for test in guard.tests):
        _say(complaint)
        return 1
    missed = 0
    for found in take_out_each(chosen, at_once=os.cpu_count() or 1):
        missed += not found.noticed
        by = found.by.rpartition("/")[2]
        _say(f"{found.guard.name}: {f'noticed by {by}' if found.noticed else 'NOT NOTICED'}")
        if found.why and (options.why or not found.noticed):
            _say(indent(found.why, "    "))
    _say(f"{len(chosen)} guards, {len(chosen) - missed} noticed")
    return 1 if missed else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
