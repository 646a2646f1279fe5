"""Celery's doors to the ledger's services."""

import logging

from celery import shared_task

from invoices.books_check import balances_wrong
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
