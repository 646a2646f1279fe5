"""Keys with which other systems use the API."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class ApiToken(models.Model):
    """A client's key to the API. Of the secret only its digest is kept.

    It opens what its scopes name, within what its user may, until it expires or is revoked.
    """

    class Scope(models.TextChoices):
        READ = "read", "Read everything"
        CUSTOMERS = "customers:write", "Write customers, and how they may be reached"
        LEDGER = "ledger:write", "Write invoices, money and agreements"
        CALLS = "calls:write", "Ring customers, and cancel calls"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="api_tokens")
    # Which system holds it.
    name = models.CharField(max_length=80)
    scopes = models.JSONField(default=list)
    # The first characters of the secret, by which its holder recognises it.
    hint = models.CharField(max_length=12)
    # SHA-256 of the secret, in hex.
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    # To the minute.
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = "API token"
        default_permissions = ("add", "change", "view")
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="api_token_expires_later"
            )
        ]

    def __str__(self) -> str:
        return self.name
