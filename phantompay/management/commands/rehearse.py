"""`manage.py rehearse`: real calls through the whole running system, with simulated customers."""

import json
import os
import sys
from argparse import ArgumentParser
from itertools import cycle, islice
from typing import Any

import requests
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from phantompay.rehearsing.run import EXPECTED, RehearsalError, Result, rehearse
from phantompay.rehearsing.where import find

ROW = "{:<14} {:<38} {:<12} {:<30} {:>7}  {}"
STARTED_HERE = "PHANTOMPAY_REHEARSE_STARTED"


class Command(BaseCommand):
    help = "Rings simulated customers through the running system, or through one started for the purpose."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--persona", nargs="+", choices=sorted(EXPECTED), help="who answers; all by default"
        )
        parser.add_argument("--calls", type=int, help="how many calls; one for each persona by default")
        parser.add_argument(
            "--at-once", type=int, default=3, help="how many at the same time; three by default"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")

    def handle(self, *args: Any, **options: Any) -> None:
        personas = options["persona"] or list(EXPECTED)
        personas = list(islice(cycle(personas), options["calls"] or len(personas)))
        where = find(settings.BASE_DIR)
        if where is None:
            _start_one()
        else:
            try:
                self._rehearse(rehearse(where, personas, at_once=options["at_once"]), as_json=options["json"])
            except (RehearsalError, requests.RequestException) as error:
                raise CommandError(str(error)) from error

    def _rehearse(self, results: Any, *, as_json: bool) -> None:
        done: list[Result] = []
        if not as_json:
            self.stdout.write(ROW.format("persona", "call", "status", "disposition", "seconds", ""))
        for result in results:
            done.append(result)
            if not as_json:
                verdict = "as expected" if result.as_expected else f"NOT as expected: {result.problem}"
                shown = (
                    result.persona,
                    result.call_id,
                    result.status,
                    result.disposition,
                    result.seconds,
                    verdict,
                )
                self.stdout.write(ROW.format(*shown))
        passed = sum(result.as_expected for result in done)
        summary = {
            "calls": [result.as_json() for result in done],
            "passed": passed,
            "failed": len(done) - passed,
        }
        self.stdout.write(
            json.dumps(summary, indent=1) if as_json else f"{passed} of {len(done)} as expected"
        )
        if passed < len(done):
            sys.exit(1)


def _start_one() -> None:
    """Become the starter, which runs this command again inside a system of its own and stops it afterwards."""
    if STARTED_HERE in os.environ:
        raise CommandError("The system does not answer, or its telephone network is not a pretended one.")
    arguments = [sys.executable, "-m", "stack", "rehearse", "--", *sys.argv[2:]]
    os.execve(sys.executable, arguments, {**os.environ, STARTED_HERE: "1"})  # noqa: S606
