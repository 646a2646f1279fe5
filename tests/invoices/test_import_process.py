"""Imports in a process of their own, as a worker does them: killed in the middle, and measured."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from bench.import_files import HEADERS, rows
from invoices.files.runs import import_start
from invoices.models import Customer, Event, ImportRun
from tests.invoices.import_hands import checked, uploaded
from tests.waiting import eventually

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parent.parent.parent
# Two batches and a part of one.
COUNT = 60
WORK = """
import django, json, sys
django.setup()
from bench.memory import peak_kb
from invoices.files.work import import_work
done = import_work(run_id=int(sys.argv[1]))
print(json.dumps([done, peak_kb()]))
"""


@pytest.fixture
def worker(settings, tmp_path):
    """Starts a process that works on an import, on this test's database and files."""
    settings.MEDIA_ROOT = tmp_path
    environment = os.environ | {
        "DATABASE_URL": url_of(connection.settings_dict),
        "MEDIA_ROOT": str(tmp_path),
        "ENV_FILE": os.devnull,
        "IMPORT_LOST_SECONDS": "1",
        "DJANGO_SETTINGS_MODULE": "phantompay.settings",
    }

    def start(run):
        command = [sys.executable, "-c", WORK, str(run.pk)]
        return subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    return start


def url_of(database):
    name = database["NAME"]
    if database["ENGINE"].endswith("sqlite3"):
        return f"sqlite:///{name}"
    login = f"{database['USER']}:{database['PASSWORD']}" if database["PASSWORD"] else database["USER"]
    return f"postgres://{login}@{database['HOST']}:{database['PORT']}/{name}"


def finished(process):
    """(did it anything, peak of its memory in kB)"""
    output, _ = process.communicate(timeout=120)
    done, peak = json.loads(output.splitlines()[-1])
    return done, peak


def stored(run):
    run.refresh_from_db()
    return run


def file_of(lines):
    return SimpleUploadedFile("customers.csv", "\n".join(lines).encode())


def test_a_worker_that_is_killed_leaves_an_import_that_another_ends(worker):
    lines = [",".join(cells) for cells in rows("customers", COUNT)]
    run = checked("customers", file=file_of(lines))
    import_start(run=run, actor=None)
    first = worker(run)
    eventually(lambda: stored(run).position > 1, within=60)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    stored(run)
    # It may have been quicker than the signal; then nothing is left to do, and the rest must hold all the same.
    if run.status == "running":
        assert Customer.objects.count() == run.position - 1
        eventually(lambda: finished(worker(run))[0], within=60)
    assert (stored(run).status, run.made["new"], run.made["refused"]) == ("done", COUNT, 0)
    assert Customer.objects.count() == COUNT
    assert Event.objects.filter(source="import", kind="created").count() == COUNT


def test_two_workers_at_once_import_everything_once(worker):
    lines = [",".join(cells) for cells in rows("customers", COUNT)]
    run = checked("customers", file=file_of(lines))
    import_start(run=run, actor=None)
    both = [worker(run), worker(run)]
    assert sorted(finished(each)[0] for each in both) in ([False, True], [True, True])
    assert (stored(run).status, run.made["new"]) == ("done", COUNT)
    assert Event.objects.filter(source="import", kind="created").count() == COUNT


def test_memory_does_not_grow_with_the_file(worker):
    """A sample of `make bench-imports`: rows that are refused at once, so that many take little time."""
    header = ",".join(HEADERS["customers"])
    peaks = []
    for count in (500, 6000):
        place = "x" * 5000
        lines = [f"C-{n},,+12135550100,,{n}{place},,US,America/Los_Angeles,USD," for n in range(count)]
        run = uploaded("customers", file=file_of([header, *lines]))
        done, peak = finished(worker(run))
        assert (done, stored(run).found["refused"], run.status) == (True, count, "ready")
        peaks.append(peak)
    assert peaks[1] <= 1.1 * peaks[0], peaks
    assert ImportRun.objects.count() == 2
