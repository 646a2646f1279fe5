"""In the middle of a call the announcement goes on, by keys: the models have failed, or the person wants it so."""

import logging
from uuid import UUID

from django.utils import timezone

from calls.announcement.modes import announcement_stands_in
from calls.conversation.ending import outcome_of
from calls.models import Call
from calls.services import call_note
from calls.states import Status
from calls.telephony import client, twiml

logger = logging.getLogger(__name__)
SOURCE = "agent"


def announcement_take_over(*, call_id: UUID, reason: str) -> bool:
    """Have the carrier take the call away from the agent, which leaves it as it is: what it comes to is for the
    announcement to say.

    False: the agent apologises and ends the call. So where the house wants no announcement, something was agreed or
    noted already, which nobody has to go through again, or the carrier is away.
    """
    call = Call.objects.get(pk=call_id)
    live = call.status == Status.IN_PROGRESS and not call.disposition and call.carrier_sid is not None
    if not live or call.transfer_started_at is not None or not announcement_stands_in():
        return False
    if outcome_of(call_id) is not None:
        return False
    now = timezone.now()
    if not call_note(
        call_id=call_id, kind="announcement_begun", source=SOURCE, reason=reason, announced_at=now
    ):
        return False
    try:
        client.call_redirect(sid=call.carrier_sid or "", twiml=twiml.announcement_instead(call))
    except client.CarrierError as error:
        logger.warning("call %s: not handed to the announcement, carrier error %s", call_id, error)
        Call.objects.filter(pk=call_id).update(announced_at=None)
        return False
    return True
