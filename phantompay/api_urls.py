"""Everything under `/api/`."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny

from calls import api as calls
from invoices import api as invoices
from invoices.documents.api import urlpatterns as documents
from phantompay.tokens import TokenCreate

urlpatterns = [
    path("token/", TokenCreate.as_view(), name="api-token"),
    path("customers/", invoices.CustomerList.as_view(), name="api-customers"),
    path("customers/<int:pk>/", invoices.CustomerDetail.as_view(), name="api-customer"),
    path("invoices/", invoices.InvoiceList.as_view(), name="api-invoices"),
    path("invoices/<int:pk>/", invoices.InvoiceDetail.as_view(), name="api-invoice"),
    path("invoices/<int:invoice_id>/calls/", calls.Ring.as_view(), name="api-ring"),
    path(
        "invoices/<int:invoice_id>/contact-decision/",
        calls.ContactAnswer.as_view(),
        name="api-contact-decision",
    ),
    path("calls/", calls.CallList.as_view(), name="api-calls"),
    path("calls/<uuid:pk>/", calls.CallDetail.as_view(), name="api-call"),
    path("calls/<uuid:pk>/recording/", calls.CallRecording.as_view(), name="api-call-recording"),
    *documents,
    # The shape of the API is no secret, and the tools that read it have no login.
    path("schema/", SpectacularAPIView.as_view(permission_classes=[AllowAny]), name="api-schema"),
    path(
        "docs/",
        SpectacularSwaggerSplitView.as_view(url_name="api-schema", permission_classes=[AllowAny]),
        name="api-docs",
    ),
]
