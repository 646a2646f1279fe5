"""Holds, and debts that may not be asked for."""

from decimal import Decimal

from calls.policy.places import told, whereabouts
from calls.policy.rule import HOUSE, Rule, rule
from calls.policy.snapshot import Hold, Snapshot

# Kind -> (citation, what it says).
KINDS = {
    "attorney_represented": ("12 CFR 1006.6(b)(2)", "The customer is represented by an attorney"),
    "cease_communication": ("12 CFR 1006.6(c)", "The customer has asked in writing for all contact to end"),
    "bankruptcy": ("11 USC 362", "The customer is bankrupt"),
    "dispute": ("12 CFR 1006.38(d)(2)", "The debt is disputed"),
    "hardship": (HOUSE, "The customer is in hardship"),
    "deceased": ("12 CFR 1006.6(a)(4)", "The customer has died"),
    "minor": ("12 CFR 1006.6(a)(2)", "The customer is a minor"),
    "breathing_space": ("SI 2020/1311", "The customer is in Breathing Space"),
    "time_barred": ("12 CFR 1006.26(b)", "The debt is too old to sue for, and a promise may revive it"),
    "legal": (HOUSE, "Legal proceedings are under way"),
    "manual": (HOUSE, "Somebody has stopped all contact by hand"),
}
# True of the person, whichever invoice they were written down with.
OF_THE_PERSON = frozenset({"deceased", "minor", "cease_communication"})


def _hold_rule(kind: str, citation: str, text: str) -> Rule:
    """The rule that no hold of `kind` stands."""

    def check(facts: Snapshot) -> str | None:
        return _in_words(text, [hold for hold in _standing(facts) if hold.kind == kind], facts)

    return Rule(f"hold_{kind}", citation, check, timed=True)


HOLD_RULES = tuple(_hold_rule(kind, citation, text) for kind, (citation, text) in KINDS.items())


@rule(HOUSE, timed=True)
def hold_unknown(facts: Snapshot) -> str | None:
    """A hold of a kind that no rule knows forbids like any other."""
    return _in_words("There is a hold", [hold for hold in _standing(facts) if hold.kind not in KINDS], facts)


@rule("12 CFR 1006.38(d)(2)")
def something_undisputed(facts: Snapshot) -> str | None:
    """Only what is not disputed is asked for; nothing of a wholly disputed invoice."""
    for invoice in facts.invoices:
        if invoice.disputed > 0 and invoice.balance - invoice.disputed <= max(
            facts.house.tolerance, Decimal(0)
        ):
            return f"The customer disputes all that is left to pay of invoice {invoice.number}."
    return None


@rule("12 CFR 1006.34")
def validation_notice(facts: Snapshot) -> str | None:
    """Who collects for somebody else sends it first; the law would allow five days."""
    american = any(pack.code == "US" for pack in whereabouts(facts).packs)
    if facts.house.mode == "creditor" or facts.person.kind == "business" or not american:
        return None
    for invoice in facts.invoices:
        if not invoice.validation_notice_sent:
            return f"The validation notice for invoice {invoice.number} has not been sent."
    return None


def _standing(facts: Snapshot) -> list[Hold]:
    return [hold for hold in facts.holds if _stands(hold, facts)]


def _in_words(text: str, holds: list[Hold], facts: Snapshot) -> str | None:
    """`text` with the day it ends, if every one of `holds` has one; None without holds."""
    if not holds:
        return None
    ends = [hold.ends_at for hold in holds if hold.ends_at is not None]
    until = f", until {told(max(ends), facts)}" if len(ends) == len(holds) else ""
    return f"{text}{until}."


def _stands(hold: Hold, facts: Snapshot) -> bool:
    if not hold.starts_at <= facts.now or (hold.ends_at is not None and facts.now >= hold.ends_at):
        return False
    everything = hold.invoice is None or hold.kind in OF_THE_PERSON
    return everything or any(invoice.id == hold.invoice for invoice in facts.invoices)
