"""How a call reads over the API."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from calls.models import LONGEST_REASON, Call, ContactDecision, Disposition, TranscriptLine
from calls.policy import POLICY_VERSION, Decision
from invoices.api.fields import choice_or_none


class ReasonSerializer(serializers.Serializer[Any]):
    rule = serializers.CharField()
    citation = serializers.CharField()
    text = serializers.CharField()
    lifts_at = serializers.DateTimeField(
        allow_null=True, help_text="When this rule alone would allow the call; null when no time will."
    )


class DecisionSerializer(serializers.ModelSerializer[ContactDecision]):
    """The policy's answer, with every reason why not."""

    reasons = ReasonSerializer(many=True)
    overridden = ReasonSerializer(
        many=True, help_text="What rules that were set aside for this call would say."
    )

    class Meta:
        model = ContactDecision
        fields = [
            "moment",
            "allowed",
            "reasons",
            "overridden",
            "policy_version",
            "next_allowed_at",
            "decided_at",
        ]


class ContactAnswerSerializer(serializers.Serializer[Decision]):
    """The policy's answer for an instant; nothing is stored and nobody is rung."""

    allowed = serializers.BooleanField()
    at = serializers.DateTimeField(source="facts.now")
    policy_version = serializers.SerializerMethodField()
    reasons = ReasonSerializer(many=True)
    next_allowed_at = serializers.DateTimeField(
        allow_null=True,
        help_text="The first later instant at which the call is allowed; null when none is known.",
    )
    zones = serializers.ListField(child=serializers.CharField(), source="considered.zones")
    places = serializers.ListField(child=serializers.CharField(), source="considered.places")
    local_times = serializers.ListField(
        child=serializers.CharField(), source="considered.local_times", help_text="In the order of `zones`."
    )

    def get_policy_version(self, decision: Decision) -> str:
        return POLICY_VERSION


class RingSerializer(serializers.Serializer[Any]):
    override = serializers.ListField(
        child=serializers.CharField(max_length=50),
        max_length=50,
        required=False,
        help_text="Ids of house rules to set aside for this call; needs the permission and `override_reason`.",
    )
    override_reason = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_REASON)


class AgreedInstalmentSerializer(serializers.Serializer[Any]):
    date = serializers.DateField()
    amount = serializers.CharField(help_text="Decimal.")


class AgreedSerializer(serializers.Serializer[Any]):
    """What stands agreed in a call: `promise_to_pay`, `payment_plan` or `callback`."""

    kind = serializers.CharField()
    invoice = serializers.CharField(
        required=False, help_text="The invoice's number; several with a comma and a space between."
    )
    amount = serializers.CharField(required=False, help_text="Decimal. Of a plan: all instalments together.")
    currency = serializers.CharField(required=False)
    date = serializers.DateField(help_text="Of a plan: the day of the first instalment.")
    instalments = AgreedInstalmentSerializer(many=True, required=False, help_text="Of a plan.")
    at = serializers.DateTimeField(required=False, help_text="Of a callback.")


class LineSerializer(serializers.ModelSerializer[TranscriptLine]):
    """One turn, in milliseconds of the recording's clock."""

    class Meta:
        model = TranscriptLine
        fields = ["speaker", "text", "start_ms", "end_ms", "interrupted"]


class CallSerializer(serializers.ModelSerializer[Call]):
    disposition = choice_or_none(Disposition.choices)
    twilio_sid = serializers.CharField(source="carrier_sid", allow_null=True)
    invoice = serializers.IntegerField(source="invoice_id")
    customer = serializers.IntegerField(source="customer_id")
    decision = serializers.SerializerMethodField(help_text="The latest; a call is decided on several times.")
    agreed = serializers.SerializerMethodField()
    usage = serializers.SerializerMethodField(help_text="Tokens, characters and seconds, by name.")
    recording_url = serializers.SerializerMethodField()
    transcript = LineSerializer(many=True)

    class Meta:
        model = Call
        fields = [
            "id",
            "status",
            "disposition",
            "twilio_sid",
            "invoice",
            "customer",
            "decision",
            "agreed",
            "usage",
            "recording_url",
            "is_test",
            "override_reason",
            "summary",
            "next_action",
            "end_reason",
            "requested_at",
            "answered_at",
            "ended_at",
            "transcript",
        ]
        read_only_fields = fields

    @extend_schema_field(DecisionSerializer(allow_null=True))
    def get_decision(self, call: Call) -> Any:
        decisions = list(call.decisions.all())
        return DecisionSerializer(decisions[-1]).data if decisions else None

    @extend_schema_field(AgreedSerializer(many=True))
    def get_agreed(self, call: Call) -> Any:
        return call.agreed

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "number"}})
    def get_usage(self, call: Call) -> Any:
        return call.usage

    @extend_schema_field({"type": "string", "format": "uri", "nullable": True})
    def get_recording_url(self, call: Call) -> str | None:
        if not call.recording:
            return None
        return str(self.context["request"].build_absolute_uri(reverse("api-call-recording", args=[call.pk])))
