"""A worker's part of an import: claim it, take its rows batch by batch, leave it so that another can go on.

The rows of a batch, the position behind them and the counts are written in one transaction, which also makes sure that
the claim still stands. Whatever is killed, whenever: what is committed is known to be so, and the rest is as if it had
never been. The check does the same and rolls each batch back, so that it refuses exactly what a run would.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from itertools import islice
from typing import IO, Any
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.files.storage import default_storage
from django.db import OperationalError, reset_queries, transaction
from django.utils import timezone

from invoices.files.columns import MOST_REASON, Problem
from invoices.files.importer import OUTCOMES, Importer, Item, Outcome
from invoices.files.kinds import IMPORTERS, reads_of
from invoices.files.reading import FileRefused, Layout, rows_of
from invoices.files.runs import imports_waiting
from invoices.files.values import Rules
from invoices.models import ImportProblem, ImportRun

logger = logging.getLogger(__name__)
Status = ImportRun.Status
BATCH = 25
PREVIEWED = 8
# Tries of a batch that collides with somebody else's locks.
TRIES = 4


class Lost(Exception):
    """It was cancelled, or another worker has taken it over."""


@dataclass
class Batch:
    """What became of some items."""

    last: int
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(OUTCOMES, 0))
    problems: list[Problem] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)


def import_work(*, run_id: int) -> bool:
    """Check or run an import to its end, as its state says. Answers False where it is over or somebody is at it."""
    claim = import_claim(run_id=run_id)
    if claim is None:
        return False
    run = ImportRun.objects.select_related("created_by").get(pk=run_id)
    worker = Worker(run, claim)
    try:
        with closing(default_storage.open(run.stored_as, "rb")) as file:
            worker.run_through(file)
    except Lost:
        logger.info("import %s: cancelled or taken over", run_id)
    except FileRefused as error:
        worker.end(Status.STOPPED if run.has_run else Status.REFUSED, reason=str(error))
    except OperationalError:
        # The database is away: nothing can be written now. The sweep finds it again.
        logger.exception("import %s: the database failed", run_id)
        raise
    except Exception:
        logger.exception("import %s has stopped", run_id)
        worker.end(Status.STOPPED, reason="Something went wrong; the worker’s log says what.")
    return True


def import_claim(*, run_id: int) -> str | None:
    """A new claim on the import, unless it is over, somebody is at it, or another import is under way.

    One at a time: calls are placed by the same workers.
    """
    now = timezone.now()
    fresh = now - timedelta(seconds=settings.IMPORT_LOST_SECONDS)
    others = ImportRun.objects.filter(status__in=(Status.CHECKING, Status.RUNNING), heartbeat_at__gte=fresh)
    if others.exclude(pk=run_id).exists():
        return None
    claim = str(uuid4())
    taken = imports_waiting().filter(pk=run_id).order_by().update(claim=claim, heartbeat_at=now)
    return claim if taken else None


class Worker:
    """One pass through the file under one claim."""

    def __init__(self, run: ImportRun, claim: str) -> None:
        self.run, self.claim = run, claim
        self.writes = run.status == Status.RUNNING
        self.importer: Importer = IMPORTERS[run.kind](
            rules=Rules(run.decimal_mark, run.day_order),
            sha256=run.sha256,
            corrects=run.corrects,
            actor=run.created_by,
        )
        # Of a check: each key with the row that it was in, and what that row said.
        self.met: dict[int, int] = {}
        self.counts = {**dict.fromkeys(OUTCOMES, 0), **(run.made if self.writes else {})}
        self.preview: list[dict[str, Any]] = []

    def run_through(self, file: IO[bytes]) -> None:
        """Take every row that is not done yet. Raises Lost, FileRefused."""
        done = self.run.position if self.writes else 0
        if not self.writes:
            ImportProblem.objects.filter(run=self.run).delete()
            self._count_rows(file)
        reads = reads_of(file, Layout(**self.run.layout), self.importer.columns, self.importer.rules)
        reads = (read for read in reads if read.number > done)
        for items in _batches(self.importer.items(reads)):
            self._take(items)
            reset_queries()
        self.end(Status.DONE if self.writes else Status.READY)

    def _count_rows(self, file: IO[bytes]) -> None:
        """How far it is to the end, for the bar. Raises FileRefused for more rows than are taken."""
        last = 0
        count = -1
        most = settings.IMPORT_MOST_ROWS
        for row in rows_of(file, Layout(**self.run.layout)):
            # The first names the columns.
            count, last = count + 1, row.number
            if count > most:
                raise FileRefused(f"The file has more than {most:,} rows. Split it into several.")
            if count % 5000 == 0:
                self._update()
        if count < 1:
            raise FileRefused("The file has no rows below the first one.")
        self._update(rows_total=last - 1, position=0)

    def _take(self, items: Sequence[Item]) -> None:
        for tried in range(1, TRIES + 1):
            try:
                return self._take_once(items)
            except OperationalError:
                if tried == TRIES:
                    raise

    def _take_once(self, items: Sequence[Item]) -> None:
        with transaction.atomic():
            batch = self._post(items)
            if self.writes:
                self._save(batch)
            else:
                transaction.set_rollback(True)
        if not self.writes:
            self._preview(items, batch)
            with transaction.atomic():
                self._save(batch)
        self.counts = {name: self.counts[name] + batch.counts[name] for name in OUTCOMES}

    def _save(self, batch: Batch) -> None:
        """Position, counts and problems, where the claim still stands; else raises Lost."""
        counts = {name: self.counts[name] + batch.counts[name] for name in OUTCOMES}
        more: dict[str, Any] = {"made": counts} if self.writes else {"found": counts, "preview": self.preview}
        self._update(position=batch.last, **more)
        ImportProblem.objects.bulk_create(
            ImportProblem(run=self.run, of_run=self.writes, **asdict(problem)) for problem in batch.problems
        )

    def _update(self, **values: Any) -> None:
        mine = ImportRun.objects.filter(pk=self.run.pk, claim=self.claim, status=self.run.status)
        if not mine.update(heartbeat_at=timezone.now(), **values):
            raise Lost

    def _post(self, items: Sequence[Item]) -> Batch:
        batch = Batch(last=items[-1].last)
        self.importer.look([item for item in items if not item.problems])
        met: dict[int, int] = {}
        for item in items:
            problems = item.problems
            outcome: Outcome = "refused"
            if not problems:
                outcome, problems = self._post_one(item, met)
            batch.counts[outcome] += 1
            batch.outcomes.append(outcome)
            batch.problems += problems
        self.met |= met
        return batch

    def _post_one(self, item: Item, met: dict[int, int]) -> tuple[Outcome, list[Problem]]:
        row = item.reads[0].number
        try:
            if not self.writes and (known := self._met_before(item, met)):
                return known, []
            with transaction.atomic():
                return self.importer.post(item), []
        except ValidationError as error:
            return "refused", list(problems_of(row, error, self.importer.renamed))

    def _met_before(self, item: Item, met: dict[int, int]) -> Outcome | None:
        """A check rolls back what it did: what a row of an earlier batch would have made is remembered here."""
        column = self.importer.key
        key = hash(item.values[column])
        said = hash(str([read.values for read in item.reads]))
        before = self.met.get(key)
        met[key] = said
        if before is None:
            return None
        if before == said:
            return "unchanged"
        if self.importer.corrects and self.run.kind == ImportRun.Kind.CUSTOMERS:
            return "changed"
        raise ValidationError({column: "The file has it twice, with different values."})

    def _preview(self, items: Sequence[Item], batch: Batch) -> None:
        for item, outcome in zip(items, batch.outcomes, strict=True):
            for read in item.reads:
                if len(self.preview) < PREVIEWED:
                    values = {name: shown(value) for name, value in read.values.items()}
                    self.preview.append({"row": read.number, "outcome": outcome, "values": values})

    def end(self, status: str, *, reason: str = "") -> None:
        """Leave it in its new state, where it is still ours."""
        mine = ImportRun.objects.filter(pk=self.run.pk, claim=self.claim, status=self.run.status)
        over = None if status == Status.READY else timezone.now()
        mine.update(status=status, reason=reason[:300], finished_at=over, claim="", heartbeat_at=None)


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    iterator = iter(items)
    while batch := list(islice(iterator, BATCH)):
        yield batch


def problems_of(row: int, error: ValidationError, renamed: dict[str, str]) -> Iterator[Problem]:
    """A service's refusal as problems of the row, fields called as the columns are."""
    by_name = error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
    for name, reasons in by_name.items():
        column = "" if name in (NON_FIELD_ERRORS, "__all__") else renamed.get(name, name)
        yield Problem(row, column, " ".join(reasons)[:MOST_REASON])


def shown(value: Any) -> str:
    """A value as it was understood."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " | ".join(f"{number}={amount}" if amount is not None else number for number, amount in value)
    return str(value)
