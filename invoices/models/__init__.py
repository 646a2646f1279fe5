"""Who owes what, and what has been agreed. Rows are written by `invoices.services` only."""

from invoices.models.agreements import Dispute, Instalment, PaymentPlan, PromiseToPay
from invoices.models.documents import CreditNote, Invoice, InvoiceLine
from invoices.models.files import ImportProblem, ImportRun
from invoices.models.history import Event, Note, PurgePass
from invoices.models.parties import (
    Channel,
    Consent,
    Contact,
    ContactPoint,
    Customer,
    Hold,
    Wish,
)
from invoices.models.payments import Allocation, Payment, Refund
from invoices.models.tokens import ApiToken
from invoices.models.webhooks import WebhookDelivery, WebhookEndpoint, WebhookMessage, WebhookTurn

__all__ = [
    "Allocation",
    "ApiToken",
    "Channel",
    "Consent",
    "Contact",
    "ContactPoint",
    "CreditNote",
    "Customer",
    "Dispute",
    "Event",
    "Hold",
    "ImportProblem",
    "ImportRun",
    "Instalment",
    "Invoice",
    "InvoiceLine",
    "Note",
    "Payment",
    "PaymentPlan",
    "PromiseToPay",
    "PurgePass",
    "Refund",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookMessage",
    "WebhookTurn",
    "Wish",
]
