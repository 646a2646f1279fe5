"""The ledger in the admin: every row is shown, and changed only by acts that go through the services."""

from invoices.admin import agreements, documents, history, parties, payments, reach, tokens, webhooks

__all__ = ["agreements", "documents", "history", "parties", "payments", "reach", "tokens", "webhooks"]
