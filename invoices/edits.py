"""Corrections that staff make by hand, each with its event."""

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Model

from invoices.events import event_record
from invoices.models import Invoice


@transaction.atomic
def row_correct(*, row: Model, fields: list[str], source: str, actor: User | None = None) -> None:
    """Save the named, already validated fields of a customer or a draft, and record what they were before.

    Raises ValueError for an invoice that has been issued: those are corrected by new documents.
    """
    stored = type(row)._default_manager.select_for_update().get(pk=row.pk)
    if isinstance(stored, Invoice) and stored.status != Invoice.Status.DRAFT:
        raise ValueError("An issued invoice can't be changed.")
    if not fields:
        return
    row.save(update_fields=fields)
    event_record(
        object_type=row._meta.model_name or "",
        object_id=row.pk,
        kind="corrected",
        source=source,
        actor=actor,
        before=_texts(stored, fields),
        after=_texts(row, fields),
    )


def _texts(row: Model, fields: list[str]) -> dict[str, Any]:
    return {name: str(getattr(row, name)) for name in fields}
