"""A run survives whatever dies, is done by one worker, can be cancelled, and is forgotten in time."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.utils import timezone

from invoices.files import work
from invoices.files.customers import CustomerImporter
from invoices.files.runs import (
    import_cancel,
    import_go_on,
    import_start,
    imports_forget,
    imports_sweep,
    imports_waiting,
)
from invoices.models import Customer, ImportRun
from tests.invoices.import_hands import CUSTOMER, checked, imported, refused, uploaded

pytestmark = pytest.mark.django_db
ROWS = [{**CUSTOMER, "customer_number": f"C-{n}", "name": "" if n == 4 else f"Name {n}"} for n in range(1, 8)]
WHOLE = {"new": 6, "unchanged": 0, "changed": 0, "refused": 1}


@pytest.fixture(autouse=True)
def _files(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(work, "BATCH", 2)


@pytest.fixture
def queued(monkeypatch):
    """The ids that were handed to workers."""
    ids: list[int] = []
    monkeypatch.setattr("invoices.tasks.import_work.delay", ids.append)
    return ids


class Killed(BaseException):
    """As SIGKILL: nothing is tidied up after it."""


def killed_at(monkeypatch, run, item):
    """Work until the `item`-th row is handed to the ledger, and die there."""
    seen = []
    post = work.Worker._post_one

    def dies(worker, what, met):
        seen.append(what)
        answer = post(worker, what, met)
        if len(seen) == item:
            raise Killed
        return answer

    with monkeypatch.context() as patch:
        patch.setattr(work.Worker, "_post_one", dies)
        with pytest.raises(Killed):
            work.import_work(run_id=run.pk)
    ImportRun.objects.filter(pk=run.pk).update(heartbeat_at=timezone.now() - timedelta(hours=1))


def before_batch(monkeypatch, number, act):
    """Have something happen outside before the `number`-th batch of the worker."""
    take = work.Worker._take
    taken = []

    def takes(worker, items):
        taken.append(items)
        if len(taken) == number:
            act()
        take(worker, items)

    monkeypatch.setattr(work.Worker, "_take", takes)


@pytest.mark.parametrize("item", range(1, 7))
def test_killed_anywhere_and_run_again_the_result_is_the_same(monkeypatch, item):
    run = checked("customers", *ROWS)
    import_start(run=run, actor=None)
    killed_at(monkeypatch, run, item)
    run.refresh_from_db()
    assert run.status == "running"
    work.import_work(run_id=run.pk)
    run.refresh_from_db()
    assert (run.status, run.made, refused(run)) == ("done", WHOLE, [(5, "name")])
    assert Customer.objects.count() == 6


def test_a_check_that_was_killed_begins_again(monkeypatch):
    run = uploaded("customers", *ROWS)
    killed_at(monkeypatch, run, 5)
    work.import_work(run_id=run.pk)
    run.refresh_from_db()
    assert (run.status, run.found, refused(run)) == ("ready", WHOLE, [(5, "name")])


def test_two_workers_never_have_the_same_import():
    run = uploaded("customers", *ROWS)
    assert work.import_claim(run_id=run.pk)
    assert work.import_claim(run_id=run.pk) is None
    assert work.import_work(run_id=run.pk) is False


def test_a_worker_that_was_taken_for_lost_writes_nothing_more(monkeypatch):
    run = checked("customers", *ROWS)
    import_start(run=run, actor=None)

    def overtake():
        ImportRun.objects.filter(pk=run.pk).update(heartbeat_at=timezone.now() - timedelta(hours=1))
        assert work.import_claim(run_id=run.pk)

    before_batch(monkeypatch, 1, overtake)
    work.import_work(run_id=run.pk)
    run.refresh_from_db()
    assert (run.status, run.position, Customer.objects.count()) == ("running", 0, 0)


def test_one_import_at_a_time():
    first, second = uploaded("customers", *ROWS), uploaded("customers", CUSTOMER)
    assert work.import_claim(run_id=first.pk)
    assert work.import_claim(run_id=second.pk) is None


def test_a_cancelled_import_takes_nothing_more_in_and_keeps_what_is(monkeypatch):
    run = checked("customers", *ROWS)
    import_start(run=run, actor=None)
    before_batch(monkeypatch, 2, lambda: import_cancel(run=run, actor=None))
    work.import_work(run_id=run.pk)
    run.refresh_from_db()
    assert run.status == "cancelled"
    assert sorted(Customer.objects.values_list("number", flat=True)) == ["C-1", "C-2"]
    with pytest.raises(ValidationError):
        import_cancel(run=run, actor=None)
    with pytest.raises(ValidationError):
        import_start(run=run, actor=None)


def test_what_nobody_is_at_is_queued_by_the_sweep(settings, queued):
    run = uploaded("customers", *ROWS)
    work.import_claim(run_id=run.pk)
    imports_sweep()
    assert queued == []
    ImportRun.objects.update(
        heartbeat_at=timezone.now() - timedelta(seconds=settings.IMPORT_LOST_SECONDS + 1)
    )
    imports_sweep()
    assert queued == [run.pk]


def test_a_worker_queues_the_next_that_waits(queued, django_capture_on_commit_callbacks):
    from invoices.tasks import import_work

    first, second = uploaded("customers", *ROWS), uploaded("customers", CUSTOMER)
    import_work(first.pk)
    assert queued == [second.pk]
    import_work(first.pk)
    assert queued == [second.pk], "what does nothing queues nothing"


def test_an_import_that_failed_stops_and_goes_on_when_told(monkeypatch):
    run = checked("customers", *ROWS)
    import_start(run=run, actor=None)

    def fails(importer, items):
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr("invoices.files.customers.CustomerImporter.look", fails)
        work.import_work(run_id=run.pk)
    run.refresh_from_db()
    assert (run.status, bool(run.reason)) == ("stopped", True)
    import_go_on(run=run, actor=None)
    work.import_work(run_id=run.pk)
    run.refresh_from_db()
    assert (run.status, run.made) == ("done", WHOLE)


def test_a_batch_that_collides_with_somebody_is_tried_again(monkeypatch):
    run = checked("customers", *ROWS)
    import_start(run=run, actor=None)
    look = CustomerImporter.look
    failures = [OperationalError("deadlock detected")]

    def collides(importer, items):
        if failures:
            raise failures.pop()
        look(importer, items)

    monkeypatch.setattr(CustomerImporter, "look", collides)
    work.import_work(run_id=run.pk)
    run.refresh_from_db()
    assert (run.status, run.made) == ("done", WHOLE)


def test_more_rows_than_may_be_are_refused_with_the_number(settings):
    settings.IMPORT_MOST_ROWS = 6
    run = checked("customers", *ROWS)
    assert run.status == "refused"
    assert "more than 6 rows" in run.reason


def test_a_file_that_breaks_off_in_the_middle_is_refused_whole():
    head = ",".join(CUSTOMER).encode()
    good = ",".join(CUSTOMER.values()).encode()
    run = checked("customers", file=SimpleUploadedFile("a.csv", head + b"\n" + good + b'\n"C-2,B'))
    assert run.status == "refused"
    assert "Row 3" in run.reason


def test_files_are_kept_for_a_while_and_then_deleted(settings):
    run = imported("customers", *ROWS)
    assert imports_forget() == 0
    ImportRun.objects.update(created_at=timezone.now() - timedelta(days=settings.IMPORT_KEPT_DAYS + 1))
    assert default_storage.exists(run.stored_as)
    assert imports_forget() == 1
    assert not default_storage.exists(run.stored_as)
    run.refresh_from_db()
    assert (run.stored_as, run.preview, run.problems.count(), run.made) == ("", [], 0, WHOLE)
    assert imports_forget() == 0


def test_an_import_that_is_over_waits_for_nobody():
    imported("customers", *ROWS)
    assert not imports_waiting().exists()
