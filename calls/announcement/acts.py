"""What the announcement does for the person on the line: each act is one service, which is safe to repeat."""

import logging
import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from calls import books, confirmations, conversation, transfers
from calls.announcement import words
from calls.announcement.prompt import Prompt
from calls.announcement.steps import Choice
from calls.conversation import DisputeRefused, IdentityResult, NothingToCompare, PromiseRefused, SpokenLine
from calls.models import Call, Disposition, TranscriptLine
from calls.opt_outs import call_opt_out
from calls.services import call_conclude
from invoices.models import Channel, Consent, ContactPoint, Customer, Dispute

logger = logging.getLogger(__name__)
SOURCE = "agent"
BIRTHDAY_DIGITS = 4
DISPUTES: dict[Choice, str] = {
    Choice.PAID: Dispute.Reason.ALREADY_PAID,
    Choice.WRONG_AMOUNT: Dispute.Reason.WRONG_AMOUNT,
    Choice.NOT_RECEIVED: Dispute.Reason.NOT_RECEIVED,
    Choice.OTHER_REASON: Dispute.Reason.OTHER,
}
# How long a voice speaks, for each letter of the text: nobody tells when it has ended.
LETTER_MS = 65
# The announcement's lines are numbered from here: those of an agent that it took over from come in still.
FIRST_LINE = 10_000


def end(call_id: UUID, disposition: str, text: str, *, reason: str = "") -> Prompt:
    """The call has come to this; say `text` and hang up."""
    conversation.conversation_end(call_id=call_id, disposition=disposition, reason=reason)
    return Prompt(text)


def stop(call: Call, choice: Choice, *, wording: str) -> Prompt:
    """No more calls: kept at once, or until somebody has looked at what was said."""
    if choice == Choice.STOP:
        call_opt_out(call_id=call.pk, scope="phone", wording=wording, certainty="certain")
        return end(call.pk, Disposition.STOP_CALLING, words.STOPPED)
    call_opt_out(call_id=call.pk, scope="phone", wording=wording, certainty="doubtful")
    call_conclude(
        call_id=call.pk,
        disposition=Disposition.STOP_CALLING,
        source=SOURCE,
        summary="The customer may not want to be called again.",
        next_action="Review what was said; lift the hold if it was not meant.",
    )
    return Prompt(words.STOPPED_PERHAPS)


def can_be_verified(customer: Customer) -> bool:
    """Whether there is a fact on file that keys can tell."""
    birthday = customer.birth_month is not None and customer.birth_day is not None
    by_birthday = customer.kind == Customer.Kind.PERSON and birthday
    return by_birthday or len(re.sub(r"\D", "", customer.number)) >= BIRTHDAY_DIGITS


def verify(call: Call, digits: str) -> IdentityResult | None:
    """Four digits are a birthday where one is on file, anything else a customer number; None for no digits at all."""
    facts = conversation.opening_facts(call_id=call.pk)
    by_birthday = len(digits) == BIRTHDAY_DIGITS and facts.asked_fact != "customer number"
    given = re.sub(r"\D", "", digits)
    try:
        if by_birthday and len(given) == BIRTHDAY_DIGITS:
            return conversation.identity_check(
                call_id=call.pk, birth_month=int(given[:2]), birth_day=int(given[2:]), customer_number=None
            )
        return conversation.identity_check(
            call_id=call.pk, birth_month=None, birth_day=None, customer_number=given or digits
        )
    except NothingToCompare:
        return None


def how_to_pay_offer(call: Call) -> str:
    """What key 1 does, in words; "" where it does nothing."""
    if not settings.PAYMENT_INSTRUCTIONS:
        return ""
    return "To get a text message with how to pay" if _mobile(call) else "To hear how to pay"


def how_to_pay(call: Call) -> Prompt | None:
    """A text message to the phone in their hand, which pressing the key asks for; read out where it is no mobile."""
    conversation.debt_facts(call_id=call.pk)
    if not settings.PAYMENT_INSTRUCTIONS:
        return None
    point = _mobile(call)
    if point is not None:
        with transaction.atomic():
            _message_consent(call, point)
            sent = confirmations.how_to_pay_send(call=call)
        if sent:
            return end(call.pk, Disposition.LINK_SENT, words.SENT)
    return end(call.pk, Disposition.LINK_SENT, words.how_to_pay(settings.PAYMENT_INSTRUCTIONS))


def _mobile(call: Call) -> ContactPoint | None:
    """The customer's own number that was rung, if text messages may reach it."""
    if call.is_test:
        return None
    return call.customer.contact_points.filter(
        kind=ContactPoint.Kind.PHONE,
        value=call.to_number,
        allows_messages=True,
        wrong_at=None,
        line_type__in=confirmations.MAY_TEXT,
    ).first()


def _message_consent(call: Call, point: ContactPoint) -> None:
    asked = Consent.objects.filter(source_call_id=call.pk, channel=Channel.SMS, act=Consent.Act.GIVEN)
    if not asked.exists():
        books.consent_write(
            call,
            Consent.Act.GIVEN,
            Channel.SMS,
            "Pressed 1 in a call to get a text message with how to pay.",
            contact_point=point,
        )


def propose(call: Call, days: int) -> str:
    """Remember the whole balance in `days` days for the read-back; words of refusal where the ledger would not."""
    debt = conversation.debt_facts(call_id=call.pk)
    day = debt.today + timedelta(days=days)
    try:
        promise = conversation.promise_check(
            call_id=call.pk, amount=str(debt.balance), due_date=day.isoformat()
        )
    except PromiseRefused as refusal:
        return str(refusal)
    proposed = {"amount": str(promise.amount), "date": promise.due_date.isoformat()}
    Call.objects.filter(pk=call.pk).update(proposed=proposed)
    return ""


def promise(call: Call) -> tuple[str, Prompt | None]:
    """What was read back is agreed, to the cent and the day: (why not, None) or ("", what is said)."""
    try:
        agreed = conversation.promise_agree(
            call_id=call.pk,
            amount=Decimal(call.proposed["amount"]),
            due_date=date.fromisoformat(call.proposed["date"]),
        )
    except PromiseRefused as refusal:
        return str(refusal), None
    conversation.conversation_end(call_id=call.pk)
    return "", Prompt(words.promised(agreed, written=call.confirmations.exists()))


def dispute(call: Call, choice: Choice) -> Prompt:
    """Open a dispute about all that is left; one that stands already is enough."""
    try:
        conversation.dispute_open(call_id=call.pk, position=1, amount=None, reason=DISPUTES[choice])
    except DisputeRefused:
        logger.info("call %s: disputed already", call.pk)
    if choice == Choice.PAID:
        conversation.payment_claim(call_id=call.pk, amount=None, paid_on=None, method=None)
        return end(call.pk, Disposition.PAID_CLAIMED, words.PAID)
    return end(call.pk, Disposition.DISPUTE, words.DISPUTED)


def human(call: Call) -> Prompt:
    """To a colleague where one can be reached now, else somebody rings back."""
    if transfers.transfer_begin(call_id=call.pk):
        return transfers.connecting()
    return call_back(call.pk)


def call_back(call_id: UUID, *, before: str = "") -> Prompt:
    transfers.callback_conclude(call_id=call_id)
    return Prompt(f"{before} Thank you. {words.GOODBYE}" if before else words.CALL_BACK)


def heard(call_id: UUID, choice: Choice, digits: str) -> None:
    """The caller's turn in the transcript; silence is none."""
    if choice != Choice.NOTHING:
        _line(call_id, "caller", words.heard(choice, digits=digits))


def said(call_id: UUID, prompt: Prompt) -> Prompt:
    """The announcement's turn in the transcript, as it is sent to the phone."""
    _line(call_id, "agent", prompt.text)
    return prompt


@transaction.atomic
def _line(call_id: UUID, speaker: Literal["agent", "caller"], text: str) -> None:
    """Times are since the agent's part began, where it had one, else since the answer: no recording has them."""
    call = Call.objects.select_for_update().get(pk=call_id)
    last = TranscriptLine.objects.filter(call=call, seq__gte=FIRST_LINE).aggregate(seq=Max("seq"))["seq"]
    start = timezone.now() - (call.stream_opened_at or call.answered_at or timezone.now())
    start_ms = max(0, round(start.total_seconds() * 1000))
    # An answer cuts off what is being said.
    TranscriptLine.objects.filter(call=call, seq=last, end_ms__gt=start_ms).update(end_ms=start_ms)
    conversation.transcript_append(
        call_id=call_id,
        lines=[
            SpokenLine(
                seq=FIRST_LINE if last is None else last + 1,
                speaker=speaker,
                text=text,
                start_ms=start_ms,
                end_ms=start_ms + (LETTER_MS * len(text) if speaker == "agent" else 0),
            )
        ],
    )
