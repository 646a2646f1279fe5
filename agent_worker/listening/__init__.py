"""What is listened for in every recognised turn, before any model sees it: docs/conversation-guards.md."""

from agent_worker.listening.answers import answer_to
from agent_worker.listening.cards import Secret, card_digits, may_continue, redact
from agent_worker.listening.hear import Heard, Kind, hear

__all__ = ["Heard", "Kind", "Secret", "answer_to", "card_digits", "hear", "may_continue", "redact"]
