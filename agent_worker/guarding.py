"""What the output guard is told of a call: nothing of the debt before it may be spoken of."""

from decimal import Decimal

from agent_worker.guard import GuardFacts
from agent_worker.spoken.folding import fold
from agent_worker.spoken.numbers import quantities
from agent_worker.spoken.phrases import expanded
from calls.conversation import Debts, OpeningFacts


def guard_facts(facts: OpeningFacts | None, debts: Debts | None) -> GuardFacts:
    """`debts` once the right party is verified. Amounts that the customer names are added as they are named."""
    if facts is None:
        return GuardFacts()
    if debts is None:
        return GuardFacts(
            business_name=facts.business_name,
            customer_name=facts.customer_name,
            agent_name=facts.agent_name,
        )
    return GuardFacts(
        business_name=debts.business_name,
        customer_name=debts.customer_name,
        agent_name=debts.agent_name,
        amounts=frozenset(_amounts(debts)),
        currency=debts.currency,
        invoice_numbers=tuple(each.number for each in debts.invoices),
        due_dates=tuple(each.due_date for each in debts.invoices),
        allowed_dates=None,
        descriptions=tuple(text for each in debts.invoices for text, _ in each.lines),
        known_numbers=tuple(filter(None, [debts.callback_number])),
    )


def _amounts(debts: Debts) -> set[Decimal]:
    lines = {amount for each in debts.invoices for _, amount in each.lines}
    balances = {amount for each in debts.invoices for amount in (each.balance, each.disputed, each.asked)}
    return lines | balances | {debts.total, debts.unallocated, debts.plan_limits.least_instalment}


def amounts_said(text: str) -> frozenset[Decimal]:
    """Every number in what a caller said, in digits or words, in all ways in which it may be meant."""
    return frozenset(
        reading for number in quantities(expanded(fold(text)).text) for reading in number.readings
    )
