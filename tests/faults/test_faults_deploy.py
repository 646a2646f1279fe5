"""New versions come while calls run; clocks are put forward and back."""

import io
import signal
import subprocess
import tarfile
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.waiting import eventually

pytestmark = pytest.mark.stack
ROOT = Path(__file__).resolve().parent.parent.parent


def ended(stack, name: str) -> bool:
    return not stack.is_running(name)


def test_everything_is_told_to_end_while_the_carrier_is_asked(hands, stack):
    hands.hold("after_entry")
    call_id = hands.ring(hands.owing("busy"))
    hands.held()
    for name in ("worker", "beat"):
        stack.kill(name, signal.SIGTERM)
    hands.release()
    # The web process may still be answering the carrier: as in a deployment it is ended by force after a while.
    stack.stop("web")
    for name in ("worker", "beat"):
        eventually(partial(ended, stack, name), within=30)
    for name in ("worker", "beat", "web"):
        stack.start_process(name)
    assert hands.ended(call_id)[0] == "busy"
    assert (hands.posts(call_id), len(hands.dials(call_id))) == (1, 1)


def test_a_worker_that_is_told_to_end_finishes_what_it_dials(hands, stack):
    hands.hold("after_entry", callbacks={"mode": "never"})
    call_id = hands.ring(hands.owing("busy"))
    hands.held()
    stack.kill("worker", signal.SIGTERM)
    hands.release()
    eventually(lambda: not stack.is_running("worker"), within=30)
    assert hands.status(call_id) == "dialling"
    stack.start_process("worker")
    assert hands.ended(call_id)[0] == "busy"


def test_the_worker_of_the_version_before_on_the_new_schema(hands, stack, tmp_path):
    """It may refuse to dial, but not dial twice, and what it leaves behind is ended by the new one."""
    stack.stop("worker")
    stack.start_beside("old worker", "worker", root=version_before_the_newest_migration(tmp_path))
    try:
        call_id = hands.ring(hands.owing("busy"))
        eventually(lambda: hands.status(call_id) != "requested" or ended(stack, "old worker"), within=30)
        assert stack.is_running("old worker"), stack.log("old worker")[-3000:]
    finally:
        stack.stop("old worker")
    stack.start_process("worker")
    status, _, reason = hands.ended(call_id)
    assert status == "busy" or (status == "failed" and reason)
    assert len(hands.dials(call_id)) == hands.posts(call_id) <= 1
    later = hands.ring(hands.owing("busy"))
    assert hands.ended(later)[0] == "busy"


def version_before_the_newest_migration(folder: Path) -> Path:
    """The code that was deployed before the newest migration came: main's own line, not the branches merged into it."""

    def git(*arguments: str) -> bytes:
        return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True).stdout

    shallow = git("rev-parse", "--is-shallow-repository").strip() == b"true"
    assert not shallow, "This clone has no history: fetch it whole (git fetch --unshallow)."
    added = ("--first-parent", "--diff-merges=first-parent", "--diff-filter=A", "--name-only", "--format=%H")
    newest = git("log", "-1", *added, "--", "*/migrations/0*.py").decode().split()[0]
    with tarfile.open(fileobj=io.BytesIO(git("archive", f"{newest}^"))) as archive:
        archive.extractall(folder, filter="data")
    return folder


def test_two_beats(hands, stack):
    stack.stop("worker")
    call_ids = [hands.ring(hands.owing("busy")) for _ in range(3)]
    hands.redis().flushall()
    stack.start_beside("second beat", "beat", "-s", str(stack.run_dir / "second-beat"))
    try:
        stack.start_process("worker")
        for call_id in call_ids:
            assert hands.ended(call_id)[0] == "busy"
            assert (hands.posts(call_id), len(hands.dials(call_id))) == (1, 1)
            assert hands.moves(call_id, "call_busy") == 1
    finally:
        stack.stop("second beat")


def test_clocks_are_put_forward_and_back(hands, stack):
    """Nine in the morning is nine where the customer is, on the days before and after each change."""
    invoice = hands.owing("busy")
    ((name,),) = hands.rows(
        "SELECT c.time_zone FROM invoices_customer c JOIN invoices_invoice i ON i.customer_id = c.id WHERE i.id = %s",
        invoice,
    )
    zone = ZoneInfo(name)
    for day in days_around_changes(zone):
        nine = datetime(day.year, day.month, day.day, 9, tzinfo=zone)
        assert not hour_allows(hands, stack, invoice, nine - timedelta(minutes=1)), nine
        assert hour_allows(hands, stack, invoice, nine), nine


def days_around_changes(zone: ZoneInfo) -> list[datetime]:
    today = datetime.now(tz=UTC).replace(hour=12, minute=0)
    noons = [(today + timedelta(days=each)).astimezone(zone) for each in range(330)]
    changes = [i for i in range(1, 330) if noons[i].utcoffset() != noons[i - 1].utcoffset()]
    assert changes, f"{zone} changes its clocks"
    return [noons[i + shift] for i in changes for shift in (-1, 0, 1)]


def hour_allows(hands, stack, invoice: int, at: datetime) -> bool:
    """Whether no rule about the hour forbids it."""
    url = f"{stack.base_url}/api/invoices/{invoice}/contact-decision/"
    answer = hands.api.get(url, params={"at": at.astimezone(UTC).isoformat()}, timeout=10)
    assert answer.status_code == 200, answer.text
    return not {"lawful_hour", "house_hours"} & {reason["rule"] for reason in answer.json()["reasons"]}
