"""What a person says in a call that forbids later ones, kept at once: before anybody answers them.

Certain words change what stands for good. Doubtful ones stop contact all the same, by a hold for review that one
audited act lifts (`invoices.services.contact_rules.hold_lift`). Calls to the test number change nothing. All is safe to
repeat.
"""

import re
from collections.abc import Mapping
from typing import Literal
from uuid import UUID

from django.db import transaction

from calls import books
from calls.models import Call
from invoices.events import event_record
from invoices.models import Channel, Consent, ContactPoint, Event, Hold, Wish

SOURCE = "agent"
Scope = Literal["number", "phone", "messages", "all_contact"]
Certainty = Literal["certain", "doubtful"]

# 12 CFR 1006.14(h), 47 CFR 64.1200(a)(10): a spoken wish to end calls is about the telephone; one to be left alone
# altogether ends messages too. A letter is what is left, until they ask for that in writing (12 CFR 1006.6(c)).
CHANNELS: dict[str, tuple[Channel, ...]] = {
    "number": (Channel.VOICE,),
    "phone": (Channel.VOICE,),
    "messages": (Channel.SMS,),
    "all_contact": (Channel.VOICE, Channel.SMS, Channel.EMAIL),
}
RESTRICTING = frozenset(
    {
        Hold.Kind.ATTORNEY_REPRESENTED,
        Hold.Kind.BANKRUPTCY,
        Hold.Kind.DECEASED,
        Hold.Kind.MINOR,
        Hold.Kind.MANUAL,
    }
)
LONGEST_WORDING = 200
OPTED_OUT, RESTRICTED, NOT_HERE, NOT_NOW = "opted_out", "restricted", "not_here", "hours_restricted"
_LONG_NUMBER = re.compile(r"\d(?:[ -]?\d){5,}")


@transaction.atomic
def call_opt_out(*, call_id: UUID, scope: Scope, wording: str, certainty: Certainty) -> bool:
    """Keep that the person on the line wants no more calls. True if this caller did; False if it was kept already.

    `scope`: this number, the telephone, text messages, or all contact by telephone, text message and e-mail. `wording`
    is what they said, or which key they pressed. The call itself goes on: whoever talks ends it as `stop_calling`.
    """
    call = _locked(call_id)
    what = {"scope": scope, "certainty": certainty}
    if _kept(call, OPTED_OUT, what):
        return False
    if certainty == "certain":
        _consents_revoke(call, scope, wording)
    else:
        asked = f"Review: does the customer want no more contact? {_said(wording)}"
        books.hold_write(call, Hold.Kind.MANUAL, asked)
    _tell(call, OPTED_OUT, what)
    return True


@transaction.atomic
def call_restrict(*, call_id: UUID, kind: str, certainty: Certainty, wording: str) -> bool:
    """Forbid contact for a reason given on the phone: a kind of RESTRICTING. True if this caller did, as above."""
    if kind not in RESTRICTING:
        raise ValueError(f"no restriction: {kind}")
    call = _locked(call_id)
    what = {"kind": kind, "certainty": certainty}
    if _kept(call, RESTRICTED, what):
        return False
    if certainty == "certain" and kind != Hold.Kind.MANUAL:
        books.hold_write(call, kind, _said(wording))
    else:
        asked = f"Review: {Hold.Kind(kind).label.lower()}? {_said(wording)}"
        books.hold_write(call, Hold.Kind.MANUAL, asked)
    _tell(call, RESTRICTED, what)
    return True


@transaction.atomic
def call_not_here(*, call_id: UUID, wording: str) -> bool:
    """Keep that the person does not want to be rung at this number's place, such as work (12 CFR 1006.6(b)(3)).

    True if this caller did.
    """
    call = _locked(call_id)
    if _kept(call, NOT_HERE, {}):
        return False
    point = call.customer.contact_points.filter(kind=ContactPoint.Kind.PHONE, value=call.to_number).first()
    said = _said(wording)
    books.wish_write(call, Wish.Kind.NOT_AT_PLACE, said, place=ContactPoint.Place.WORK)
    if point is not None:
        # Where it is was not known until now.
        books.wish_write(call, Wish.Kind.NOT_THIS_NUMBER, said, contact_point=point)
    _tell(call, NOT_HERE, {})
    return True


@transaction.atomic
def call_hours_restrict(*, call_id: UUID, wording: str) -> bool:
    """Keep that hours or days were said to be no time to call (12 CFR 1006.6(b)(1)). True if this caller did.

    Which they are is for a person to write down as a wish; until then, and until they lift the hold, nobody calls.
    """
    call = _locked(call_id)
    if _kept(call, NOT_NOW, {}):
        return False
    books.hold_write(call, Hold.Kind.MANUAL, f"Review: when may the customer be called? {_said(wording)}")
    _tell(call, NOT_NOW, {})
    return True


def opted_out_in(call_id: UUID) -> bool:
    """Whether the person has opted out in this call, in whatever scope."""
    return Event.objects.filter(object_type="call", object_id=str(call_id), kind=OPTED_OUT).exists()


def _consents_revoke(call: Call, scope: Scope, wording: str) -> None:
    point = None
    if scope == "number":
        # A number that is not the customer's own on file says nothing about which to spare: then all are.
        point = call.customer.contact_points.filter(
            kind=ContactPoint.Kind.PHONE, value=call.to_number
        ).first()
    for channel in CHANNELS[scope]:
        books.consent_write(call, Consent.Act.REVOKED, channel, _said(wording), contact_point=point)


def _said(wording: str) -> str:
    """As evidence; long numbers, which may be a card's, are left out."""
    words = _LONG_NUMBER.sub("…", " ".join(wording.split()))[:LONGEST_WORDING]
    return f"In a call: “{words}”." if words else "Said in a call that no more calls are wanted."


def _locked(call_id: UUID) -> Call:
    return Call.objects.select_for_update(of=("self",)).select_related("customer").get(pk=call_id)


def _kept(call: Call, kind: str, what: Mapping[str, str]) -> bool:
    events = Event.objects.filter(object_type="call", object_id=str(call.pk), kind=kind)
    return any(event.after == what for event in events)


def _tell(call: Call, kind: str, what: Mapping[str, str]) -> None:
    event_record(object_type="call", object_id=call.pk, kind=kind, source=SOURCE, after=dict(what))
