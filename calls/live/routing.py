"""WebSockets of open pages, under `/ws/`."""

from django.urls import path

from calls.live.consumer import CallConsumer, InvoiceConsumer

websocket_urlpatterns = [
    path("calls/<uuid:object_id>/", CallConsumer.as_asgi()),
    path("invoices/<int:object_id>/", InvoiceConsumer.as_asgi()),
]
