"""Disputes: opened, upheld by a credit note, rejected, withdrawn."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from invoices.events import event_record
from invoices.fields import amount_at, text_at
from invoices.models import CreditNote, Dispute, Invoice
from invoices.services.credits import credit_note_issue
from invoices.services.idempotency import digest_of, once
from invoices.services.posting import books_open
from invoices.states import DISPUTE_TRANSITIONS, sources_of

Status = Dispute.Status
DISPUTABLE = (Invoice.Status.OPEN, Invoice.Status.UNCOLLECTIBLE)


@transaction.atomic
def dispute_open(
    *,
    invoice: Invoice,
    reason: str,
    amount: Decimal | str | None = None,
    description: str = "",
    evidence: str = "",
    source_call_id: UUID | None = None,
    idempotency_key: str = "",
    source: str,
    actor: User | None = None,
) -> Dispute:
    """Contest `amount` of what an invoice owes, or all of it. An invoice has one open dispute at most.

    Asked again from the same call, the standing dispute is answered. Raises ValidationError by field, KeyReused.
    """
    if reason not in Dispute.Reason.values:
        raise ValidationError({"reason": "That is not a reason for a dispute."})
    said = text_at("description", description, longest=1000)
    proof = text_at("evidence", evidence, longest=500)
    part = None if amount is None else amount_at("amount", amount, currency=invoice.currency)
    books = books_open(customer_id=invoice.customer_id, source=source, actor=actor)

    def make() -> Dispute:
        contested = books.invoice(invoice.pk)
        standing = contested.disputes.filter(status=Status.OPEN).first()
        if standing is not None:
            if source_call_id is not None and standing.source_call_id == source_call_id:
                return standing
            raise ValidationError({"invoice": "There is an open dispute about this invoice already."})
        if contested.status not in DISPUTABLE:
            raise ValidationError({"invoice": "Nothing is owed of this invoice."})
        value = contested.balance if part is None else part
        if value > contested.balance:
            raise ValidationError({"amount": "That is more than is owed."})
        dispute = Dispute.objects.create(
            invoice=contested,
            reason=reason,
            amount=value,
            description=said,
            evidence=proof,
            source_call_id=source_call_id,
            idempotency_key=idempotency_key or None,
            idempotency_digest=digest,
        )
        _note(dispute, "dispute_opened", source, actor, after={"amount": str(value), "reason": reason})
        return dispute

    digest = digest_of(invoice=invoice.pk, reason=reason, amount=part, description=said, evidence=proof)
    return once(Dispute, key=idempotency_key, digest=digest, make=make)


@transaction.atomic
def dispute_uphold(
    *,
    dispute: Dispute,
    credit_note_number: str,
    resolution: str,
    issued_on: date,
    amount: Decimal | str | None = None,
    source: str,
    actor: User | None = None,
) -> Dispute:
    """The customer was right: credit the disputed amount, or `amount` of it. Raises ValidationError keyed by field."""
    said = text_at("resolution", resolution, longest=500, required=True)
    books_open(customer_id=dispute.invoice.customer_id, source=source, actor=actor)
    value = (
        dispute.amount if amount is None else amount_at("amount", amount, currency=dispute.invoice.currency)
    )
    if value > dispute.amount:
        raise ValidationError({"amount": "That is more than was disputed."})
    credit_note = credit_note_issue(
        invoice=dispute.invoice,
        number=credit_note_number,
        amount=value,
        reason=CreditNote.Reason.DISPUTE,
        issued_on=issued_on,
        source=source,
        actor=actor,
    )
    return _close(dispute, Status.UPHELD, said, source, actor, credit_note=credit_note)


@transaction.atomic
def dispute_reject(*, dispute: Dispute, resolution: str, source: str, actor: User | None = None) -> Dispute:
    """The invoice was right. Raises ValidationError for a dispute that is closed."""
    return _close_with(dispute, Status.REJECTED, resolution, source, actor)


@transaction.atomic
def dispute_withdraw(*, dispute: Dispute, resolution: str, source: str, actor: User | None = None) -> Dispute:
    """The customer takes the dispute back. Raises ValidationError for a dispute that is closed."""
    return _close_with(dispute, Status.WITHDRAWN, resolution, source, actor)


def _close_with(dispute: Dispute, to: str, resolution: str, source: str, actor: User | None) -> Dispute:
    said = text_at("resolution", resolution, longest=500, required=True)
    books_open(customer_id=dispute.invoice.customer_id, source=source, actor=actor)
    return _close(dispute, to, said, source, actor)


def _close(
    dispute: Dispute,
    to: str,
    resolution: str,
    source: str,
    actor: User | None,
    credit_note: CreditNote | None = None,
) -> Dispute:
    rows = Dispute.objects.filter(pk=dispute.pk, status__in=sources_of(DISPUTE_TRANSITIONS, to))
    closed = rows.update(status=to, resolution=resolution, closed_at=timezone.now(), credit_note=credit_note)
    if not closed:
        raise ValidationError({"dispute": "This dispute is closed."})
    dispute.refresh_from_db()
    _note(dispute, f"dispute_{to}", source, actor, after={"status": to}, reason=resolution[:300])
    return dispute


def _note(
    dispute: Dispute,
    kind: str,
    source: str,
    actor: User | None,
    after: dict[str, str],
    reason: str = "",
) -> None:
    for object_type, object_id in (("dispute", dispute.pk), ("invoice", dispute.invoice_id)):
        event_record(
            object_type=object_type,
            object_id=object_id,
            kind=kind,
            source=source,
            actor=actor,
            customer_id=dispute.invoice.customer_id,
            after=after,
            reason=reason,
        )
