from django.urls import path

from invoices import views
from invoices.documents import views as documents

urlpatterns = [
    path("invoices/", views.invoice_list, name="invoices"),
    path("invoices/<int:invoice_id>/", views.invoice_detail, name="invoice"),
    path("customers/<int:customer_id>/", views.customer_detail, name="customer"),
    path("invoices/<int:invoice_id>/pdf/", documents.invoice_document, name="invoice-pdf"),
    path("customers/<int:customer_id>/statement.pdf", documents.statement_document, name="statement-pdf"),
]
