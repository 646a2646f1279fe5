"""May we ring now? `decide` is pure: facts in, decision out."""

from calls.policy.decision import POLICY_VERSION, Decision, decide
from calls.policy.rules import Reason
from calls.policy.snapshot import Snapshot

__all__ = ["POLICY_VERSION", "Decision", "Reason", "Snapshot", "decide"]
