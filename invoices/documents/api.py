"""Doors to the documents for programs."""

from typing import Any

from django.http import HttpResponse
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import generics, renderers
from rest_framework.request import Request
from rest_framework.response import Response

from invoices.api_door import MayViewOrAdd, refusals_at_the_field
from invoices.documents.invoice_pdf import invoice_pdf
from invoices.documents.statement import statement_of
from invoices.documents.statement_pdf import statement_pdf
from invoices.documents.views import day_asked, pdf_response
from invoices.models import Customer, Invoice

NO_LOGIN = OpenApiResponse(description="No valid token and no session.")
NOT_ALLOWED = OpenApiResponse(description="The login lacks the permission.")
NOT_FOUND = OpenApiResponse(description="There is no such row.")
NOT_ACCEPTABLE = OpenApiResponse(description="`Accept` names neither PDF nor JSON.")
PDF: tuple[int, str] = (200, "application/pdf")
REFUSALS = {401: NO_LOGIN, 403: NOT_ALLOWED, 404: NOT_FOUND, 406: NOT_ACCEPTABLE}


class PdfRenderer(renderers.BaseRenderer):
    """Lets clients ask for PDF by `Accept`; the view answers with the document itself."""

    media_type = "application/pdf"
    format = "pdf"
    render_style = "binary"
    charset = None

    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        return renderers.JSONRenderer().render(data)


class DocumentView(generics.GenericAPIView[Any]):
    """Whatever was asked for, a refusal is JSON and says so."""

    renderer_classes = [PdfRenderer, renderers.JSONRenderer]
    filter_backends = []

    def handle_exception(self, exc: Exception) -> Response:
        refusal = super().handle_exception(exc)
        self.request.accepted_renderer = renderers.JSONRenderer()
        self.request.accepted_media_type = renderers.JSONRenderer.media_type
        return refusal


class MayViewAccount(MayViewOrAdd):
    """A statement tells of the customer and of the invoices."""

    perms_map = {**MayViewOrAdd.perms_map, "GET": ["invoices.view_customer", "invoices.view_invoice"]}


class InvoiceDocument(DocumentView):
    permission_classes = [MayViewOrAdd]
    queryset = Invoice.objects.select_related("customer")

    @extend_schema(operation_id="invoices_pdf_retrieve", responses={PDF: OpenApiTypes.BINARY, **REFUSALS})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """The invoice as PDF, in the customer's language and the invoice's currency."""
        invoice = self.get_object()
        return pdf_response(invoice_pdf(invoice), f"invoice-{invoice.number}")


class StatementDocument(DocumentView):
    permission_classes = [MayViewAccount]
    queryset = Customer.objects.all()

    @extend_schema(
        operation_id="customers_statement_retrieve",
        parameters=[
            OpenApiParameter(
                "from",
                OpenApiTypes.DATE,
                description="The first day; the first of the month three months ago when left out.",
            )
        ],
        responses={
            PDF: OpenApiTypes.BINARY,
            400: OpenApiResponse(description="`from` is no such day, or has not come."),
            **REFUSALS,
        },
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        """A statement of the customer's account until today as PDF, in the customer's language, each currency by
        itself: opening balance, movements, closing balance, and how old what is owed is."""
        customer = self.get_object()
        with refusals_at_the_field():
            statement = statement_of(customer, since=day_asked(request.query_params.get("from")))
        return pdf_response(statement_pdf(statement), f"statement-{customer.number}")


urlpatterns = [
    path("invoices/<int:pk>/pdf/", InvoiceDocument.as_view(), name="api-invoice-pdf"),
    path("customers/<int:pk>/statement/", StatementDocument.as_view(), name="api-statement"),
]
