"""The API of calls: ring about an invoice, read what came of it, cancel."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import renderers, serializers
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from calls.interrupts import call_cancel
from calls.models import Call, Disposition
from calls.page_selectors import calls_shown, ring_decision
from calls.recordings import recording_response
from calls.serializers import CallSerializer, ContactAnswerSerializer, RingSerializer
from calls.services import call_request
from calls.states import Status
from calls.telephony.client import CarrierError
from invoices.api.door import SOURCE, Act, Door, Row, Rows, idempotency_key, refusals_at_the_field
from invoices.api.fields import MomentFilter, WhySerializer, id_filter
from invoices.models import ApiToken, Invoice

FARTHEST = timedelta(days=366)
VIEW, RING = ("calls.view_call",), ("calls.place_call", "calls.view_call")


class CarrierAway(APIException):
    status_code = 503
    default_detail = "The carrier did not answer. Ask again."


class CallFilter(filters.FilterSet):
    invoice = id_filter(field_name="invoice_id")
    customer = id_filter(field_name="customer_id")
    status = filters.ChoiceFilter(choices=Status.choices)
    disposition = filters.ChoiceFilter(choices=Disposition.choices)
    requested_from = MomentFilter(field_name="requested_at", lookup_expr="gte")
    requested_until = MomentFilter(field_name="requested_at", lookup_expr="lt")

    class Meta:
        model = Call
        fields = ["invoice", "customer", "status", "disposition"]


def _calls() -> QuerySet[Call]:
    return calls_shown().prefetch_related("decisions", "transcript")


class CallList(Rows):
    queryset = Call.objects.none()
    serializer_class = CallSerializer
    filterset_class = CallFilter
    permissions = {"GET": VIEW}
    orders = ("-requested_at",)

    def get_queryset(self) -> QuerySet[Call]:
        return _calls()


class CallDetail(Row):
    queryset = Call.objects.none()
    serializer_class = CallSerializer
    permissions = {"GET": VIEW}

    def get_queryset(self) -> QuerySet[Call]:
        return _calls()


class Ring(Door):
    """Rings the invoice's customer: 201 with the new call.

    200 with the call that this key, or a call under way about this invoice, stands for. 409 with the decision when the
    policy forbids it. Who may sets house rules aside with a reason.
    """

    queryset = Call.objects.none()
    serializer_class = CallSerializer
    asks = RingSerializer
    keyed = True
    scope = ApiToken.Scope.CALLS
    permissions = {"POST": RING}
    answers = {"200": CallSerializer, "201": CallSerializer, "409": CallSerializer}

    def get_queryset(self) -> QuerySet[Call]:
        return _calls()

    def post(self, request: Request, invoice_id: int) -> Response:
        invoice = get_object_or_404(Invoice, pk=invoice_id)
        key = idempotency_key(request)
        told = self.told()
        asked_at = timezone.now()
        with refusals_at_the_field(RingSerializer):
            asked = call_request(
                invoice=invoice,
                requested_by=self.who["actor"],
                idempotency_key=key,
                source=SOURCE,
                override=frozenset(told.get("override", [])),
                override_reason=told.get("override_reason", ""),
            )
        if asked.status == Status.BLOCKED:
            return self.row_response(asked, status=409)
        return self.row_response(asked, status=201 if asked.requested_at >= asked_at else 200)


class CallCancel(Act):
    """Takes a request back, or puts a phone down that rings. A call that was cancelled already is answered as it is.

    A call that is being dialled this very moment, was answered, or has ended is 409.
    """

    queryset = Call.objects.none()
    serializer_class = CallSerializer
    asks = WhySerializer
    scope = ApiToken.Scope.CALLS
    permissions = {"POST": RING}
    fails = {"503": "The carrier did not answer: ask again."}

    def get_queryset(self) -> QuerySet[Call]:
        return _calls()

    def act(self, row: Call, **told: Any) -> Call:
        try:
            return call_cancel(call_id=row.pk, **told)
        except CarrierError:
            raise CarrierAway from None


class ContactAnswer(Door):
    """May the invoice's customer be rung at an instant? Nothing is stored and nobody is rung."""

    queryset = Invoice.objects.select_related("customer")
    serializer_class = ContactAnswerSerializer
    permissions = {"GET": ("invoices.view_invoice",)}
    filter_backends = ()
    pagination_class = None
    parameters = (
        OpenApiParameter(
            "at",
            OpenApiTypes.DATETIME,
            description="ISO 8601 with its offset, not past and at most 366 days ahead; now when left out.",
        ),
    )

    def get(self, request: Request, invoice_id: int) -> Response:
        decision = ring_decision(self.found(invoice_id), now=_instant(request.query_params.get("at")))
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


class WavRenderer(renderers.BaseRenderer):
    """Lets clients ask for audio by `Accept`; the view answers with the file itself."""

    media_type = "audio/wav"
    format = "wav"
    render_style = "binary"
    charset = None

    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        return renderers.JSONRenderer().render(data)


class CallRecording(Door):
    """The recording, stereo: left the caller, right the agent. One `Range` of bytes may be asked for."""

    queryset = Call.objects.all()
    serializer_class = CallSerializer
    renderer_classes = [WavRenderer, renderers.JSONRenderer]
    permissions = {"GET": VIEW}
    filter_backends = ()
    pagination_class = None
    answers = {("200", "audio/wav"): OpenApiTypes.BINARY, ("206", "audio/wav"): OpenApiTypes.BINARY}

    def get(self, request: Request, pk: UUID) -> HttpResponse:
        plain: HttpRequest = request._request
        return recording_response(plain, self.found(pk))

    def handle_exception(self, exc: Exception) -> Response:
        # A refusal is told in JSON, whatever was to come.
        self.request.accepted_renderer = renderers.JSONRenderer()
        self.request.accepted_media_type = "application/json"
        return super().handle_exception(exc)
