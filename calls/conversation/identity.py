"""The first half of a call: what may be known before anyone is verified, and the comparison that verifies."""

import re
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from calls.conversation.common import SOURCE, call_row
from calls.house import legal_name
from calls.house_talk import agent_voice
from calls.models import Call
from calls.services import call_note
from invoices.events import event_record
from invoices.models import Customer, Event

IDENTITY_TRIES = 2


class NothingToCompare(Exception):
    """No fact was given that this customer can be verified by. It costs no try."""


@dataclass(frozen=True)
class OpeningFacts:
    """All that the first half of a call may know."""

    customer_name: str
    business_name: str
    agent_name: str
    # What the customer is asked for: "month and day of birth" or "customer number".
    asked_fact: str


@dataclass(frozen=True)
class VoiceFacts:
    """How the house's voice speaks. Empty: the installation's own; nothing here is about a customer."""

    agent_name: str
    tts_voice: str
    # By language: a line with {agent}, {business} and {customer}, which makes the disclosures.
    opening_lines: dict[str, str]
    callback_number: str


@dataclass(frozen=True)
class IdentityResult:
    verified: bool
    tries_left: int


def opening_facts(*, call_id: UUID) -> OpeningFacts:
    """Raises Call.DoesNotExist. Holds neither an expected answer nor anything of the debt."""
    customer = Call.objects.select_related("customer").get(pk=call_id).customer
    return OpeningFacts(
        customer_name=customer.name,
        business_name=legal_name(),
        agent_name=agent_voice().name,
        asked_fact="month and day of birth" if _has_birthday(customer) else "customer number",
    )


def voice_facts(*, call_id: UUID) -> VoiceFacts:
    """What staff have set for the voice. The same for every call; `call_id` is there for the agent's records."""
    voice = agent_voice()
    return VoiceFacts(
        agent_name=voice.name,
        tts_voice=voice.tts_voice,
        opening_lines=dict(voice.opening_lines),
        callback_number=voice.callback_number,
    )


@transaction.atomic
def agent_ready(*, call_id: UUID, prompts_version: str = "") -> bool:
    """The greeting is synthesised and the agent waits in the room, with these prompts. True the first time."""
    ready = call_note(call_id=call_id, kind="agent_ready", source=SOURCE, agent_ready_at=timezone.now())
    if prompts_version:
        # A second agent may have come in the first one's place: what speaks counts.
        Call.objects.filter(pk=call_id).update(prompts_version=prompts_version[:40])
    return ready


@transaction.atomic
def identity_check(
    *, call_id: UUID, birth_month: int | None, birth_day: int | None, customer_number: str | None
) -> IdentityResult:
    """Compare the given facts with those on file. After two failures nothing is compared any more.

    Raises NothingToCompare when none of them can be compared for this customer.
    """
    call = call_row(call_id)
    if call.verified_at is not None:
        return IdentityResult(verified=True, tries_left=0)
    failed = _identity_failures(call_id)
    if failed >= IDENTITY_TRIES:
        return IdentityResult(verified=False, tries_left=0)
    answers = _answers(call.customer, birth_month, birth_day, customer_number)
    if not answers:
        raise NothingToCompare
    if all(answers):
        call_note(call_id=call_id, kind="identity_verified", source=SOURCE, verified_at=timezone.now())
        return IdentityResult(verified=True, tries_left=IDENTITY_TRIES - failed)
    event_record(object_type="call", object_id=call_id, kind="identity_failed", source=SOURCE)
    return IdentityResult(verified=False, tries_left=IDENTITY_TRIES - failed - 1)


def _identity_failures(call_id: UUID) -> int:
    return Event.objects.filter(object_type="call", object_id=str(call_id), kind="identity_failed").count()


def _answers(customer: Customer, month: int | None, day: int | None, number: str | None) -> list[bool]:
    """Whether each complete fact that was given is right. A wrong one is not made good by another."""
    answers = []
    if month is not None and day is not None and _has_birthday(customer):
        answers.append((month, day) == (customer.birth_month, customer.birth_day))
    if number is not None and (given := _plain(number)):
        answers.append(given in {_plain(customer.number), _digits(customer.number)} - {""})
    return answers


def _has_birthday(customer: Customer) -> bool:
    known = customer.birth_month is not None and customer.birth_day is not None
    return customer.kind == Customer.Kind.PERSON and known


def _plain(number: str) -> str:
    return re.sub(r"[^0-9a-z]", "", number.lower())


def _digits(number: str) -> str:
    """The digits of a number that has letters too; a prefix that all customers share proves nothing."""
    digits = re.sub(r"\D", "", number)
    return digits if len(digits) >= 4 else ""
