"""How the ledger's pages, searches and postings grow: `make bench-ledger` (python -m bench.ledger [--sizes N N]).

On a PostgreSQL of its own it makes a small and a ten times larger ledger with about as many open invoices and calls,
and measures the same acts at both sizes. Fails where an act reads a whole table of invoices or allocations, takes more
than twice as long at the larger size, or a posting sends more statements than it may. Plans are in bench/results/.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from stack import postgres
from stack.interrupts import Interrupts
from stack.keeper import Keeper
from stack.ports import Ports
from stack.records import SCRATCH
from stack.report import Report

if TYPE_CHECKING:
    from bench.ledger_acts import Act, Cost

RESULTS = Path(__file__).parent / "results"
OPEN = 4000
# Those who pay at each size; as many new ones take their place in the count of what is open.
PAYERS, PER_CUSTOMER = 60, 10
GROWTH = 2.0
# All acts in turn, as often; the best round counts, so that what else the machine does for a while does not.
ROUNDS = 3
# What two runs of the same differ by.
NOISE_MS = 1.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs=2, default=[20_000, 200_000], metavar="INVOICES")
    parser.add_argument(
        "--repeat", type=int, default=7, help="runs of each act in a round, of which the median counts"
    )
    options = parser.parse_args()
    most = PAYERS // 2 // ROUNDS - 2
    if options.repeat > most:
        parser.error(f"--repeat is at most {most}: every posting needs a customer who owes")
    with server() as url:
        os.environ |= {
            "DATABASE_URL": url,
            "ENV_FILE": os.devnull,
            "DJANGO_SETTINGS_MODULE": "phantompay.settings",
        }
        import django

        django.setup()
        return compared(options.sizes, options.repeat)


@contextmanager
def server() -> Iterator[str]:
    """URL of a new database on the server that TEST_DATABASE_URL names, or on one that lives as long."""
    interrupts, ports = Interrupts(), Ports()
    run_dir = Path(tempfile.mkdtemp(prefix=f"{SCRATCH}bench-"))
    with interrupts.installed(), Keeper(run_dir, Report(), interrupts) as keeper:
        keeper.own_folder(run_dir)
        try:
            with postgres.database(postgres.ensure(keeper, ports), Path(sys.executable)) as url:
                yield url
        finally:
            ports.release()


def compared(sizes: list[int], repeat: int) -> int:
    """Measure at both sizes and print a table; 0 when every act is within its bounds."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    small, large = sizes
    before = at_size(0, small, OPEN, repeat)
    # The payers of the first part have paid; those of the second owe in their place.
    after = at_size(small, large - small, PAYERS * PER_CUSTOMER, repeat)
    print(f"{'':40}{'statements':>11}{'database ms':>20}{'growth':>8}{'whole ms':>18}")
    failures = []
    for (act, was), (_, now) in zip(before, after, strict=True):
        print(
            f"{act.name:40}{now.inside:11}{was.database_ms:11.2f}{now.database_ms:9.2f}"
            f"{now.database_ms / was.database_ms:8.2f}{was.whole_ms:10.1f}{now.whole_ms:8.1f}"
        )
        failures += [f"{act.name}: {what}" for what in beyond(act, was, now)]
    for failure in failures:
        print(f"FAILED {failure}")
    print(f"{len(before)} acts at {small:,} and {large:,} invoices, {OPEN:,} of them open; plans: {RESULTS}")
    return 1 if failures else 0


def at_size(first: int, count: int, open_count: int, repeat: int) -> list[tuple["Act", "Cost"]]:
    """Add invoices and measure every act; its plans go into a file."""
    from django.db import connection
    from django.utils import timezone

    from bench import ledger_acts, ledger_rows

    print(f"making {count:,} invoices", file=sys.stderr)
    ledger_rows.ledger_add(
        first=first, count=count, open_count=open_count, payers=PAYERS, today=timezone.localdate()
    )
    own = range(first // PER_CUSTOMER, first // PER_CUSTOMER + PAYERS)
    if first == 0:
        # As many calls at both sizes: how lists of calls grow is not the ledger's question.
        ledger_rows.calls_add(ledger_rows.invoices_of(own))
    with connection.cursor() as cursor:
        # As autovacuum leaves it.
        cursor.execute("VACUUM ANALYZE")
    payers = ledger_rows.customers_of(own)
    acts = ledger_acts.acts(payers)
    rounds = [[ledger_acts.measured(act, repeat) for act in acts] for _ in range(ROUNDS)]
    best = [min(costs, key=lambda cost: cost.database_ms) for costs in zip(*rounds, strict=True)]
    costs = list(zip(acts, best, strict=True))
    RESULTS.mkdir(exist_ok=True)
    with (RESULTS / f"ledger-{first + count}.txt").open("w") as file:
        for act, cost in costs:
            file.write(f"== {act.name}\n" + "\n\n".join(cost.plans) + "\n\n")
    return costs


def beyond(act: "Act", was: "Cost", now: "Cost") -> Iterator[str]:
    """What an act does beyond its bounds."""
    for scan in sorted({*was.scans, *now.scans}):
        yield f"reads a whole table: {scan}"
    for what, small, large in (
        ("database", was.database_ms, now.database_ms),
        ("whole", was.whole_ms, now.whole_ms),
    ):
        if large > GROWTH * small + NOISE_MS:
            yield f"{what} {small:.2f} ms became {large:.2f} ms"
    if act.statements is not None and max(was.inside, now.inside) > act.statements:
        yield f"{max(was.inside, now.inside)} statements in its transaction, at most {act.statements}"


if __name__ == "__main__":
    sys.exit(main())
