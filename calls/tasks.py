"""Celery's doors to the services."""

from uuid import UUID

from celery import Task, shared_task

from calls import confirmations, interrupts, pace, placing, reconcile, retries
from calls.sweep import sweep as sweep_everything
from calls.telephony.client import CarrierError

# Waits before asking a busy carrier again; then the call stays `requested` and the sweep takes over.
BACKOFF_SECONDS = (2, 5, 15, 30)


@shared_task(bind=True, max_retries=len(BACKOFF_SECONDS))
def place_call(self: Task, call_id: str) -> None:
    try:
        placing.call_place(call_id=UUID(call_id))
    except placing.TryLater as error:
        if self.request.retries < len(BACKOFF_SECONDS):
            raise self.retry(countdown=BACKOFF_SECONDS[self.request.retries], exc=error) from error


@shared_task(autoretry_for=(CarrierError,), retry_backoff=1, retry_backoff_max=4, max_retries=5)
def recheck_call(call_id: str) -> None:
    """Something has changed while a phone rings."""
    interrupts.call_recheck(call_id=UUID(call_id))


@shared_task
def after_call(call_id: str) -> None:
    """The phone is down: clear the room, and say what the call came to if nobody has."""
    reconcile.call_settle(call_id=UUID(call_id))
    retries.retry_plan(call_id=UUID(call_id))


@shared_task(autoretry_for=(confirmations.SendLater,), retry_backoff=2, retry_backoff_max=60, max_retries=5)
def send_confirmation(confirmation_id: str) -> None:
    confirmations.confirmation_send(confirmation_id=UUID(confirmation_id))


@shared_task
def sweep() -> None:
    sweep_everything()
    confirmations.confirmations_sweep()


@shared_task
def retries_due() -> None:
    """Plan the retries that nobody planned yet, and make those that are due."""
    retries.retries_due()


@shared_task
def place_waiting() -> None:
    """See whether what waits has to wait any longer."""
    pace.waiting_wake()
