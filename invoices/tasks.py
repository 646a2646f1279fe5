"""Celery's doors to the ledger's services."""

import logging
from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from invoices.books_check import balances_wrong
from invoices.files import runs, work
from invoices.services.judging import agreements_judge_due
from invoices.webhooks.delivery import deliveries_send
from invoices.webhooks.endpoints import messages_purge

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


@shared_task
def webhooks_deliver() -> None:
    """Every few seconds, and when something has happened: send what is due."""
    deliveries_send()


@shared_task
def webhooks_purge() -> None:
    """Every day: what was sent long ago is forgotten."""
    messages_purge(before=timezone.now() - timedelta(days=settings.WEBHOOK_KEEP_DAYS))
