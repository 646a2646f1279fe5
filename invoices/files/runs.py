"""Imports: taken in, started, cancelled, gone on with, forgotten. `work` does what a worker does.

checking -> ready | refused | cancelled | stopped        running -> done | cancelled | stopped
ready -> running | cancelled                             stopped -> checking | running | cancelled
"""

import hashlib
import logging
from datetime import timedelta
from functools import partial
from pathlib import PurePath
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from invoices.events import event_record
from invoices.files.kinds import columns_of, header_of
from invoices.files.reading import FileRefused, layout_find
from invoices.models import ImportProblem, ImportRun
from invoices.services.checks import changed_one

logger = logging.getLogger(__name__)
Status = ImportRun.Status
LIVE = (Status.CHECKING, Status.RUNNING)
OVER = (Status.REFUSED, Status.CANCELLED, Status.DONE)
# Not below any path that is served: reached through pages that ask for a permission.
FOLDER = "imports"


def import_upload(
    *,
    kind: str,
    file: File,
    decimal_mark: str,
    day_order: str,
    corrects: bool,
    actor: User | None,
) -> ImportRun:
    """Keep the file and have it checked in the background.

    Raises ValidationError at `file` for what is no file of this kind; what is in its rows is found by the check.
    """
    name = PurePath(file.name or "file").name.replace("\0", "")[-200:]
    megabytes = settings.IMPORT_MOST_MEGABYTES
    if (file.size or 0) > megabytes * 1_000_000:
        raise ValidationError({"file": f"At most {megabytes} MB. Split the file."})
    columns = columns_of(kind)
    try:
        layout = layout_find(file, name=name, known=columns.known())
        header = header_of(file, layout, columns)
    except FileRefused as error:
        raise ValidationError({"file": str(error)}) from None
    digest = hashlib.sha256()
    file.seek(0)
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    stored = default_storage.save(f"{FOLDER}/{uuid4()}{PurePath(name).suffix.lower()}", file)
    try:
        with transaction.atomic():
            run = ImportRun.objects.create(
                kind=kind,
                file_name=name,
                stored_as=stored,
                sha256=digest.hexdigest(),
                size=file.size or 0,
                layout=layout.as_dict(),
                decimal_mark=decimal_mark,
                day_order=day_order,
                corrects=corrects,
                ignored=columns.ignored(header),
                created_by=actor,
            )
            _record(run, "import_uploaded", actor, rows_of=kind, size=run.size)
            _queue(run)
    except BaseException:
        default_storage.delete(stored)
        raise
    return run


@transaction.atomic
def import_start(*, run: ImportRun, actor: User | None) -> ImportRun:
    """What was checked is run. Raises ValidationError unless it is ready."""
    ready = ImportRun.objects.filter(pk=run.pk, status=Status.READY)
    moved = ready.update(
        status=Status.RUNNING, started_at=timezone.now(), position=0, made={}, claim="", heartbeat_at=None
    )
    changed_one(moved, "run", "This import is not ready to run.")
    _record(run, "import_started", actor)
    _queue(run)
    run.refresh_from_db()
    return run


@transaction.atomic
def import_cancel(*, run: ImportRun, actor: User | None) -> ImportRun:
    """Nothing more of it is taken in; what has been stays. Raises ValidationError where it is over."""
    open_still = ImportRun.objects.filter(pk=run.pk).exclude(status__in=OVER)
    moved = open_still.update(
        status=Status.CANCELLED, finished_at=timezone.now(), claim="", heartbeat_at=None
    )
    changed_one(moved, "run", "This import is over.")
    _record(run, "import_cancelled", actor)
    run.refresh_from_db()
    return run


@transaction.atomic
def import_go_on(*, run: ImportRun, actor: User | None) -> ImportRun:
    """One that has stopped goes on behind the last row that was taken in. Raises ValidationError for any other."""
    stopped = ImportRun.objects.filter(pk=run.pk, status=Status.STOPPED)
    again: dict[str, Any] = {"reason": "", "claim": "", "heartbeat_at": None, "finished_at": None}
    moved = stopped.filter(started_at=None).update(status=Status.CHECKING, **again)
    moved += stopped.exclude(started_at=None).update(status=Status.RUNNING, **again)
    changed_one(moved, "run", "This import has not stopped.")
    _record(run, "import_went_on", actor)
    _queue(run)
    run.refresh_from_db()
    return run


def imports_waiting() -> QuerySet[ImportRun]:
    """What a worker should be at and none is: nobody has claimed it, or who did is not heard of any more."""
    unheard = timezone.now() - timedelta(seconds=settings.IMPORT_LOST_SECONDS)
    return ImportRun.objects.filter(
        Q(heartbeat_at=None) | Q(heartbeat_at__lt=unheard), status__in=LIVE
    ).order_by("id")


def imports_sweep() -> None:
    """Queue what waits, one after the other: a worker that ends one asks for the next."""
    for pk in imports_waiting().values_list("pk", flat=True)[:1]:
        queue(pk)


def imports_forget() -> int:
    """Delete files, previews and refused rows of imports older than IMPORT_KEPT_DAYS; answers how many."""
    before = timezone.now() - timedelta(days=settings.IMPORT_KEPT_DAYS)
    old = ImportRun.objects.filter(created_at__lt=before).exclude(stored_as="")
    forgotten = 0
    for run in old.iterator():
        default_storage.delete(run.stored_as)
        with transaction.atomic():
            open_still = ImportRun.objects.filter(pk=run.pk).exclude(status__in=OVER)
            open_still.update(status=Status.CANCELLED, finished_at=timezone.now(), claim="")
            ImportRun.objects.filter(pk=run.pk).update(stored_as="", preview=[])
            ImportProblem.objects.filter(run=run).delete()
            _record(run, "import_forgotten", None)
        forgotten += 1
    return forgotten


def _queue(run: ImportRun) -> None:
    transaction.on_commit(partial(queue, run.pk))


def queue(run_id: int) -> None:
    """Hand it to a worker. Where no broker answers, the sweep does so later."""
    from invoices.tasks import import_work

    try:
        import_work.delay(run_id)
    except Exception:
        logger.warning("import %s could not be queued; the sweep will", run_id)


def _record(run: ImportRun, kind: str, actor: User | None, **after: Any) -> None:
    source = "staff" if actor else "worker"
    event_record(object_type="import", object_id=run.pk, kind=kind, source=source, actor=actor, after=after)
