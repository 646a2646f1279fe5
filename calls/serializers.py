"""How a call reads over the API."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from calls.models import Call, ContactDecision, TranscriptLine


class ReasonSerializer(serializers.Serializer[Any]):
    rule = serializers.CharField()
    citation = serializers.CharField()
    text = serializers.CharField()


class DecisionSerializer(serializers.ModelSerializer[ContactDecision]):
    """The policy's answer, with every reason why not."""

    reasons = ReasonSerializer(many=True)

    class Meta:
        model = ContactDecision
        fields = ["moment", "allowed", "reasons", "policy_version", "next_allowed_at", "decided_at"]


class AgreedSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    invoice = serializers.CharField(help_text="The invoice's number.")
    amount = serializers.CharField(help_text="Decimal.")
    currency = serializers.CharField()
    date = serializers.DateField()


class LineSerializer(serializers.ModelSerializer[TranscriptLine]):
    """One turn, in milliseconds of the recording's clock."""

    class Meta:
        model = TranscriptLine
        fields = ["speaker", "text", "start_ms", "end_ms", "interrupted"]


class CallSerializer(serializers.ModelSerializer[Call]):
    twilio_sid = serializers.CharField(source="carrier_sid", allow_null=True)
    invoice = serializers.IntegerField(source="invoice_id")
    customer = serializers.IntegerField(source="customer_id")
    decision = serializers.SerializerMethodField(help_text="The latest; a call is decided on twice.")
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
