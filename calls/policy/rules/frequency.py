"""How often. All windows are calendar days where the person is, and every zone they may be in must allow the call.

What the customer began and what was done by hand counts like a call of ours.
"""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from calls.policy import calendar
from calls.policy.consent import asked_to_be_rung, voice_consent
from calls.policy.packs import ELSEWHERE, LANDLINE, Cap
from calls.policy.places import whereabouts
from calls.policy.rule import HOUSE, Because, rule
from calls.policy.snapshot import OTHER_CHANNELS, Contact, Snapshot

FEDERAL_CALLS = 7
FEDERAL_DAYS = 7
AFTER_CONVERSATION_DAYS = 7
HOUSE_DAYS = 7
# The media that a cap leaves out.
LEFT_OUT = {"voice": OTHER_CHANNELS, "messages": frozenset({"email", "letter"}), "all": frozenset()}


@rule("12 CFR 1006.14(b)(2)(i)(A)", timed=True)
def debt_calls(facts: Snapshot) -> str | None:
    """At most 7 calls about a debt in 7 days, with this one."""
    for zone in _zones(facts):
        if asked_to_be_rung(facts, zone):
            continue
        for invoice in facts.invoices:
            calls = [
                each
                for each in facts.contacts
                if each.rang and not each.by_consent and each.about(invoice.id)
            ]
            if _within(calls, FEDERAL_DAYS, facts, zone) >= FEDERAL_CALLS:
                return (
                    f"There were {FEDERAL_CALLS} calls about invoice {invoice.number} in {FEDERAL_DAYS} days."
                )
    return None


@rule("12 CFR 1006.14(b)(2)(i)(B)", timed=True)
def after_conversation(facts: Snapshot) -> str | None:
    """None for 7 days after a conversation about the debt, whose own day is the first."""
    for zone in _zones(facts):
        if asked_to_be_rung(facts, zone):
            continue
        for invoice in facts.invoices:
            talks = [each for each in facts.contacts if each.talked and each.about(invoice.id)]
            if _within(talks, AFTER_CONVERSATION_DAYS, facts, zone):
                return (
                    f"We have spoken with the customer about invoice {invoice.number}; after a conversation nobody"
                    f" is rung for {AFTER_CONVERSATION_DAYS} days."
                )
    return None


@rule("the place's own law", timed=True)
def place_cap(facts: Snapshot) -> Because | None:
    """The caps of every place that applies."""
    where = whereabouts(facts)
    for pack in where.packs:
        for cap in pack.caps:
            if _binds(cap, facts) and any(_reached(cap, facts, zone) for zone in where.zones):
                return Because(f"In {pack.place} there may be {cap}, and that many there were.", cap.source)
    return None


@rule(HOUSE, timed=True, overridable=True)
def person_calls(facts: Snapshot) -> str | None:
    """The house's own cap for a person, whatever the calls were about."""
    calls = [each for each in facts.contacts if each.rang]
    most = facts.house.calls_per_person
    if any(_within(calls, HOUSE_DAYS, facts, zone) >= most for zone in _zones(facts)):
        return f"The house rings a customer at most {most} times in {HOUSE_DAYS} days."
    return None


@rule(HOUSE, timed=True, overridable=True)
def days_between(facts: Snapshot) -> str | None:
    """Days from one attempt to the next, unless the person has asked to be rung."""
    attempts = [each for each in facts.contacts if each.attempted]
    for zone in _zones(facts):
        if not asked_to_be_rung(facts, zone) and _within(attempts, facts.house.days_between, facts, zone):
            return f"The last attempt was less than {_days(facts.house.days_between)} ago."
    return None


@rule(HOUSE, overridable=True)
def attempts_left(facts: Snapshot) -> str | None:
    """After so many attempts about a debt without a conversation a human takes over."""
    for invoice in facts.invoices:
        about = [each for each in facts.contacts if each.about(invoice.id)]
        spoke = max((each.at for each in about if each.talked), default=None)
        attempts = [each for each in about if each.attempted and (spoke is None or each.at > spoke)]
        if len(attempts) >= facts.house.most_attempts:
            return f"After {len(attempts)} attempts about invoice {invoice.number} without a word a person takes over."
    return None


def _zones(facts: Snapshot) -> tuple[ZoneInfo, ...]:
    return whereabouts(facts).zones


def _within(contacts: Iterable[Contact], days: int, facts: Snapshot, zone: ZoneInfo) -> int:
    """How many of them are in the `days` calendar days that end today."""
    return sum(calendar.days_since(each.at, facts.now, zone) < days for each in contacts)


def _binds(cap: Cap, facts: Snapshot) -> bool:
    if cap.only == ELSEWHERE:
        return facts.number.place != "home"
    if cap.only == LANDLINE:
        business = facts.person.kind == "business"
        return facts.number.line_type == "landline" and not business and voice_consent(facts) is None
    return True


def _reached(cap: Cap, facts: Snapshot, zone: ZoneInfo) -> bool:
    counted = [each for each in facts.contacts if each.counts and _counts_for(cap, each)]
    groups = [counted]
    if cap.per == "debt":
        groups = [[each for each in counted if each.about(invoice.id)] for invoice in facts.invoices]
    return any(_within(group, cap.days, facts, zone) >= cap.contacts for group in groups)


def _counts_for(cap: Cap, contact: Contact) -> bool:
    if contact.channel in LEFT_OUT[cap.media]:
        return False
    silent = (
        contact.channel not in OTHER_CHANNELS
        and contact.outcome == "no_answer"
        and not contact.message_possible
    )
    return not (cap.skips_unreachable and silent)


def _days(count: int) -> str:
    return "a day" if count == 1 else f"{count} days"
