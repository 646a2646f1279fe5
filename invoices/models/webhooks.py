"""Who outside is told what happens here: endpoints, messages, and what became of each delivery."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class WebhookEndpoint(models.Model):
    """An address of somebody's system that is told of events, and the secret that what is sent there is signed with."""

    class Off(models.TextChoices):
        BY_HAND = "by_hand", "Switched off by hand"
        GONE = "gone", "It answered that it is gone (410)"
        FAILING = "failing", "It failed for days"

    url = models.URLField("URL", max_length=500, unique=True)
    description = models.CharField(max_length=200, blank=True)
    # Names of message types; none: all of them.
    types = models.JSONField(default=list, blank=True)
    # Sealed: see invoices/webhooks/secrets.py. The one before counts until `old_secret_until`.
    secret = models.TextField(editable=False)
    old_secret = models.TextField(blank=True, editable=False)
    old_secret_until = models.DateTimeField(null=True, blank=True)
    secret_set_at = models.DateTimeField()
    active = models.BooleanField(default=True)
    off_because = models.CharField(max_length=7, choices=Off, blank=True)
    # Since when no delivery has succeeded, while there are some.
    failing_since = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(active=True, off_because="") | (Q(active=False) & ~Q(off_because="")),
                name="webhook_off_for_a_reason",
            )
        ]

    def __str__(self) -> str:
        return self.description or self.url


class WebhookMessage(models.Model):
    """One event as it is told: the same bytes and the same id, however often and to however many. Never changed."""

    # What receivers see in `webhook-id`, and by which they know a repetition.
    id = models.CharField(max_length=40, primary_key=True)
    type = models.CharField(max_length=40)
    # What it tells of; told once.
    about = models.CharField(max_length=100, unique=True)
    payload = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "id"]
        indexes = [models.Index(fields=["created_at"], name="webhook_message_created")]

    def __str__(self) -> str:
        return f"{self.type} {self.id}"


class WebhookDelivery(models.Model):
    """What became of one message at one endpoint."""

    class Status(models.TextChoices):
        PENDING = "pending", "Waiting"
        FAILED = "failed", "Failed, tried again"
        DELIVERED = "delivered", "Delivered"
        DEAD = "dead", "Given up"

    message = models.ForeignKey(WebhookMessage, on_delete=models.PROTECT, related_name="deliveries")
    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.PROTECT, related_name="deliveries")
    status = models.CharField(max_length=9, choices=Status, default=Status.PENDING)
    # Tries that were begun; the claim of a try is to raise it.
    attempts = models.PositiveIntegerField(default=0)
    # The tries of the schedule begin after this one: sending again by hand starts it anew.
    attempts_before = models.PositiveIntegerField(default=0)
    # While a try is under way: when it counts as lost.
    next_try_at = models.DateTimeField(null=True, blank=True)
    last_tried_at = models.DateTimeField(null=True, blank=True)
    # Of the last try: what was answered, or in a word why nothing was, and how long it took.
    response_code = models.PositiveSmallIntegerField(null=True, blank=True)
    problem = models.CharField(max_length=30, blank=True)
    took_ms = models.PositiveIntegerField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "webhook deliveries"
        constraints = [
            models.UniqueConstraint(fields=["message", "endpoint"], name="webhook_delivery_once"),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "failed"], next_try_at__isnull=False)
                | Q(status__in=["delivered", "dead"], next_try_at__isnull=True),
                name="webhook_delivery_waits_or_rests",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(status__in=["pending", "failed"]),
                name="webhook_delivery_due",
            ),
            models.Index(F("endpoint"), F("id").desc(), name="webhook_delivery_newest"),
        ]

    def __str__(self) -> str:
        return f"Delivery {self.pk}"


class WebhookTurn(models.Model):
    """Whose turn it is to send: one worker at a time, so that slow receivers hold up nothing else."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    taken_until = models.DateTimeField()

    def __str__(self) -> str:
        return f"until {self.taken_until}"
