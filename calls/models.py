"""What happened on the phone. Rows are written by the services of this app only."""

import uuid
from datetime import time
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from calls.states import LIVE, Status
from invoices.models import ContactPoint, Customer, Invoice

# Before a call's id, the name of its room.
ROOM_PREFIX = "debt-collection-"
# Characters of the reason for setting house rules aside.
LONGEST_REASON = 200


# The end reason of a call of which nobody knows whether it was dialled.
MAY_HAVE_RUNG = "It may have rung."


class Disposition(models.TextChoices):
    """What a call came to; the field's terms."""

    # Nobody was reached.
    NO_ANSWER = "no_answer", "No answer"
    BUSY = "busy", "Busy"
    FAILED = "failed", "Failed"
    INVALID_NUMBER = "invalid_number", "Invalid number"
    VOICEMAIL_LEFT = "voicemail_left", "Voicemail, message left"
    VOICEMAIL_NOT_LEFT = "voicemail_not_left", "Voicemail, no message left"
    NO_RESPONSE = "no_response", "Nobody spoke"
    CALL_SCREENED = "call_screened", "Call screened"
    FAX = "fax", "Fax"
    IVR = "ivr", "Telephone menu"
    BLOCKED_BY_POLICY = "blocked_by_policy", "Blocked by policy"
    CANCELLED = "cancelled", "Cancelled"
    # Somebody was.
    WRONG_NUMBER = "wrong_number", "Wrong number"
    THIRD_PARTY = "third_party", "Third party"
    HUNG_UP_BEFORE_VERIFICATION = "hung_up_before_verification", "Hung up before verification"
    VERIFICATION_FAILED = "verification_failed", "Verification failed"
    LANGUAGE_BARRIER = "language_barrier", "Language barrier"
    # The right party was.
    PAID_CLAIMED = "paid_claimed", "Says it is paid"
    LINK_SENT = "link_sent", "Link to pay sent"
    PROMISE_TO_PAY = "promise_to_pay", "Promise to pay"
    PAYMENT_PLAN = "payment_plan", "Payment plan"
    PARTIAL_PROMISE = "partial_promise", "Promise to pay a part"
    CALLBACK = "callback", "Callback"
    DISPUTE = "dispute", "Dispute"
    HARDSHIP = "hardship", "Hardship"
    REFUSED = "refused", "Refused"
    STOP_CALLING = "stop_calling", "Stop calling"
    ATTORNEY = "attorney", "Represented by an attorney"
    BANKRUPTCY = "bankruptcy", "Bankruptcy"
    DECEASED = "deceased", "Deceased"
    TRANSFERRED = "transferred", "Transferred to a colleague"
    HUNG_UP = "hung_up", "Hung up"
    COMPLAINT = "complaint", "Complaint"
    UNRESOLVED = "unresolved", "Unresolved"


class WaitingFor(models.TextChoices):
    """What a requested call waits for."""

    LINE = "line", "A free line"
    PACE = "pace", "Its moment"
    BREAKER = "breaker", "The end of a pause after failures"
    QUEUE = "queue", "Its turn"
    CARRIER = "carrier", "The carrier"


# They wait in the order in which they were asked for. One that the carrier would not take just now is asked about
# again by its own task, and nobody waits behind it.
IN_ORDER = frozenset({WaitingFor.LINE, WaitingFor.PACE, WaitingFor.BREAKER, WaitingFor.QUEUE})


class Call(models.Model):
    """One request to ring a customer about an invoice, and what became of it. It is dialled at most once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="calls")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="calls")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT)
    idempotency_key = models.CharField(max_length=100, blank=True)
    status = models.CharField(max_length=12, choices=Status, default=Status.REQUESTED)
    disposition = models.CharField(max_length=30, choices=Disposition, blank=True)
    # Why whoever asked set house rules aside; which, the first decision says.
    override_reason = models.CharField(max_length=LONGEST_REASON, blank=True)
    summary = models.CharField(max_length=500, blank=True)
    next_action = models.CharField(max_length=200, blank=True)
    # Why it ended, as the part that noticed first saw it.
    end_reason = models.CharField(max_length=200, blank=True)
    is_test = models.BooleanField(default=False)
    to_number = models.CharField(max_length=20)
    carrier_sid = models.CharField(max_length=40, null=True, unique=True)  # noqa: DJ001 (unique, absent until known)

    # Why it is still only requested; empty when it waits for nothing but a worker.
    waiting_for = models.CharField(max_length=10, choices=WaitingFor, blank=True, default="", db_default="")
    # What the carrier's last answer to this dial went wrong with, as `CarrierError.label` has it.
    carrier_error = models.CharField(max_length=40, blank=True, default="", db_default="")

    requested_at = models.DateTimeField(auto_now_add=True)
    # When it first had to wait.
    queued_at = models.DateTimeField(null=True)
    placed_at = models.DateTimeField(null=True)
    # Whose turn it is to dial: new with each claim, empty while nobody has claimed the call.
    claim = models.UUIDField(null=True)
    # Written before the carrier is asked to dial. Without it, and with a claim, nothing was dialled.
    dial_asked_at = models.DateTimeField(null=True)
    agent_ready_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    stream_opened_at = models.DateTimeField(null=True)
    stream_closed_at = models.DateTimeField(null=True)
    # The scripted announcement began to speak, in the agent's place.
    announced_at = models.DateTimeField(null=True)
    # The carrier was told to ring a colleague for the person on the line.
    transfer_started_at = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    # Since when the sweep has not seen what this call needs to go on (its room, its agent); empty while all is there.
    missed_since = models.DateTimeField(null=True)

    stream_token_hash = models.CharField(max_length=64, blank=True)
    stream_token_expires_at = models.DateTimeField(null=True)

    # Which prompts the voice spoke by.
    prompts_version = models.CharField(max_length=40, blank=True)
    # Who speaks now: "", "agent" or "caller".
    speaking = models.CharField(max_length=6, blank=True)
    # Ids of the invoices that were spoken of, in the order of their positions; empty until one was.
    discussed = models.JSONField(default=list)
    # What stands: [{"kind": "promise_to_pay", "invoice": "INV-1", "amount": "120.50", "currency": "USD",
    # "date": "2026-12-04"}]. Several invoices are "INV-1, INV-2". A "payment_plan" has "instalments": [{"date",
    # "amount"}] too; a "callback" has "date" and "at" (an instant in UTC).
    agreed = models.JSONField(default=list)
    # What the announcement has read back and not heard confirmed: {"amount": "120.50", "date": "2026-12-04"}
    proposed = models.JSONField(default=dict)
    # {"llm_input_tokens": n, "llm_output_tokens": n, "stt_seconds": s, "tts_characters": n, "seconds": s}
    usage = models.JSONField(default=dict)
    # The bridge's counters: frames in and out, dropped, late.
    media = models.JSONField(default=dict)
    # Name of the WAV in the default storage; stereo, left the caller, right the agent as the phone played it.
    recording = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-requested_at"]
        permissions = [
            ("place_call", "Can ring a customer"),
            ("override_contact_rules", "Can set house rules aside for one call"),
            ("correct_call", "Can correct what a call came to"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["invoice", "idempotency_key"],
                condition=~Q(idempotency_key=""),
                name="call_once_per_key",
            ),
            models.UniqueConstraint(
                fields=["customer"], condition=Q(status__in=sorted(LIVE)), name="call_one_live_per_customer"
            ),
        ]
        indexes = [
            models.Index(fields=["status", "requested_at"]),
            models.Index(fields=["answered_at"], name="call_answered_at"),
            # What the sweep looks for twice a minute, and retries once, among all calls there ever were.
            models.Index(fields=["ended_at"], condition=Q(disposition=""), name="call_unconcluded"),
            models.Index(
                fields=["ended_at"],
                condition=Q(stream_opened_at__isnull=False, stream_closed_at=None),
                name="call_stream_left_open",
            ),
            models.Index(
                fields=["ended_at"],
                condition=Q(disposition__in=["no_answer", "busy", "voicemail_not_left"]),
                name="call_unanswered",
            ),
            models.Index(fields=["placed_at"], name="call_placed_at"),
        ]

    def __str__(self) -> str:
        return f"Call {self.id}"

    def get_absolute_url(self) -> str:
        return reverse("call", args=[self.id])

    @property
    def room_name(self) -> str:
        return f"{ROOM_PREFIX}{self.id}"

    @property
    def is_live(self) -> bool:
        return self.status in LIVE

    @property
    def overrides(self) -> frozenset[str]:
        """The house rules that were set aside when the call was asked for; they stay so for this call."""
        first = self.decisions.first()
        return frozenset(reason["rule"] for reason in first.overridden) if first else frozenset()

    @property
    def is_settled(self) -> bool:
        """Nothing more will change: the phone is down and the disposition is known."""
        return not self.is_live and bool(self.disposition)


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


def countries_at_first() -> list[str]:
    return ["US", "GB", "AU"]


class HouseRules(models.Model):
    """What the owner has set for all calls: one row, written by `calls.house` alone. Stricter than the law, or as it.

    Where the row is missing, the defaults hold.
    """

    class Mode(models.TextChoices):
        CREDITOR = "creditor", "We collect our own invoices"
        THIRD_PARTY = "third_party", "We collect for others"

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    # Empty: BUSINESS_LEGAL_NAME of the settings.
    legal_name = models.CharField(max_length=200, blank=True)
    mode = models.CharField("whose invoices", max_length=12, choices=Mode, default=Mode.CREDITOR)
    # Local times of the customer; the end is out.
    hours_from = models.TimeField(default=time(9))
    hours_until = models.TimeField(default=time(20))
    keeps_holidays = models.BooleanField("no calls on public holidays", default=True)
    # Days on which the house is closed, each as ISO text.
    holidays = models.JSONField(default=list, blank=True)
    # In 7 days.
    calls_per_person = models.PositiveSmallIntegerField("calls to one person in 7 days", default=3)
    days_between = models.PositiveSmallIntegerField("days between two attempts", default=0)
    most_attempts = models.PositiveSmallIntegerField("attempts before a human takes over", default=10)
    # Further calls that are made by themselves after one that nobody answered; 0: none.
    retries = models.PositiveSmallIntegerField("retries of an unanswered call", default=0, db_default=0)
    retry_after_days = models.PositiveSmallIntegerField("days before a retry", default=1, db_default=1)
    # What is left to pay must be more than this, in the invoice's currency.
    tolerance = models.DecimalField(max_digits=15, decimal_places=4, default=Decimal(0))
    # ISO 3166 codes.
    countries = models.JSONField(default=countries_at_first)
    # What a place demands of the owner, by its name in places.toml: {"texas_permit": "23-0042"}.
    confirmations = models.JSONField(default=dict, blank=True)
    # None: no limit.
    daily_budget = models.DecimalField(max_digits=15, decimal_places=4, null=True, blank=True)
    # An estimate of what one begun minute of a call costs.
    cost_per_minute = models.DecimalField(max_digits=15, decimal_places=4, default=Decimal("0.15"))
    budget_currency = models.CharField(max_length=3, default="USD")
    # None: as many as the installation's settings allow (CALLS_PER_SECOND, CALLS_AT_ONCE); never more than those.
    most_calls_per_second = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    most_calls_at_once = models.PositiveSmallIntegerField("calls at the same time", null=True, blank=True)

    # How the voice speaks. Empty: as in the settings of the installation.
    agent_voice_name = models.CharField("the voice’s name", max_length=40, blank=True)
    tts_voice = models.CharField("the voice’s sound", max_length=40, blank=True)
    # The first words by language, with {agent}, {business} and {customer}: {"en": "This is {agent}, ..."}.
    opening_lines = models.JSONField(default=dict, blank=True)
    # E.164; said in calls, and never the number that dials (47 CFR 64.1200(b)(2)).
    callback_number = models.CharField(max_length=20, blank=True)
    payment_instructions = models.CharField(max_length=500, blank=True)
    # What the voice may agree to. The least instalment is in the invoice's currency.
    promise_within_days = models.PositiveSmallIntegerField(default=60)
    plan_most_instalments = models.PositiveSmallIntegerField(default=6)
    plan_longest_days = models.PositiveSmallIntegerField(default=183)
    plan_least_instalment = models.DecimalField(max_digits=15, decimal_places=4, default=Decimal(10))
    # Whoever asks for a human is connected to this number, within these hours of that zone's clock.
    transfer_number = models.CharField(max_length=20, blank=True)
    transfer_from = models.TimeField(default=time(9))
    transfer_until = models.TimeField(default=time(17))
    transfer_zone = models.CharField("time zone of transfers", max_length=64, default="UTC")
    announcement_fallback = models.BooleanField("scripted announcement where there is no agent", default=True)

    kill_switch = models.BooleanField("all calls stopped", default=False)
    kill_switch_reason = models.CharField("why stopped", max_length=300, blank=True)
    kill_switch_since = models.DateTimeField("stopped since", null=True, blank=True)
    kill_switch_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="stopped by",
    )

    class Meta:
        verbose_name = verbose_name_plural = "house rules"
        default_permissions = ("view", "change")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="house_rules_one_row")]

    def __str__(self) -> str:
        return "House rules"


class Pace(models.Model):
    """When the last call was placed, and the breaker that pauses placing: one row, locked by every claim of a call.

    Written by `calls.pace` and `calls.breaker` alone. Lines in use are no column: they are counted from the calls.
    """

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    last_placed_at = models.DateTimeField(null=True)
    # None: closed, calls are placed. In the future: open, none is. Past: half open, one call is tried.
    breaker_until = models.DateTimeField(null=True)
    breaker_since = models.DateTimeField(null=True)
    breaker_reason = models.CharField(max_length=200, blank=True)
    trial = models.ForeignKey(Call, null=True, on_delete=models.PROTECT, related_name="+")
    # What was placed before this no longer counts against the carrier.
    counted_from = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = "pace"
        default_permissions = ("view",)
        permissions = [("close_breaker", "Can end the pause after failed calls")]
        constraints = [models.CheckConstraint(condition=Q(id=1), name="pace_one_row")]

    def __str__(self) -> str:
        return "Pace"
