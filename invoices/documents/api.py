"""Doors to the documents for programs."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import exceptions, renderers
from rest_framework.request import Request
from rest_framework.response import Response

from invoices.api.customers import CustomerSerializer
from invoices.api.documents import InvoiceSerializer
from invoices.api.door import Door
from invoices.documents.invoice_pdf import invoice_pdf
from invoices.documents.statement import statement_of
from invoices.documents.statement_pdf import statement_pdf
from invoices.documents.views import day_asked, pdf_response
from invoices.models import Customer, Invoice


class PdfRenderer(renderers.BaseRenderer):
    """Lets clients ask for PDF by `Accept`; the view answers with the document itself."""

    media_type = "application/pdf"
    format = "pdf"
    render_style = "binary"
    charset = None

    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        return renderers.JSONRenderer().render(data)


class DocumentDoor(Door):
    """Whatever was asked for, a refusal is JSON and says so."""

    renderer_classes = [PdfRenderer, renderers.JSONRenderer]
    filter_backends = ()
    pagination_class = None
    answers = {("200", "application/pdf"): OpenApiTypes.BINARY}

    def handle_exception(self, exc: Exception) -> Response:
        self.request.accepted_renderer = renderers.JSONRenderer()
        self.request.accepted_media_type = renderers.JSONRenderer.media_type
        return super().handle_exception(exc)


class InvoiceDocument(DocumentDoor):
    """The invoice as PDF, in the customer's language and the invoice's currency."""

    permissions = {"GET": ("invoices.view_invoice",)}
    queryset = Invoice.objects.select_related("customer")
    serializer_class = InvoiceSerializer

    def get(self, request: Request, pk: int) -> HttpResponse:
        invoice = self.found(pk)
        return pdf_response(invoice_pdf(invoice), f"invoice-{invoice.number}")


class StatementDocument(DocumentDoor):
    """A statement of the customer's account until today as PDF, in the customer's language, each currency by itself.

    Opening balance, movements, closing balance, and how old what is owed is.
    """

    permissions = {"GET": ("invoices.view_customer", "invoices.view_invoice")}
    queryset = Customer.objects.all()
    serializer_class = CustomerSerializer
    parameters = (
        OpenApiParameter(
            "from",
            OpenApiTypes.DATE,
            description="The first day; the first of the month three months ago when left out.",
        ),
    )

    def get(self, request: Request, pk: int) -> HttpResponse:
        customer = self.found(pk)
        try:
            statement = statement_of(customer, since=day_asked(request.query_params.get("from")))
        except ValidationError as error:
            raise exceptions.ValidationError(error.message_dict) from None
        return pdf_response(statement_pdf(statement), f"statement-{customer.number}")


urlpatterns = [
    path("invoices/<int:pk>/pdf/", InvoiceDocument.as_view(), name="api-invoice-pdf"),
    path("customers/<int:pk>/statement/", StatementDocument.as_view(), name="api-statement"),
]
