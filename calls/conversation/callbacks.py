"""A call at another time: only at one that the contact gate allows."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from calls import books
from calls.contact_facts import contact_snapshot
from calls.conversation.common import ConversationOver, NotVerified, Refused, act_note, call_row
from calls.conversation.said import day_words
from calls.conversation.standing import Entry, callback_standing, callback_stands
from calls.models import Call, Disposition
from calls.policy import decide
from calls.policy import snapshot as facts
from invoices.models import Wish

# Direct consent to be rung counts for a week (12 CFR 1006.14(b)(3)(i)); a wish for later than this is for a letter.
WITHIN = timedelta(days=30)


class CallbackRefused(Refused):
    """Nobody may be rung then; the message says so with the next time, in words fit for the telephone."""


@dataclass(frozen=True)
class Callback:
    """When the customer is to be rung: an aware instant, on the customer's own clock."""

    at: datetime

    @property
    def words(self) -> str:
        """“Friday, December 4, at 3:00 PM”."""
        return _words(self.at)

    @property
    def entry(self) -> Entry:
        """As `Call.agreed` has it."""
        return {
            "kind": "callback",
            "date": self.at.date().isoformat(),
            "at": self.at.astimezone(UTC).isoformat(),
        }


def callback_check(*, call_id: UUID, when: str) -> Callback:
    """The callback for `when`, an ISO 8601 time on the customer's clock. Raises CallbackRefused, NotVerified."""
    return _checked(Call.objects.select_related("customer", "invoice").get(pk=call_id), when)


@transaction.atomic
def callback_agree(*, call_id: UUID, when: str) -> Entry:
    """Record the wish, and the customer's consent to that call; answers the call's entry.

    It takes the place of any callback asked for before. Raises as `callback_check` does, and ConversationOver.
    """
    call = call_row(call_id)
    callback = _checked(call, when)
    if callback_standing(call) == callback.entry:
        return callback.entry
    if call.disposition:
        raise ConversationOver
    books.callback_write(call, callback.at, said=f"Asked to be called on {callback.words}.")
    callback_stands(call, callback.entry)
    act_note(
        call,
        "callback_agreed",
        disposition=Disposition.CALLBACK,
        next_action=f"Call on {callback.words}, where the customer is.",
        words=callback.words,
        **callback.entry,
    )
    return callback.entry


def _checked(call: Call, when: str) -> Callback:
    if call.verified_at is None:
        raise NotVerified
    zone, now = ZoneInfo(call.customer.time_zone), timezone.now()
    at = _instant(when, zone)
    if at <= now:
        raise CallbackRefused("That time has passed. Please choose another time.")
    if at > now + WITHIN:
        raise CallbackRefused("That is too far away. Please choose an earlier time.")
    decision = decide(_then(call, now).at(at))
    if decision.allowed:
        return Callback(at.astimezone(zone))
    later = decision.next_allowed_at
    if later is None:
        raise CallbackRefused("I cannot arrange a call for that time. A colleague will contact you.")
    raise CallbackRefused(
        f"We cannot call you at that time. The next time would be {_words(later.astimezone(zone))}."
    )


def _instant(when: str, zone: ZoneInfo) -> datetime:
    try:
        said = datetime.fromisoformat(when.strip())
    except ValueError:
        raise CallbackRefused("I did not understand that time. Please say a day and a time of day.") from None
    try:
        return (said if said.tzinfo else said.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        raise CallbackRefused("That is too far away. Please choose an earlier time.") from None


def _then(call: Call, now: datetime) -> facts.Snapshot:
    """The gate's facts as they will be after this conversation, with the customer's consent to be rung."""
    known = contact_snapshot(invoice=call.invoice, now=now, ignoring=call)
    talk = facts.Contact(
        at=call.placed_at or call.requested_at,
        direction="outbound",
        outcome="conversation",
        invoices=tuple(str(pk) for pk in call.discussed or [call.invoice_id]),
    )
    consent = facts.Consent(
        channel="voice", act="given", basis="oral", captured_at=now, purpose=books.CALLBACK_PURPOSE
    )
    return replace(
        known,
        contacts=(*known.contacts, talk),
        consents=(*known.consents, consent),
        # The newest word on when to ring counts.
        wishes=tuple(wish for wish in known.wishes if wish.kind != Wish.Kind.NOT_BEFORE),
        other_live_call=False,
    )


def _words(local: datetime) -> str:
    return f"{day_words(local.date())}, at {local:%-I:%M %p}"
