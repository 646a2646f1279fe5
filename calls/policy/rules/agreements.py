"""What was agreed is waited for. Days are the person's own, to their end."""

from datetime import date

from calls.policy import calendar
from calls.policy.places import whereabouts
from calls.policy.rule import HOUSE, rule
from calls.policy.snapshot import Snapshot


@rule(HOUSE, timed=True, overridable=True)
def promise_due(facts: Snapshot) -> str | None:
    """An open promise for one of the invoices is waited for until its day is over."""
    for promise in facts.promises:
        if promise.open and _about(facts, promise.invoices) and not _over(facts, promise.due):
            return f"The customer has promised to pay by {promise.due:%-d %B %Y}."
    return None


@rule(HOUSE, timed=True, overridable=True)
def plan_behind(facts: Snapshot) -> str | None:
    """A plan of which no instalment is overdue is left alone."""
    for plan in facts.plans:
        if not plan.active or not _about(facts, plan.invoices):
            continue
        if plan.next_unpaid is None:
            return "The customer pays in instalments and has paid them all."
        if not _over(facts, plan.next_unpaid):
            return f"The customer pays in instalments; the next is due on {plan.next_unpaid:%-d %B %Y}."
    return None


def _about(facts: Snapshot, invoices: tuple[str, ...]) -> bool:
    return any(invoice.id in invoices for invoice in facts.invoices)


def _over(facts: Snapshot, day: date) -> bool:
    """Whether `day` is over in every zone the person may be in; without a clock nothing is over."""
    zones = whereabouts(facts).zones
    return bool(zones) and all(calendar.day(facts.now, zone) > day for zone in zones)
