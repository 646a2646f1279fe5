"""How imports grow: `make bench-imports` (python -m bench.imports [--rows 5000 50000] [--kind customers]).

Each size is checked, run and run again in a process and on a PostgreSQL database of its own. Prints seconds and the
peak of resident memory; fails where the larger file needs more than 1.5 times the memory of the smaller,
or where a second run of the same file changes anything.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.import_files import csv_write, xlsx_write
from bench.memory import peak_kb

MOST_GROWTH = 1.5
KINDS = ("customers", "invoices", "payments")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs=2, default=[5_000, 50_000])
    parser.add_argument("--kind", choices=KINDS, default="customers")
    parser.add_argument("--format", choices=("csv", "xlsx"), default="csv")
    options = parser.parse_args()
    results = []
    for count in options.rows:
        result = measured(options.kind, options.format, count)
        results.append(result)
        print(
            f"{count:>7,} {options.kind} ({options.format}): check {result['check']:.1f} s, run {result['run']:.1f} s, "
            f"again {result['again']:.1f} s, peak {result['peak_kb'] / 1024:.0f} MB, {result['made']}",
            flush=True,
        )
    growth = results[1]["peak_kb"] / results[0]["peak_kb"]
    print(f"memory grows {growth:.2f} times, at most {MOST_GROWTH}")
    return 0 if growth <= MOST_GROWTH and all(result["same"] for result in results) else 1


def measured(kind: str, file_format: str, count: int) -> dict[str, float]:
    """One size, in a process that does nothing else."""
    from bench.ledger import server

    with server() as url:
        environment = os.environ | {
            "DATABASE_URL": url,
            "ENV_FILE": os.devnull,
            "DJANGO_SETTINGS_MODULE": "phantompay.settings",
        }
        command = [sys.executable, "-m", "bench.imports_one", kind, file_format, str(count)]
        done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


def one(kind: str, file_format: str, count: int) -> dict[str, object]:
    """Check, run, and run again, in this process; what the file needs is brought in before, unmeasured."""
    from django.conf import settings
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    with tempfile.TemporaryDirectory(prefix="phantompay-bench-") as folder:
        settings.MEDIA_ROOT = folder
        write = csv_write if file_format == "csv" else xlsx_write
        needed = KINDS[: KINDS.index(kind) + 1]
        paths = [(each, write(Path(folder) / f"{each}.{file_format}", each, count)) for each in needed]
        *before, (_, path) = paths
        for name, other in before:
            import_file(name, other)
        first = import_file(kind, path)
        second = import_file(kind, path)
    made = second["made"]
    same = isinstance(made, dict) and made["unchanged"] == count
    return {**first, "again": second["run"], "peak_kb": peak_kb(), "same": same}


def import_file(kind: str, path: Path) -> dict[str, object]:
    """Bring in one file as a worker would, and say how long that took."""
    from unittest.mock import patch

    from django.core.files import File

    from invoices.files.runs import import_start, import_upload
    from invoices.files.work import import_work

    # No broker: what would be queued is done here.
    with patch("invoices.files.runs.queue"), path.open("rb") as file:
        upload = File(file, name=path.name)
        run = import_upload(
            kind=kind, file=upload, decimal_mark="auto", day_order="iso", corrects=False, actor=None
        )
        began = time.perf_counter()
        import_work(run_id=run.pk)
        checked = time.perf_counter()
        run.refresh_from_db()
        import_start(run=run, actor=None)
        import_work(run_id=run.pk)
    run.refresh_from_db()
    return {
        "check": checked - began,
        "run": time.perf_counter() - checked,
        "made": run.made,
        "status": run.status,
    }


if __name__ == "__main__":
    sys.exit(main())
