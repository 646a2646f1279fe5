"""What happened, and what people wrote about it."""

from django.conf import settings
from django.db import models

from invoices.models.documents import Invoice
from invoices.models.parties import Customer


class Event(models.Model):
    """One change of one object: who, what, before and after, why. Append-only."""

    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT)
    source = models.CharField(max_length=20)
    # Whose timeline it is part of, where it is a customer's.
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.PROTECT, related_name="events", db_index=False
    )
    object_type = models.CharField(max_length=20)
    object_id = models.CharField(max_length=40)
    kind = models.CharField(max_length=40)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["object_type", "object_id", "id"]),
            models.Index(fields=["customer", "-id"], name="event_of_customer"),
            models.Index(fields=["at"], name="event_at"),
        ]

    def __str__(self) -> str:
        return f"{self.object_type} {self.object_id}: {self.kind}"


class Note(models.Model):
    """What somebody wrote about a customer or one of the invoices. Append-only."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="notes")
    invoice = models.ForeignKey(
        Invoice, null=True, blank=True, on_delete=models.PROTECT, related_name="notes"
    )
    text = models.CharField(max_length=2000)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.text[:60]


class PurgePass(models.Model):
    """While a row is here, in the transaction that sees it, old rows of append-only tables may be deleted."""

    reason = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.reason
