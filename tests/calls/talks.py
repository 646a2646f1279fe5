"""A customer with invoices on the telephone, verified; and what of the ledger has changed."""

from datetime import date
from typing import Any

from django.apps import apps
from django.db.models import Model

from calls.models import Call
from calls.states import Status
from invoices.models import Event, Invoice
from invoices.services.documents import invoice_create
from invoices.services.parties import customer_create


def talk(*totals: str, is_test: bool = False, verified: bool = True, **customer: Any) -> Call:
    """A call in progress about the first of the invoices of these totals, each due a month after the one before.

    The customer lives in London and owes in pounds unless told otherwise.
    """
    from django.utils import timezone

    currency, prefix = customer.pop("currency", "GBP"), customer.pop("prefix", "INV")
    owner = customer_create(
        source="test",
        **{
            "number": "C-77",
            "name": "Alice Walker",
            "phone": "+442079460107",
            "email": "alice@example.com",
            "country": "GB",
            "time_zone": "Europe/London",
            "birth_month": 2,
            "birth_day": 28,
            **customer,
        },
    )
    invoices = [
        owe(owner, f"{prefix}-{position}", total, currency=currency, due_date=date(2026, 5 + position, 20))
        for position, total in enumerate(totals or ("120.50",), start=1)
    ]
    return Call.objects.create(
        invoice=invoices[0],
        customer=owner,
        status=Status.IN_PROGRESS,
        to_number=customer.get("phone", "+442079460107"),
        is_test=is_test,
        placed_at=timezone.now(),
        answered_at=timezone.now(),
        stream_opened_at=timezone.now(),
        verified_at=timezone.now() if verified else None,
    )


def owe(customer: Any, number: str, total: str, **fields: Any) -> Invoice:
    given = {"currency": "GBP", "issue_date": date(2026, 5, 1), "due_date": date(2026, 6, 20), **fields}
    return invoice_create(customer=customer, source="test", number=number, total=total, **given)


def events(call: Call) -> list[str]:
    rows = Event.objects.filter(object_type="call", object_id=str(call.pk)).order_by("id")
    return list(rows.values_list("kind", flat=True))


def ledger() -> dict[str, list[dict[str, Any]]]:
    """Every row of the ledger by kind, events aside."""
    models = [model for model in apps.get_app_config("invoices").get_models() if model is not Event]
    return {model._meta.model_name or "": _rows(model) for model in models}


def _rows(model: type[Model]) -> list[dict[str, Any]]:
    return list(model._default_manager.order_by("pk").values())


def changed(before: dict[str, list[dict[str, Any]]]) -> tuple[str, ...]:
    """The kinds of rows that are not as they were."""
    after = ledger()
    return tuple(sorted(kind for kind in after if after[kind] != before[kind]))
