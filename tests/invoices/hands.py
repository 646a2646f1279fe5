"""Postings as tests make them: everything in pounds, from a staff's hand, today."""

from datetime import UTC, datetime, timedelta
from typing import Any

from invoices.services.credits import credit_note_issue
from invoices.services.documents import invoice_create
from invoices.services.payments import payment_record, payment_refund

TODAY = datetime.now(tz=UTC).date()
WHO: dict[str, Any] = {"source": "staff"}


def owing(customer, number="INV-1", total="100.00", ago=10, **changes):
    fields = {
        "currency": "GBP",
        "issue_date": TODAY - timedelta(days=ago + 30),
        "due_date": TODAY - timedelta(days=ago),
        "total": total,
        **WHO,
        **changes,
    }
    return invoice_create(customer=customer, number=number, **fields)


def paid(customer, amount, **changes):
    fields = {"currency": "GBP", "received_on": TODAY, **WHO, **changes}
    return payment_record(customer=customer, amount=amount, **fields)


def credited(invoice, amount, number="CN-1", **changes):
    fields = {"reason": "return", "issued_on": TODAY, **WHO, **changes}
    return credit_note_issue(invoice=invoice, number=number, amount=amount, **fields)


def refunded(payment, amount, **changes):
    fields = {"refunded_on": TODAY, "reason": "Paid twice.", **WHO, **changes}
    return payment_refund(payment=payment, amount=amount, **fields)


def stands(invoice) -> Any:
    invoice.refresh_from_db()
    return invoice.status, invoice.balance


def fields_of(error):
    return list(error.value.message_dict)
