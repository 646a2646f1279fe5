"""The books of one customer, locked while they are written. Nothing else changes a balance.

A posting is gathered in memory and written at once: allocations, credits, the balances and states that follow from
them, one event for each change, and the judgement of promises and plans that the money touches.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import reduce
from operator import or_

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import Case, DecimalField, Max, Q, Sum, Value, When

from invoices.events import event_draft, events_record
from invoices.models import Allocation, CreditNote, Customer, Event, Invoice, Payment, Refund
from invoices.states import INVOICE_TRANSITIONS

Status = Invoice.Status
Cause = Allocation.Cause
ZERO = Decimal(0)
# What a payment may be put to.
COLLECTABLE = (Status.OPEN, Status.UNCOLLECTIBLE)


class BooksChanged(RuntimeError):
    """A row was not as it was read under the customer's lock: somebody writes past the posting services."""


@dataclass
class Books:
    """One customer's money under lock, for one transaction. Open it with `books_open`, write it with `close`."""

    customer: Customer
    source: str
    actor: User | None
    reason: str = ""
    _invoices: dict[int, Invoice] = field(default_factory=dict)
    _payments: dict[int, Payment] = field(default_factory=dict)
    # As they were read: (status, balance), unallocated.
    _invoices_before: dict[int, tuple[str, Decimal]] = field(default_factory=dict)
    _payments_before: dict[int, Decimal] = field(default_factory=dict)
    # The balance that the last event of each invoice left.
    _noted: dict[int, Decimal] = field(default_factory=dict)
    _allocations: list[Allocation] = field(default_factory=list)
    _events: list[Event] = field(default_factory=list)

    def invoices(self, wanted: Q, order: Sequence[str] = ("due_date", "id")) -> list[Invoice]:
        """The customer's invoices that fit, oldest due first, as they stand in these books."""
        return [self._known(invoice) for invoice in self.customer.invoices.filter(wanted).order_by(*order)]

    def invoice(self, invoice_id: int | None) -> Invoice:
        """One invoice of this customer; raises ValidationError for another's."""
        if invoice_id in self._invoices:
            return self._invoices[invoice_id]
        found = self.invoices(Q(pk=invoice_id))
        if not found:
            raise ValidationError({"invoice": "That is not an invoice of this customer."})
        return found[0]

    def _known(self, invoice: Invoice) -> Invoice:
        known = self._invoices.setdefault(invoice.pk, invoice)
        self._invoices_before.setdefault(invoice.pk, (invoice.status, invoice.balance))
        return known

    def payment(self, payment_id: int) -> Payment:
        """One payment of this customer."""
        if payment_id not in self._payments:
            self.add_payment(Payment.objects.get(pk=payment_id, customer=self.customer))
        return self._payments[payment_id]

    def add_payment(self, payment: Payment) -> None:
        self._payments[payment.pk] = payment
        self._payments_before[payment.pk] = payment.unallocated

    def settled_by(self, wanted: Q) -> dict[tuple[int, int], Decimal]:
        """What is allocated, by (payment, invoice), the newest allocation first; pairs with nothing left are absent."""
        rows = Allocation.objects.filter(wanted).values("payment_id", "invoice_id")
        sums = (
            rows.annotate(settled=Sum("amount"), newest=Max("id")).filter(settled__gt=0).order_by("-newest")
        )
        return {(row["payment_id"], row["invoice_id"]): row["settled"] for row in sums}

    def allocate(
        self,
        *,
        payment: Payment,
        invoice: Invoice,
        amount: Decimal,
        cause: str,
        refund: Refund | None = None,
        credit_note: CreditNote | None = None,
    ) -> None:
        """Put `amount` of the payment to the invoice; a negative amount takes it off again and is credit."""
        payment.unallocated -= amount
        if invoice.status != Status.VOID:
            invoice.balance -= amount
        self._allocations.append(
            Allocation(
                payment=payment,
                invoice=invoice,
                amount=amount,
                cause=cause,
                refund=refund,
                credit_note=credit_note,
            )
        )
        kind = "payment_posted" if amount > 0 else "payment_released"
        self.note(invoice, kind, amount=str(abs(amount)), payment=payment.pk, cause=cause)

    def note(self, invoice: Invoice, kind: str, **after: object) -> None:
        """An event of an invoice, with the balance that it found and the one that it leaves."""
        before = self._noted.get(invoice.pk, self._invoices_before[invoice.pk][1])
        self._noted[invoice.pk] = invoice.balance
        self._events.append(
            self._draft(
                "invoice",
                invoice.pk,
                kind,
                before={"balance": str(before)},
                after={"balance": str(invoice.balance), **after},
            )
        )

    def note_of(self, object_type: str, object_id: int, kind: str, **after: object) -> None:
        """An event of the payment, refund or credit note that this posting is for."""
        self._events.append(self._draft(object_type, object_id, kind, after=after))

    def _draft(
        self,
        object_type: str,
        object_id: int,
        kind: str,
        *,
        before: dict[str, object] | None = None,
        after: dict[str, object] | None = None,
    ) -> Event:
        return event_draft(
            object_type=object_type,
            object_id=object_id,
            kind=kind,
            source=self.source,
            actor=self.actor,
            customer_id=self.customer.pk,
            before=before,
            after=after,
            reason=self.reason,
        )

    def move(self, invoice: Invoice, to: str) -> None:
        """Bring an invoice to another state; raises ValidationError where the table of states has no such way."""
        if to not in INVOICE_TRANSITIONS[invoice.status]:
            raise ValidationError(
                {"invoice": f"An invoice that is {invoice.get_status_display().lower()} can't become {to}."}
            )
        before, invoice.status = invoice.status, to
        self._events.append(
            self._draft(
                "invoice", invoice.pk, f"invoice_{to}", before={"status": before}, after={"status": to}
            )
        )

    def close(self) -> None:
        """Write everything. Raises BooksChanged, and the transaction is lost, if a row was changed meanwhile."""
        for invoice in self._invoices.values():
            self._settle(invoice)
        Allocation.objects.bulk_create(self._allocations)
        self._write_payments()
        self._write_invoices()
        events_record(self._events)
        touched = {allocation.invoice_id for allocation in self._allocations} | set(self._noted)
        if touched:
            from invoices.services.judging import agreements_judge

            agreements_judge(
                customer=self.customer, invoice_ids=touched, source=self.source, actor=self.actor
            )

    def _settle(self, invoice: Invoice) -> None:
        """Paid when nothing is owed any more; owed again when something is."""
        if invoice.balance == 0 and invoice.status in COLLECTABLE:
            self.move(invoice, Status.PAID)
        elif invoice.balance > 0 and invoice.status == Status.PAID:
            self.move(invoice, Status.OPEN)

    def _write_payments(self) -> None:
        changed = [
            payment
            for payment in self._payments.values()
            if payment.unallocated != self._payments_before[payment.pk]
        ]
        for payment in changed:
            as_read = Payment.objects.filter(pk=payment.pk, unallocated=self._payments_before[payment.pk])
            if not as_read.update(unallocated=payment.unallocated):
                raise BooksChanged(f"payment {payment.pk}")

    def _write_invoices(self) -> None:
        changed = [
            invoice
            for invoice in self._invoices.values()
            if (invoice.status, invoice.balance) != self._invoices_before[invoice.pk]
        ]
        if not changed:
            return
        as_read = reduce(or_, (_as(invoice.pk, *self._invoices_before[invoice.pk]) for invoice in changed))
        written = Invoice.objects.filter(as_read).update(
            balance=Case(
                *(When(pk=each.pk, then=Value(each.balance)) for each in changed),
                output_field=DecimalField(max_digits=15, decimal_places=4),
            ),
            status=Case(*(When(pk=each.pk, then=Value(each.status)) for each in changed)),
        )
        if written != len(changed):
            raise BooksChanged(f"invoices {[each.pk for each in changed]}")


def _as(pk: int, status: str, balance: Decimal) -> Q:
    return Q(pk=pk, status=status, balance=balance)


def books_open(*, customer_id: int, source: str, actor: User | None = None, reason: str = "") -> Books:
    """Lock a customer's books; whoever posts for the same customer waits. Must be called inside a transaction."""
    customer = Customer.objects.select_for_update().get(pk=customer_id)
    return Books(customer=customer, source=source, actor=actor, reason=reason)


def oldest_first(books: Books, currency: str, besides: Iterable[int] = ()) -> list[Invoice]:
    """What a payment without instruction settles: open invoices of its currency, oldest due first."""
    return books.invoices(Q(status=Status.OPEN, currency=currency, balance__gt=0) & ~Q(pk__in=list(besides)))
