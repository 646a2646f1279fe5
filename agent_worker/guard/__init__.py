"""The output guard: a text is held against the rules before it is spoken. docs/conversation-guards.md says what for."""

from agent_worker.guard.check import check
from agent_worker.guard.facts import Finding, GuardFacts, Phase, Verdict
from agent_worker.guard.sentences import Sentence, SentenceGuard

__all__ = ["Finding", "GuardFacts", "Phase", "Sentence", "SentenceGuard", "Verdict", "check"]
