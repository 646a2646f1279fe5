"""May we ring now? `decide` is pure: facts in, decision out."""

from calls.policy.decision import OVERRIDABLE, POLICY_VERSION, Decision, decide, first_open
from calls.policy.places import PlacePack, place_pack
from calls.policy.rule import Reason
from calls.policy.snapshot import Snapshot

__all__ = [
    "OVERRIDABLE",
    "POLICY_VERSION",
    "Decision",
    "PlacePack",
    "Reason",
    "Snapshot",
    "decide",
    "first_open",
    "place_pack",
]
