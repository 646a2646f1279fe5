"""What is kept about a call: decisions, words, the rules' look at it, messages that follow, and the next try."""

import uuid

from django.db import models
from django.db.models import Q

from calls.models.calls import LONGEST_REASON, Call
from invoices.models import ContactPoint


class ContactDecision(models.Model):
    """The policy's answer at one moment, with what it looked at."""

    class Moment(models.TextChoices):
        REQUEST = "request", "When asked for"
        DIAL = "dial", "Before dialling"
        RINGING = "ringing", "While it rang"
        ANSWER = "answer", "When answered"

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="decisions")
    moment = models.CharField(max_length=10, choices=Moment)
    allowed = models.BooleanField()
    # [{"rule": "...", "citation": "...", "text": "...", "lifts_at": "2026-11-24T09:00:00Z"}], empty when allowed;
    # `lifts_at` is None when no time will.
    reasons = models.JSONField(default=list)
    # What rules that were set aside would have said, written like `reasons`.
    overridden = models.JSONField(default=list)
    facts = models.JSONField(default=dict)
    policy_version = models.CharField(max_length=20)
    next_allowed_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.moment}: {'allowed' if self.allowed else 'blocked'}"


class TranscriptLine(models.Model):
    """One turn as it was spoken, timed in milliseconds of the recording's clock."""

    class Speaker(models.TextChoices):
        AGENT = "agent", "Agent"
        CALLER = "caller", "Caller"

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="transcript")
    seq = models.PositiveIntegerField()
    speaker = models.CharField(max_length=6, choices=Speaker)
    text = models.TextField()
    start_ms = models.PositiveIntegerField()
    end_ms = models.PositiveIntegerField()
    interrupted = models.BooleanField(default=False)
    # Seconds by stage, as far as known: {"e2e": s, "llm_ttft": s, "tts_ttfb": s, "transcription": s, "endpointing": s}
    latency = models.JSONField(default=dict)

    class Meta:
        ordering = ["start_ms", "seq"]
        constraints = [models.UniqueConstraint(fields=["call", "seq"], name="transcript_line_once")]

    def __str__(self) -> str:
        return f"{self.call_id} #{self.seq}"


class CallReview(models.Model):
    """What the rules found in a call that is over; written by `calls.aftermath` alone."""

    call = models.OneToOneField(Call, on_delete=models.CASCADE, related_name="review")
    # [{"name": "ai", "said": true, "at_ms": 1200}]: in the order in which they are due; `at_ms` is None if not said.
    disclosures = models.JSONField(default=list)
    # [{"name": "promise_read_back", "passed": true, "at_ms": 31000}]: None where it did not apply.
    checks = models.JSONField(default=list)
    # Something was not as it has to be: a person should look at the call.
    needs_attention = models.BooleanField(default=False)
    rules_version = models.CharField(max_length=20)
    # Staff have set outcome, summary or next action themselves; no rule touches these any more.
    corrected_at = models.DateTimeField(null=True)
    reviewed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["needs_attention"], name="review_needs_attention")]

    def __str__(self) -> str:
        return f"Review of {self.call_id}"


class Confirmation(models.Model):
    """A message to a customer about what was agreed, or asked for, in a call. It is sent at most once."""

    class Channel(models.TextChoices):
        SMS = "sms", "Text message"
        EMAIL = "email", "E-mail"

    class About(models.TextChoices):
        PROMISE = "promise", "Promise to pay"
        HOW_TO_PAY = "how_to_pay", "How to pay"

    class Status(models.TextChoices):
        PENDING = "pending", "To be sent"
        SENDING = "sending", "Being sent"
        QUEUED = "queued", "Taken by the carrier"
        SENT = "sent", "Sent"
        DELIVERED = "delivered", "Delivered"
        UNDELIVERED = "undelivered", "Not delivered"
        FAILED = "failed", "Refused"
        # The answer never came: it may have been sent, so it is not sent again.
        UNKNOWN = "unknown", "May have been sent"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="confirmations")
    about = models.CharField(max_length=10, choices=About)
    channel = models.CharField(max_length=5, choices=Channel)
    contact_point = models.ForeignKey(ContactPoint, on_delete=models.PROTECT, related_name="+")
    body = models.CharField(max_length=1600)
    status = models.CharField(max_length=11, choices=Status, default=Status.PENDING)
    carrier_sid = models.CharField(max_length=40, null=True, unique=True)  # noqa: DJ001 (unique, absent until known)
    # The carrier's, where it did not take or deliver it.
    error_code = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(fields=["call", "about", "channel"], name="confirmation_once"),
        ]
        indexes = [models.Index(fields=["status", "created_at"])]

    def __str__(self) -> str:
        return f"{self.get_about_display()}: {self.get_status_display().lower()}"


class Retry(models.Model):
    """One more call that is planned after `call`, which nobody answered. Written by `calls.retries` alone."""

    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting"
        USED = "used", "Made"
        WITHDRAWN = "withdrawn", "Withdrawn"

    call = models.OneToOneField(Call, on_delete=models.CASCADE, related_name="retry")
    status = models.CharField(max_length=9, choices=Status, default=Status.WAITING)
    # 1 for the first retry after a call that somebody asked for.
    attempt = models.PositiveSmallIntegerField()
    # None only for one that was withdrawn before it had an hour.
    due_at = models.DateTimeField(null=True)
    # What was made of it.
    new_call = models.OneToOneField(Call, null=True, on_delete=models.CASCADE, related_name="retry_of")
    # Why it was withdrawn, or why it waits longer than was planned.
    reason = models.CharField(max_length=LONGEST_REASON, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "retries"
        ordering = ["-id"]
        default_permissions = ("view", "change")
        indexes = [models.Index(fields=["due_at"], condition=Q(status="waiting"), name="retry_waiting")]

    def __str__(self) -> str:
        return f"Retry {self.attempt} of call {self.call_id}"
