"""One request to ring a customer, its states, and what it can come to."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from calls.states import LIVE, Status
from invoices.models import Customer, Invoice

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
    prompts_version = models.CharField(max_length=40, blank=True, default="", db_default="")
    # Who speaks now: "", "agent" or "caller".
    speaking = models.CharField(max_length=6, blank=True)
    # Ids of the invoices that were spoken of, in the order of their positions; empty until one was.
    discussed = models.JSONField(default=list, db_default=[])
    # What stands: [{"kind": "promise_to_pay", "invoice": "INV-1", "amount": "120.50", "currency": "USD",
    # "date": "2026-12-04"}]. Several invoices are "INV-1, INV-2". A "payment_plan" has "instalments": [{"date",
    # "amount"}] too; a "callback" has "date" and "at" (an instant in UTC).
    agreed = models.JSONField(default=list)
    # What the announcement has read back and not heard confirmed: {"amount": "120.50", "date": "2026-12-04"}
    proposed = models.JSONField(default=dict, db_default={})
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
