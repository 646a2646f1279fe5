"""Payment plans: equal instalments within what staff allow."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal, get_args
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from calls import books
from calls.conversation.common import ConversationOver, Refused, act_note, call_row
from calls.conversation.facts import ZERO, Debts, debts, debts_of, invoices_named, numbers_of
from calls.conversation.promises import agreement_withdraw_of
from calls.conversation.said import day_ahead
from calls.conversation.standing import Entry, agreement_standing, agreement_stands
from calls.models import Disposition
from invoices.money import amount_text, minor_units

Every = Literal["week", "two_weeks", "month"]


class PlanRefused(Refused):
    """The plan can't be taken; the message says why, in words fit for the telephone."""


@dataclass(frozen=True)
class Plan:
    """A plan that the ledger would take. `parts` are (day, amount), in order; they come to `total`."""

    total: Decimal
    currency: str
    parts: tuple[tuple[date, Decimal], ...]
    every: str
    invoices: tuple[str, ...] = ()
    invoice_ids: tuple[int, ...] = ()

    @property
    def total_text(self) -> str:
        return amount_text(self.total, self.currency)

    @property
    def entry(self) -> Entry:
        """As `Call.agreed` has it; `date` is that of the first instalment."""
        return {
            "kind": "payment_plan",
            "invoice": ", ".join(self.invoices),
            "amount": str(self.total),
            "currency": self.currency,
            "date": self.parts[0][0].isoformat(),
            "instalments": [{"date": day.isoformat(), "amount": str(amount)} for day, amount in self.parts],
        }


def plan_check(
    *, call_id: UUID, instalments: int, every: str, first_date: str, positions: tuple[int, ...] = ()
) -> Plan:
    """What would be recorded: all that is open and undisputed of the named invoices, in `instalments` equal parts.

    Without `positions` it is for the call's own invoice. Raises PlanRefused, NotVerified, NothingOwed.
    """
    return _checked(debts(call_id=call_id), instalments, every, first_date, positions)


@transaction.atomic
def plan_agree(
    *, call_id: UUID, instalments: int, every: str, first_date: str, positions: tuple[int, ...] = ()
) -> Entry:
    """Record the plan, in the ledger (unless the call is a test) and on the call; answers the call's entry.

    It takes the place of what was agreed before in this call; the same again changes nothing. Raises as `plan_check`
    does, and ConversationOver.
    """
    call = call_row(call_id)
    plan = _checked(debts_of(call), instalments, every, first_date, positions)
    if agreement_standing(call) == plan.entry:
        return plan.entry
    if call.disposition:
        raise ConversationOver
    try:
        books.plan_write(call, plan.invoice_ids, plan.parts)
    except ValidationError:
        raise PlanRefused(
            "There are instalments agreed for this already. A colleague will look at that with you."
        ) from None
    agreement_stands(call, plan.entry)
    act_note(
        call,
        "plan_agreed",
        disposition=Disposition.PAYMENT_PLAN,
        next_action="Wait for the first instalment.",
        **plan.entry,
    )
    return plan.entry


@transaction.atomic
def agreement_withdraw(*, call_id: UUID) -> bool:
    """The customer takes back what was agreed in this call. False where nothing stands; raises ConversationOver."""
    call = call_row(call_id)
    if call.disposition:
        raise ConversationOver
    return agreement_withdraw_of(call, reason="Taken back in the same call.")


def _checked(known: Debts, count: int, every: str, first: str, positions: tuple[int, ...]) -> Plan:
    limits = known.plan_limits
    if every not in get_args(Every):
        raise PlanRefused("Instalments can be every week, every two weeks or every month.")
    if not 2 <= count <= limits.most_instalments:
        raise PlanRefused(f"I can offer from 2 to {limits.most_instalments} instalments.")
    day = day_ahead(first, today=known.today, within_days=known.promise_within_days, refusal=PlanRefused)
    days = days_of(day, every, count)
    if days[-1] > known.today + timedelta(days=limits.longest_days):
        raise PlanRefused("That takes too long. Please choose fewer instalments or shorter intervals.")
    named = invoices_named(known, positions, PlanRefused)
    total = sum((each.asked for each in named), ZERO)
    if not total:
        raise PlanRefused("All of that is disputed; nothing has to be paid until we have looked into it.")
    amounts = split(total, known.currency, count)
    if min(amounts) < max(limits.least_instalment, Decimal(1).scaleb(-minor_units(known.currency))):
        least = known.text(limits.least_instalment)
        raise PlanRefused(f"An instalment has to be at least {least}. Please choose fewer instalments.")
    return Plan(
        total=total,
        currency=known.currency,
        parts=tuple(zip(days, amounts, strict=True)),
        every=every,
        invoices=numbers_of(named),
        invoice_ids=tuple(each.id for each in named),
    )


def split(total: Decimal, currency: str, count: int) -> list[Decimal]:
    """`total` in `count` parts, exact to the minor unit; what is left over goes to the first ones, a unit each."""
    unit = Decimal(1).scaleb(-minor_units(currency))
    base, rest = divmod(int(total / unit), count)
    return [(base + (position < rest)) * unit for position in range(count)]


def days_of(first: date, every: str, count: int) -> list[date]:
    """The days of the instalments; a month without the first one's day ends the month."""
    if every == "month":
        return [_months_later(first, months) for months in range(count)]
    step = timedelta(days=7 if every == "week" else 14)
    return [first + step * position for position in range(count)]


def _months_later(first: date, months: int) -> date:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, min(first.day, monthrange(year, month + 1)[1]))
