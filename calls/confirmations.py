"""What was agreed in a call, in writing: asked for in the agreement's own transaction, sent once, followed to its end.

A text message goes to a mobile number whose owner has consented to messages, an e-mail to an address that has not opted
out; a customer who asked for another medium gets neither. Both say no more than needed. Nothing is sent about a call to
the test number, or before the right party was verified.
"""

import logging
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from smtplib import SMTPException
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from calls import books
from calls.house import house_rules, legal_name
from calls.models import Call, Confirmation
from calls.telephony import client
from invoices.addresses import phone_text
from invoices.events import event_record
from invoices.models import Channel, Consent, ContactPoint, Customer, Wish
from invoices.money import amount_text

logger = logging.getLogger(__name__)
SOURCE = "worker"
Status = Confirmation.Status

# The carrier's error for a number whose owner has answered STOP.
UNSUBSCRIBED = 21610
MAY_TEXT = (ContactPoint.LineType.MOBILE, ContactPoint.LineType.UNKNOWN)
# From which states the carrier's report leads to each.
REPORTED: dict[str, tuple[str, ...]] = {
    Status.QUEUED: (Status.SENDING, Status.UNKNOWN),
    Status.SENT: (Status.SENDING, Status.UNKNOWN, Status.QUEUED),
    Status.DELIVERED: (Status.SENDING, Status.UNKNOWN, Status.QUEUED, Status.SENT),
    Status.UNDELIVERED: (Status.SENDING, Status.UNKNOWN, Status.QUEUED, Status.SENT),
    Status.FAILED: (Status.SENDING, Status.UNKNOWN, Status.QUEUED, Status.SENT),
}
# What stays so long was lost: by the queue, or with the worker that sent it.
QUEUED_WITHIN = timedelta(seconds=30)
SENT_WITHIN = timedelta(minutes=2)
BATCH = 100


class SendLater(Exception):
    """Nothing was sent; the confirmation waits to be sent again."""


def agreement_confirm(*, call: Call, agreement: dict[str, Any]) -> list[Confirmation]:
    """Confirm the promise or plan that stands at the end of this call, an entry of `Call.agreed`.

    Inside the transaction that concludes the call.
    """
    day = date.fromisoformat(agreement["date"])
    amount = amount_text(Decimal(agreement["amount"]), agreement["currency"])
    parts = agreement.get("instalments", [])
    if parts:
        first = amount_text(Decimal(parts[0]["amount"]), agreement["currency"])
        what = f"you agreed to pay {amount} in {len(parts)} instalments, the first of {first} by"
    else:
        what = f"you promised to pay {amount} by"
    text = f"{what} {day.day} {day:%B %Y}. Thank you."
    return _ask(call, Confirmation.About.PROMISE, text, (Channel.SMS, Channel.EMAIL))


def how_to_pay_send(*, call: Call) -> list[Confirmation]:
    """Send how to pay, for which the person on the line has just asked, as a text message."""
    return _ask(
        call, Confirmation.About.HOW_TO_PAY, f"how to pay. {settings.PAYMENT_INSTRUCTIONS}", (Channel.SMS,)
    )


def _ask(call: Call, about: str, text: str, channels: Iterable[Channel]) -> list[Confirmation]:
    if call.is_test or call.verified_at is None:
        return []
    made = []
    for channel in channels:
        point = _point(call.customer, channel)
        if point is None:
            continue
        confirmation, is_new = Confirmation.objects.get_or_create(
            call=call,
            about=about,
            channel=channel,
            defaults={"contact_point": point, "body": _body(text, channel)},
        )
        if is_new:
            made.append(confirmation)
            _tell(confirmation, "confirmation_asked")
            transaction.on_commit(lambda pk=confirmation.pk: confirmation_enqueue(pk))  # type: ignore[misc]
    return made


def _body(text: str, channel: str) -> str:
    number = house_rules().callback_number
    questions = f" Questions? Call {phone_text(number)}." if number else ""
    stop = " Reply STOP to get no more messages." if channel == Channel.SMS else ""
    return f"{legal_name()}: {text}{questions}{stop}"


def _point(customer: Customer, channel: Channel) -> ContactPoint | None:
    """Where the customer may be written to by `channel`; None: not at all."""
    if (channel == Channel.EMAIL and not settings.EMAIL_FROM) or _unwelcome(customer, channel):
        return None
    points = customer.contact_points.filter(allows_messages=True, wrong_at=None)
    if channel == Channel.EMAIL:
        points = points.filter(kind=ContactPoint.Kind.EMAIL)
        return next((point for point in points if _last_act(point, channel) != Consent.Act.REVOKED), None)
    points = points.filter(kind=ContactPoint.Kind.PHONE, line_type__in=MAY_TEXT)
    return next((point for point in points if _last_act(point, channel) == Consent.Act.GIVEN), None)


def _unwelcome(customer: Customer, channel: str) -> bool:
    standing = customer.wishes.filter(withdrawn_at=None)
    not_by = Q(kind=Wish.Kind.NOT_BY, channel=channel)
    only_by = Q(kind=Wish.Kind.ONLY_BY) & ~Q(channel=channel)
    return standing.filter(not_by | only_by).exists()


def _last_act(point: ContactPoint, channel: str) -> str:
    """What was said last about this channel to this number or address; "" for nothing."""
    said = Consent.objects.filter(
        Q(contact_point=point) | Q(contact_point=None), customer=point.customer_id, channel=channel
    )
    last = said.order_by("captured_at", "id").last()
    return last.act if last else ""


def confirmation_enqueue(confirmation_id: UUID) -> None:
    """Queue the sending. A queue that is away loses nothing: the sweep asks again."""
    from calls.tasks import send_confirmation

    try:
        send_confirmation.delay(str(confirmation_id))
    except Exception:
        logger.exception("confirmation %s: the queue is away", confirmation_id)


def confirmation_send(*, confirmation_id: UUID) -> None:
    """Send one, once. Does nothing for one that somebody else has claimed. Raises SendLater where nothing was sent."""
    if not _move(confirmation_id, Status.SENDING, (Status.PENDING,)):
        return
    confirmation = Confirmation.objects.select_related("contact_point", "call__customer").get(
        pk=confirmation_id
    )
    if confirmation.channel == Confirmation.Channel.SMS:
        _text(confirmation)
    else:
        _mail(confirmation)


def _text(confirmation: Confirmation) -> None:
    try:
        sid = client.message_create(
            confirmation_id=confirmation.pk, to=confirmation.contact_point.value, body=confirmation.body
        )
    except client.CarrierError as error:
        logger.warning("confirmation %s: carrier error %s", confirmation.pk, error)
        if error.retryable:
            _move(confirmation.pk, Status.PENDING, (Status.SENDING,))
            raise SendLater from error
        _move(
            confirmation.pk,
            Status.FAILED if error.rejected else Status.UNKNOWN,
            (Status.SENDING,),
            error.code,
        )
        if error.code == UNSUBSCRIBED:
            _unsubscribe(confirmation)
        return
    _adopt(confirmation.pk, sid)
    _move(confirmation.pk, Status.QUEUED, REPORTED[Status.QUEUED])


def _mail(confirmation: Confirmation) -> None:
    message = EmailMessage(
        subject=f"Your agreement with {legal_name()}",
        body=confirmation.body,
        from_email=settings.EMAIL_FROM,
        to=[confirmation.contact_point.value],
    )
    server = get_connection(timeout=settings.EMAIL_TIMEOUT)
    try:
        server.open()
    except (OSError, SMTPException) as error:
        logger.warning("confirmation %s: mail server %s", confirmation.pk, type(error).__name__)
        _move(confirmation.pk, Status.PENDING, (Status.SENDING,))
        raise SendLater from error
    try:
        server.send_messages([message])
        server.close()
    except (OSError, SMTPException) as error:
        logger.warning("confirmation %s: mail server %s", confirmation.pk, type(error).__name__)
        _move(confirmation.pk, Status.UNKNOWN, (Status.SENDING,))
        return
    _move(confirmation.pk, Status.SENT, (Status.SENDING,))


def _unsubscribe(confirmation: Confirmation) -> None:
    books.consent_write(
        confirmation.call,
        Consent.Act.REVOKED,
        Channel.SMS,
        "The carrier reports that this number has unsubscribed from messages.",
        contact_point=confirmation.contact_point,
        basis=Consent.Basis.WRITTEN,
        source=SOURCE,
    )


def confirmation_status_apply(*, confirmation_id: UUID, sid: str, status: str, error_code: str = "") -> bool:
    """What the carrier reports of a message. False for what is unknown, repeated, late, or of another message."""
    if status not in REPORTED or not _adopt(confirmation_id, sid):
        return False
    code = int(error_code) if error_code.isascii() and error_code.isdigit() and len(error_code) < 7 else None
    return _move(confirmation_id, status, REPORTED[status], code)


def _adopt(confirmation_id: UUID, sid: str) -> bool:
    """True if `sid` is this message's at the carrier; one that has none yet takes it, whoever brings it first."""
    rows = Confirmation.objects.filter(pk=confirmation_id)
    if not sid or Confirmation.objects.filter(carrier_sid=sid).exclude(pk=confirmation_id).exists():
        return False
    rows.filter(carrier_sid=None).update(carrier_sid=sid)
    return rows.filter(carrier_sid=sid).exists()


@transaction.atomic
def _move(confirmation_id: UUID, to: str, sources: Iterable[str], error_code: int | None = None) -> bool:
    moved = Confirmation.objects.filter(pk=confirmation_id, status__in=list(sources)).update(
        status=to, error_code=error_code or None, changed_at=timezone.now()
    )
    if moved and to not in (Status.SENDING, Status.PENDING):
        _tell(Confirmation.objects.select_related("call").get(pk=confirmation_id), f"confirmation_{to}")
    return bool(moved)


def _tell(confirmation: Confirmation, kind: str) -> None:
    event_record(
        object_type="call",
        object_id=confirmation.call_id,
        kind=kind,
        source=SOURCE,
        after={"about": confirmation.about, "channel": confirmation.channel},
    )


def confirmations_sweep() -> None:
    """Send what the queue lost; what a worker took along when it died may have been sent."""
    now = timezone.now()
    waiting = Confirmation.objects.filter(status=Status.PENDING, created_at__lt=now - QUEUED_WITHIN)
    for pk in waiting.values_list("pk", flat=True)[:BATCH]:
        confirmation_enqueue(pk)
    lost = Confirmation.objects.filter(status=Status.SENDING, changed_at__lt=now - SENT_WITHIN)
    for pk in lost.values_list("pk", flat=True)[:BATCH]:
        _move(pk, Status.UNKNOWN, (Status.SENDING,))
