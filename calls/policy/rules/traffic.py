"""Whether anybody may be rung at all right now."""

from calls.policy.rule import HOUSE, rule
from calls.policy.snapshot import Snapshot


@rule(HOUSE)
def kill_switch(facts: Snapshot) -> str | None:
    return "All calls are switched off." if facts.house.kill_switch else None


@rule("47 CFR 64.1200(b)(1); 15 USC 1692a(6)")
def registered_name(facts: Snapshot) -> str | None:
    if facts.house.legal_name.strip():
        return None
    return "The registered legal name of the business is not set, and every call begins with it."


@rule(HOUSE)
def no_other_live_call(facts: Snapshot) -> str | None:
    return "The customer is being rung about another invoice right now." if facts.other_live_call else None


@rule(HOUSE)
def line_free(facts: Snapshot) -> str | None:
    return None if facts.lines_free else "All our lines are in use."


@rule(HOUSE)
def budget_left(facts: Snapshot) -> str | None:
    return "Today's budget for calls is spent." if facts.house.budget_spent else None
