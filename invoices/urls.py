from django.urls import path

from invoices import views
from invoices.documents import views as documents
from invoices.files import views as files

urlpatterns = [
    path("invoices/", views.invoice_list, name="invoices"),
    path("invoices/export/", views.invoice_export, name="invoices-export"),
    path("invoices/<int:invoice_id>/", views.invoice_detail, name="invoice"),
    path("customers/<int:customer_id>/", views.customer_detail, name="customer"),
    path("imports/", files.import_list, name="imports"),
    path("imports/sample/<slug:kind>.csv", files.import_sample, name="import-sample"),
    path("imports/<int:run_id>/", files.import_detail, name="import"),
    path("imports/<int:run_id>/refused.csv", files.import_problems, name="import-problems"),
    path("imports/<int:run_id>/<slug:act>/", files.import_act, name="import-act"),
    path("invoices/<int:invoice_id>/pdf/", documents.invoice_document, name="invoice-pdf"),
    path("customers/<int:customer_id>/statement.pdf", documents.statement_document, name="statement-pdf"),
]
