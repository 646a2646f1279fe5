"""The API of calls: ring about an invoice, read what came of it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import generics, renderers, serializers
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from calls.models import Call, Disposition
from calls.page_selectors import calls_shown, ring_decision
from calls.recordings import recording_response
from calls.serializers import CallSerializer, ContactAnswerSerializer, RingSerializer
from calls.services import call_request
from calls.states import Status
from invoices.api_door import CarefulJSONParser, MayViewOrAdd
from invoices.models import Invoice

SOURCE = "api"
LONGEST_KEY = 100
LARGEST_ID = 2**63 - 1
FARTHEST = timedelta(days=366)
NO_LOGIN = OpenApiResponse(description="Not logged in.")
NOT_ALLOWED = OpenApiResponse(description="Not allowed.")
NOT_FOUND = OpenApiResponse(description="No such invoice.")


class MayRing(BasePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        return bool(request.user and request.user.has_perms(["calls.place_call", "calls.view_call"]))


class MayViewInvoices(BasePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        return bool(request.user and request.user.has_perm("invoices.view_invoice"))


class CallFilter(filters.FilterSet):
    invoice = filters.NumberFilter(field_name="invoice_id", min_value=1, max_value=LARGEST_ID)
    customer = filters.NumberFilter(field_name="customer_id", min_value=1, max_value=LARGEST_ID)
    status = filters.ChoiceFilter(choices=Status.choices)
    disposition = filters.ChoiceFilter(choices=Disposition.choices)

    class Meta:
        model = Call
        fields = ["invoice", "customer", "status", "disposition"]


def _calls() -> QuerySet[Call]:
    return calls_shown().prefetch_related("decisions", "transcript")


class CallList(generics.ListAPIView[Call]):
    permission_classes = [MayViewOrAdd]
    queryset = Call.objects.none()
    serializer_class = CallSerializer
    filterset_class = CallFilter

    def get_queryset(self) -> QuerySet[Call]:
        return _calls()


class CallDetail(generics.RetrieveAPIView[Call]):
    permission_classes = [MayViewOrAdd]
    queryset = Call.objects.none()
    serializer_class = CallSerializer

    def get_queryset(self) -> QuerySet[Call]:
        return _calls()


class Ring(APIView):
    permission_classes = [MayRing]
    parser_classes = [CarefulJSONParser]

    @extend_schema(
        operation_id="invoices_calls_create",
        request=RingSerializer,
        parameters=[
            OpenApiParameter(
                "Idempotency-Key",
                str,
                OpenApiParameter.HEADER,
                description="The same key for the same invoice returns the same call. At most 100 characters.",
            )
        ],
        responses={
            200: CallSerializer,
            201: CallSerializer,
            400: OpenApiResponse(description="At the field."),
            401: NO_LOGIN,
            403: NOT_ALLOWED,
            404: NOT_FOUND,
            409: CallSerializer,
        },
        description="Rings the invoice's customer. 201 with the new call; 200 with the call that this key, or a call "
        "under way about this invoice, stands for; 409 with the decision when the policy forbids it. Who may "
        "sets house rules aside with a reason.",
    )
    def post(self, request: Request, invoice_id: int) -> Response:
        invoice = get_object_or_404(Invoice, pk=invoice_id)
        key = request.headers.get("Idempotency-Key", "")
        if len(key) > LONGEST_KEY:
            raise serializers.ValidationError({"Idempotency-Key": [f"At most {LONGEST_KEY} characters."]})
        told = RingSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        asked_at = timezone.now()
        try:
            asked = call_request(
                invoice=invoice,
                requested_by=_user(request),
                idempotency_key=key,
                source=SOURCE,
                override=frozenset(told.validated_data.get("override", [])),
                override_reason=told.validated_data.get("override_reason", ""),
            )
        except ValidationError as error:
            raise serializers.ValidationError(error.message_dict) from None
        call = _calls().get(pk=asked.pk)
        data = CallSerializer(call, context={"request": request}).data
        if call.status == Status.BLOCKED:
            return Response(data, status=409)
        return Response(data, status=201 if call.requested_at >= asked_at else 200)


class ContactAnswer(APIView):
    permission_classes = [MayViewInvoices]

    @extend_schema(
        operation_id="invoices_contact_decision_retrieve",
        parameters=[
            OpenApiParameter(
                "at",
                OpenApiTypes.DATETIME,
                description="ISO 8601 with its offset, not past and at most 366 days ahead; now when left out.",
            )
        ],
        responses={
            200: ContactAnswerSerializer,
            400: OpenApiResponse(description="`at` is not such an instant."),
            401: NO_LOGIN,
            403: NOT_ALLOWED,
            404: NOT_FOUND,
        },
    )
    def get(self, request: Request, invoice_id: int) -> Response:
        """May the invoice's customer be rung at an instant? Nothing is stored and nobody is rung."""
        invoice = get_object_or_404(Invoice.objects.select_related("customer"), pk=invoice_id)
        decision = ring_decision(invoice, now=_instant(request.query_params.get("at")))
        return Response(ContactAnswerSerializer(decision).data)


def _instant(text: str | None) -> datetime:
    now = timezone.now()
    if text is None:
        return now
    try:
        at = parse_datetime(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        # A plus sign that was not escaped arrives as a space.
        why = "An ISO 8601 date and time with its offset, such as 2026-11-24T09:00:00Z."
        raise serializers.ValidationError({"at": [why]})
    if not now <= at <= now + FARTHEST:
        raise serializers.ValidationError({"at": [f"Not past, and at most {FARTHEST.days} days ahead."]})
    return at.astimezone(UTC)


def _user(request: Request) -> Any:
    return request.user


class WavRenderer(renderers.BaseRenderer):
    """Lets clients ask for audio by `Accept`; the view answers with the file itself."""

    media_type = "audio/wav"
    format = "wav"
    render_style = "binary"
    charset = None

    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        return renderers.JSONRenderer().render(data)


class CallRecording(generics.GenericAPIView[Call]):
    permission_classes = [MayViewOrAdd]
    queryset = Call.objects.all()
    renderer_classes = [WavRenderer, renderers.JSONRenderer]

    @extend_schema(
        responses={(200, "audio/wav"): OpenApiTypes.BINARY, (206, "audio/wav"): OpenApiTypes.BINARY}
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        """The recording, stereo: left the caller, right the agent. One `Range` of bytes may be asked for."""
        plain: HttpRequest = request._request
        return recording_response(plain, get_object_or_404(Call, pk=pk))
