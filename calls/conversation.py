"""What the voice agent may know of a call and do to it; it reads and writes nothing by any other way.

Everything here is synchronous, takes ids, and is safe to repeat: the agent asks again after a lost connection. The
debt is behind `debt_facts`, which answers only once `identity_check` has passed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from calls.books import promise_enter
from calls.house import legal_name
from calls.models import Call, Disposition, TranscriptLine
from calls.services import call_conclude, call_note
from invoices.events import event_record
from invoices.local_time import customer_today
from invoices.models import Customer, Event, Invoice
from invoices.money import amount_clean, amount_text

SOURCE = "agent"
IDENTITY_TRIES = 2
PROMISE_WITHIN = timedelta(days=60)


class NotVerified(Exception):
    """The debt was asked for before the right party was verified."""


class NothingOwed(Exception):
    """The invoice was settled or withdrawn since the call was placed."""


class NothingToCompare(Exception):
    """No fact was given that this customer can be verified by. It costs no try."""


class PromiseRefused(Exception):
    """The promise can't be taken; the message says why, in words fit for the telephone."""


@dataclass(frozen=True)
class OpeningFacts:
    """All that the first half of a call may know."""

    customer_name: str
    business_name: str
    agent_name: str
    # What the customer is asked for: "month and day of birth" or "customer number".
    asked_fact: str


@dataclass(frozen=True)
class IdentityResult:
    verified: bool
    tries_left: int


@dataclass(frozen=True)
class DebtFacts:
    """What may be said once the right party is on the line. Dates are those where the customer is."""

    customer_name: str
    business_name: str
    agent_name: str
    invoice_number: str
    description: str
    balance: Decimal
    currency: str
    due_date: date
    today: date

    @property
    def balance_text(self) -> str:
        return amount_text(self.balance, self.currency)


@dataclass(frozen=True)
class Promise:
    """A promise that the ledger would take."""

    amount: Decimal
    currency: str
    due_date: date

    @property
    def amount_text(self) -> str:
        return amount_text(self.amount, self.currency)


@dataclass(frozen=True)
class SpokenLine:
    """One turn, in milliseconds of the recording's clock. `seq` is unique within the call."""

    seq: int
    speaker: Literal["agent", "caller"]
    text: str
    start_ms: int
    end_ms: int
    interrupted: bool = False
    # Seconds by stage: see TranscriptLine.latency.
    latency: dict[str, float] = field(default_factory=dict)


# Summary and next action by what a call came to.
OUTCOMES: dict[str, tuple[str, str]] = {
    Disposition.PROMISE_TO_PAY: ("The customer promised to pay.", "Wait for the payment."),
    Disposition.WRONG_NUMBER: ("The number belongs to somebody else.", "Find another number."),
    Disposition.THIRD_PARTY: ("Somebody else answered; nothing was disclosed.", "Call again another time."),
    Disposition.VOICEMAIL_NOT_LEFT: (
        "A voicemail answered; no message was left.",
        "Call again another time.",
    ),
    Disposition.NO_RESPONSE: ("Nobody spoke.", "Call again another time."),
    Disposition.VERIFICATION_FAILED: (
        "Who answered could not be verified; nothing was disclosed.",
        "Check the facts on file.",
    ),
    Disposition.HUNG_UP_BEFORE_VERIFICATION: (
        "The line went down before anyone was verified.",
        "Call again another time.",
    ),
    Disposition.HUNG_UP: ("The customer hung up before anything was agreed.", "Call again another time."),
    Disposition.REFUSED: ("The customer refused to pay.", "Decide how to go on."),
    Disposition.CALLBACK: ("The customer asked to be called another time.", "Agree on a time."),
    Disposition.STOP_CALLING: ("The customer asked not to be called again.", "Do not call; write instead."),
    Disposition.UNRESOLVED: ("The conversation ended without an outcome.", "Review the transcript."),
}


def opening_facts(*, call_id: UUID) -> OpeningFacts:
    """Raises Call.DoesNotExist. Holds neither an expected answer nor anything of the debt."""
    customer = Call.objects.select_related("customer").get(pk=call_id).customer
    return OpeningFacts(
        customer_name=customer.name,
        business_name=legal_name(),
        agent_name=settings.AGENT_VOICE_NAME,
        asked_fact="month and day of birth" if _has_birthday(customer) else "customer number",
    )


def agent_ready(*, call_id: UUID) -> bool:
    """The greeting is synthesised and the agent waits in the room. True the first time."""
    return call_note(call_id=call_id, kind="agent_ready", source=SOURCE, agent_ready_at=timezone.now())


@transaction.atomic
def identity_check(
    *, call_id: UUID, birth_month: int | None, birth_day: int | None, customer_number: str | None
) -> IdentityResult:
    """Compare the given facts with those on file. After two failures nothing is compared any more.

    Raises NothingToCompare when none of them can be compared for this customer.
    """
    call = _locked(call_id)
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


def debt_facts(*, call_id: UUID) -> DebtFacts:
    """Raises NotVerified before the right party is verified, NothingOwed when the invoice is no longer open."""
    call = Call.objects.select_related("invoice", "customer").get(pk=call_id)
    if call.verified_at is None:
        raise NotVerified
    invoice = call.invoice
    if invoice.status != Invoice.Status.OPEN or invoice.balance <= 0:
        raise NothingOwed
    return DebtFacts(
        customer_name=call.customer.name,
        business_name=legal_name(),
        agent_name=settings.AGENT_VOICE_NAME,
        invoice_number=invoice.number,
        description=invoice.description,
        balance=invoice.balance_exact,
        currency=invoice.currency,
        due_date=invoice.due_date,
        today=customer_today(call.customer),
    )


def promise_check(*, call_id: UUID, amount: str, due_date: str) -> Promise:
    """What would be recorded for a decimal `amount` and an ISO `due_date`. Raises PromiseRefused or NotVerified."""
    debt = debt_facts(call_id=call_id)
    try:
        day = date.fromisoformat(due_date.strip())
    except ValueError:
        raise PromiseRefused("I did not understand that date. Please say another date.") from None
    try:
        value = amount_clean(amount.strip().replace(",", ""), currency=debt.currency)
    except ValidationError as error:
        raise PromiseRefused(f"{error.messages[0]} Please say another amount.") from None
    if value > debt.balance:
        raise PromiseRefused(f"That is more than the balance. The balance is {debt.balance_text}.")
    if day < debt.today:
        raise PromiseRefused("That date is in the past. Please choose another date.")
    if day > debt.today + PROMISE_WITHIN:
        raise PromiseRefused("That date is too far away. Please choose an earlier date.")
    return Promise(amount=value, currency=debt.currency, due_date=day)


@transaction.atomic
def promise_agree(*, call_id: UUID, amount: Decimal, due_date: date) -> dict[str, str]:
    """Record what was agreed: in the ledger (unless the call is a test), on the call, and as its outcome.

    One transaction; a call's promise is recorded once and answered again unchanged. Raises as `promise_check` does.
    """
    call = _locked(call_id)
    if call.agreed:
        agreed: dict[str, str] = call.agreed[0]
        return agreed
    promise = promise_check(call_id=call_id, amount=str(amount), due_date=due_date.isoformat())
    promise_enter(call, amount=promise.amount, due_date=promise.due_date, source=SOURCE)
    agreed = {
        "kind": "promise_to_pay",
        "invoice": call.invoice.number,
        "amount": str(promise.amount),
        "currency": promise.currency,
        "date": promise.due_date.isoformat(),
    }
    Call.objects.filter(pk=call_id).update(agreed=[agreed])
    _tell(call_id)
    conversation_end(call_id=call_id, disposition=Disposition.PROMISE_TO_PAY)
    return agreed


def conversation_end(*, call_id: UUID, disposition: str, reason: str = "") -> bool:
    """Say what the call came to, unless that is known already. True if this said it."""
    summary, next_action = OUTCOMES[disposition]
    return call_conclude(
        call_id=call_id,
        disposition=disposition,
        source=SOURCE,
        summary=summary,
        next_action=next_action,
        reason=reason,
    )


def caller_hung_up(*, call_id: UUID) -> bool:
    """The phone left before the agent had ended the conversation."""
    verified = Call.objects.filter(pk=call_id, verified_at__isnull=False).exists()
    disposition = Disposition.HUNG_UP if verified else Disposition.HUNG_UP_BEFORE_VERIFICATION
    return conversation_end(call_id=call_id, disposition=disposition, reason="The phone hung up.")


@transaction.atomic
def transcript_append(*, call_id: UUID, lines: Sequence[SpokenLine]) -> None:
    """Store lines; one that is stored already (same `seq`) stays as it is."""
    TranscriptLine.objects.bulk_create(
        [
            TranscriptLine(
                call_id=call_id,
                seq=line.seq,
                speaker=line.speaker,
                text=line.text,
                start_ms=max(line.start_ms, 0),
                end_ms=max(line.end_ms, line.start_ms, 0),
                interrupted=line.interrupted,
                latency=line.latency,
            )
            for line in lines
        ],
        ignore_conflicts=True,
    )
    _tell(call_id)


@transaction.atomic
def speaking_set(*, call_id: UUID, speaker: Literal["", "agent", "caller"]) -> None:
    """Who speaks now, for the live page."""
    if Call.objects.filter(pk=call_id).exclude(speaking=speaker).update(speaking=speaker):
        _tell(call_id)


@transaction.atomic
def usage_record(*, call_id: UUID, usage: dict[str, Any]) -> None:
    """What the conversation consumed; a later record replaces an earlier one."""
    Call.objects.filter(pk=call_id).update(usage=usage, speaking="")
    _tell(call_id)


def _locked(call_id: UUID) -> Call:
    return Call.objects.select_for_update(of=("self",)).select_related("customer", "invoice").get(pk=call_id)


def _tell(call_id: UUID) -> None:
    """Tell open pages after commit. A transcript has too many changes for an audit event each."""
    from calls.live.news import changed

    transaction.on_commit(lambda: changed(call_id))
