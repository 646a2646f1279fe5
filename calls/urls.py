from django.urls import path

from calls import correcting, views

urlpatterns = [
    path("calls/", views.call_list, name="calls"),
    path("calls/waiting/", views.calls_waiting, name="calls-waiting"),
    path("operations/", views.operations, name="operations"),
    path("operations/breaker/", views.breaker, name="breaker-close"),
    path("calls/<uuid:call_id>/cancel/", views.cancel, name="call-cancel"),
    path("calls/export/", views.call_export, name="calls-export"),
    path("calls/<uuid:call_id>/", views.call_detail, name="call"),
    path("calls/<uuid:call_id>/correct/", correcting.call_correction, name="call-correct"),
    path("calls/<uuid:call_id>/recording/", views.call_recording, name="call-recording"),
    # Where the pages of `invoices` send their button, and what they show of calls.
    path("invoices/<int:invoice_id>/calls/", views.ring, name="ring"),
    # The same for the page of a customer.
    path("customers/<int:customer_id>/calling/", views.customer_calling, name="customer-calling"),
]
