"""Whether there is something to collect."""

from calls.policy.rule import HOUSE, rule
from calls.policy.snapshot import Snapshot


@rule(HOUSE)
def invoice_open(facts: Snapshot) -> str | None:
    """Every invoice to be spoken of is open and owes something."""
    if not facts.invoices:
        return "There is nothing to collect: no invoice is named."
    for invoice in facts.invoices:
        if invoice.status != "open":
            return f"There is nothing to collect: invoice {invoice.number} is {invoice.status}."
        if invoice.balance <= 0:
            return f"There is nothing to collect: nothing is left to pay of invoice {invoice.number}."
    return None


@rule(HOUSE)
def one_currency(facts: Snapshot) -> str | None:
    if len({invoice.currency for invoice in facts.invoices}) <= 1:
        return None
    return "One call speaks of invoices in one currency, and these are in several."


@rule(HOUSE, overridable=True)
def above_tolerance(facts: Snapshot) -> str | None:
    for invoice in facts.invoices:
        if 0 < invoice.balance <= facts.house.tolerance:
            return f"So little is left to pay of invoice {invoice.number} that nobody is rung about it."
    return None


@rule(HOUSE, overridable=True)
def no_payment_pending(facts: Snapshot) -> str | None:
    for invoice in facts.invoices:
        if invoice.payment_pending:
            return f"A payment for invoice {invoice.number} is on its way."
    return None


@rule(HOUSE, overridable=True)
def not_excluded(facts: Snapshot) -> str | None:
    return (
        "A person looks after this customer; the voice rings nobody of them."
        if facts.person.exclude_from_dunning
        else None
    )
