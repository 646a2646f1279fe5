"""What may be said once the right party is on the line: the open invoices of one currency, and what staff allow."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet, Sum

from calls.conversation.common import NothingOwed, NotVerified, Refused, call_row
from calls.house import legal_name
from calls.house_talk import PlanLimits, agent_voice, talk_limits
from calls.models import Call
from invoices.local_time import customer_today
from invoices.models import Customer, Dispute, Invoice, Payment
from invoices.money import amount_exact, amount_text
from invoices.party_selectors import holds_standing

ZERO = Decimal(0)
# A conversation covers so many invoices; who owes more is helped better by a person and a statement.
MOST_INVOICES = 20
R = TypeVar("R", bound=Refused)


@dataclass(frozen=True)
class OpenInvoice:
    """One invoice. `position` names it through the whole call; `disputed` is the part of `balance` not asked for."""

    position: int
    number: str
    description: str
    balance: Decimal
    due_date: date
    # (description, amount with tax) in the invoice's order.
    lines: tuple[tuple[str, Decimal], ...] = ()
    disputed: Decimal = ZERO
    id: int = field(default=0, repr=False)

    @property
    def asked(self) -> Decimal:
        return max(self.balance - self.disputed, ZERO)


@dataclass(frozen=True)
class Debts:
    """What may be said once the right party is on the line. Dates are those where the customer is.

    `total` is the sum of the balances; `unallocated` is money of this currency that settles no invoice yet.
    """

    customer_name: str
    business_name: str
    agent_name: str
    today: date
    currency: str
    invoices: tuple[OpenInvoice, ...]
    total: Decimal
    unallocated: Decimal
    has_other_currency: bool
    payment_instructions: str
    callback_number: str
    plan_limits: PlanLimits
    promise_within_days: int

    @property
    def own(self) -> OpenInvoice:
        """The invoice that the call is about; the first of the others where it was settled meanwhile."""
        return self.invoices[0]

    def text(self, amount: Decimal) -> str:
        return amount_text(amount, self.currency)


@dataclass(frozen=True)
class DebtFacts:
    """The call's own invoice alone. Dates are those where the customer is."""

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


@transaction.atomic
def debts(*, call_id: UUID) -> Debts:
    """The call's own invoice first, then the customer's other open ones in its currency, those due first first.

    The first answer fixes which invoices the call speaks of, and their positions. Raises NotVerified before the right
    party is verified, NothingOwed when nothing of it is open any more.
    """
    return debts_of(call_row(call_id))


def debts_of(call: Call) -> Debts:
    """`debts` for a call under lock."""
    if call.verified_at is None:
        raise NotVerified
    customer, currency = call.customer, call.invoice.currency
    voice, limits = agent_voice(), talk_limits()
    found = _open_invoices(call)
    if not found:
        raise NothingOwed
    credit = customer.payments.filter(status=Payment.Status.CLEARED, currency=currency)
    unallocated = credit.aggregate(sum=Sum("unallocated"))["sum"] or ZERO
    others = _owing(customer).exclude(currency=currency)
    return Debts(
        customer_name=customer.name,
        business_name=legal_name(),
        agent_name=voice.name,
        today=customer_today(customer),
        currency=currency,
        invoices=found,
        total=sum((each.balance for each in found), ZERO),
        unallocated=amount_exact(unallocated, currency),
        has_other_currency=others.exists(),
        payment_instructions=limits.payment_instructions,
        callback_number=voice.callback_number,
        plan_limits=limits.plan,
        promise_within_days=limits.promise_within_days,
    )


def debt_facts(*, call_id: UUID) -> DebtFacts:
    """Raises NotVerified before the right party is verified, NothingOwed when nothing is open any more."""
    known = debts(call_id=call_id)
    return DebtFacts(
        customer_name=known.customer_name,
        business_name=known.business_name,
        agent_name=known.agent_name,
        invoice_number=known.own.number,
        description=known.own.description,
        balance=known.own.balance,
        currency=known.currency,
        due_date=known.own.due_date,
        today=known.today,
    )


def invoices_named(known: Debts, positions: tuple[int, ...], refusal: type[R]) -> tuple[OpenInvoice, ...]:
    """The invoices at `positions`, without any the call's own. Raises `refusal` for one that is not there."""
    if not positions:
        return (known.own,)
    wanted = set(positions)
    named = tuple(each for each in known.invoices if each.position in wanted)
    if len(named) != len(wanted):
        raise refusal("I do not find that invoice among the open ones. Please say which one you mean.")
    return named


def numbers_of(invoices: tuple[OpenInvoice, ...]) -> tuple[str, ...]:
    return tuple(each.number for each in invoices)


def _owing(customer: Customer) -> QuerySet[Invoice]:
    return customer.invoices.filter(status=Invoice.Status.OPEN, balance__gt=0)


def _open_invoices(call: Call) -> tuple[OpenInvoice, ...]:
    """Those that the call speaks of and that are still open."""
    places = {pk: position for position, pk in enumerate(_discussed(call), start=1)}
    rows = _owing(call.customer).filter(pk__in=places).prefetch_related("lines")
    contested = {
        dispute.invoice_id: dispute.amount
        for dispute in Dispute.objects.filter(invoice__in=places, status=Dispute.Status.OPEN)
    }
    found = (_open_invoice(row, places[row.pk], contested.get(row.pk, ZERO)) for row in rows)
    return tuple(sorted(found, key=lambda each: each.position))


def _open_invoice(row: Invoice, position: int, contested: Decimal) -> OpenInvoice:
    return OpenInvoice(
        position=position,
        number=row.number,
        description=row.description,
        balance=row.balance_exact,
        due_date=row.due_date,
        lines=tuple(
            (line.description, amount_exact(line.net + line.tax, row.currency)) for line in row.lines.all()
        ),
        disputed=amount_exact(min(contested, row.balance), row.currency),
        id=row.pk,
    )


def _discussed(call: Call) -> list[int]:
    """Ids of the invoices that the call speaks of, in the order of their positions; chosen once.

    An invoice under a hold of its own is left out: nobody may be asked for it.
    """
    if call.discussed:
        return list(call.discussed)
    if call.invoice.status != Invoice.Status.OPEN or call.invoice.balance <= 0:
        return []
    held = set(holds_standing(call.customer).exclude(invoice=None).values_list("invoice_id", flat=True))
    others = _owing(call.customer).filter(currency=call.invoice.currency).exclude(pk=call.invoice_id)
    ordered = others.exclude(pk__in=held).order_by("due_date", "id").values_list("pk", flat=True)
    call.discussed = [call.invoice_id, *ordered[: MOST_INVOICES - 1]]
    Call.objects.filter(pk=call.pk).update(discussed=call.discussed)
    return list(call.discussed)
