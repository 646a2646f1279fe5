"""One pass of the sweep: calls are looked at one by one, and a phone that nobody will put down is put down."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import InterfaceError, OperationalError, connection, transaction

from calls import rooms
from calls.findings import SOURCE, Finding, finding_record, finding_record_once
from calls.models import Call
from calls.services import call_transition
from calls.states import Status
from calls.telephony import client

logger = logging.getLogger(__name__)

Act = Callable[[Call], None]
# After so many questions without an answer the carrier is taken to be away, until the next pass.
ENOUGH = 3


@dataclass
class Pass:
    """One pass: how many calls it failed on, and how often the carrier did not answer."""

    failed: int = 0
    unanswered: int = 0

    @property
    def carrier_away(self) -> bool:
        """Each question more would wait for its time-out as well."""
        return self.unanswered >= ENOUGH

    def each(self, calls: Iterable[Call], act: Act) -> None:
        """Do `act` to each call, whatever becomes of the others. Raises only when the database is away."""
        for call in calls:
            try:
                act(call)
            except client.CarrierError as error:
                logger.warning("call %s: carrier error %s", call.pk, error)
                self.unanswered += not error.rejected
                if self.carrier_away:
                    return
            except rooms.RoomError as error:
                logger.warning("call %s: the audio server did not answer (%s)", call.pk, error)
                return
            except Exception as error:
                if isinstance(error, (OperationalError, InterfaceError)) and not connection.is_usable():
                    raise
                logger.exception("call %s: the sweep failed", call.pk)
                self.failed += 1
                finding_record_once(call_id=call.pk, finding=Finding.FAILED)


def put_down(call: Call, finding: Finding, **only_if: object) -> None:
    """End an answered call at the carrier and here, if `only_if` still holds. Raises CarrierError if it can't be."""
    still = {"status": Status.IN_PROGRESS, **only_if}
    if not Call.objects.filter(pk=call.pk, **still).exists():
        return
    try:
        client.call_hang_up(sid=call.carrier_sid or "", answered=True)
    except client.CarrierError as error:
        # Down already, and that callback is missing as well.
        if error.code not in (client.NOT_IN_PROGRESS, client.NOT_FOUND):
            raise
    with transaction.atomic():
        if call_transition(
            call_id=call.pk,
            to=Status.COMPLETED,
            source=SOURCE,
            reason=str(finding.label),
            only_if={"status": Status.IN_PROGRESS},
        ):
            finding_record(call_id=call.pk, finding=finding)
