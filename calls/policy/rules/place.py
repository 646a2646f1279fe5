"""Whether the place is one we know the law of, and whether its law lets us."""

from calls.policy.places import blocked_text, whereabouts
from calls.policy.rule import HOUSE, Because, rule
from calls.policy.snapshot import Snapshot


@rule(HOUSE)
def place_supported(facts: Snapshot) -> str | None:
    """A place without a pack is blocked."""
    unknown = whereabouts(facts).unknown
    return unknown[0] if unknown else None


@rule("the place's own law")
def place_open(facts: Snapshot) -> Because | None:
    for pack in whereabouts(facts).packs:
        spared = pack.blocks == "persons" and facts.person.kind == "business"
        if pack.blocked and not spared:
            return Because(blocked_text(pack), pack.source)
    return None


@rule("the place's own law")
def owner_confirmed(facts: Snapshot) -> Because | None:
    for pack in whereabouts(facts).packs:
        for name, what in pack.confirm.items():
            if not facts.house.confirmations.get(name, "").strip():
                return Because(f"For {pack.place} the owner has to confirm {what}.", pack.source)
    return None
