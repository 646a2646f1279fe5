"""Celery's doors to the ledger's services."""

import logging

from celery import shared_task

from invoices.books_check import balances_wrong
from invoices.files import runs, work
from invoices.services.judging import agreements_judge_due

logger = logging.getLogger(__name__)
SOURCE = "worker"


@shared_task
def judge_due() -> None:
    """Every hour: somewhere a day has ended, and promises and instalments with it."""
    agreements_judge_due(source=SOURCE)


@shared_task
def check_books() -> None:
    """Every day: a balance that is not what the postings say is an error that somebody must look into."""
    for line in balances_wrong():
        logger.error("books: %s", line.split(":")[0])


@shared_task
def import_work(run_id: int) -> None:
    """Check or run one import; then the next that waits."""
    if work.import_work(run_id=run_id):
        runs.imports_sweep()


@shared_task
def sweep_imports() -> None:
    """An import that nobody is at, because its worker died or the queue was away, is taken up again."""
    runs.imports_sweep()


@shared_task
def forget_imports() -> None:
    """Every day: what people sent is not kept for longer than it is needed."""
    runs.imports_forget()
