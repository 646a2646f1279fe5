"""The facts that the guard's corpus is about."""

from datetime import date
from decimal import Decimal

from agent_worker.guard import GuardFacts

LINES = (
    "This is an automated call from Moonlight Supplies Limited. Connecting you to our payment specialist. Please hold.",
    "Connecting you to our payment specialist. Please hold.",
)
STRANGER = GuardFacts(
    business_name="Moonlight Supplies Limited",
    customer_name="Robert Blake",
    agent_name="Casper",
    exact_lines=LINES,
    known_numbers=("+1 213 555 0199",),
)
VERIFIED = GuardFacts(
    business_name="Moonlight Supplies Limited",
    customer_name="Robert Blake",
    agent_name="Casper",
    exact_lines=LINES,
    known_numbers=("+1 213 555 0199",),
    amounts=frozenset({Decimal("8641.97")}),
    allowed_amounts=frozenset({Decimal("100.00"), Decimal("2160.50"), Decimal("20.00")}),
    currency="USD",
    invoice_numbers=("INV-77513",),
    due_dates=(date(2026, 11, 3),),
    allowed_dates=frozenset({date(2026, 12, 4)}),
    descriptions=("Canary seed, twelve sacks",),
)
