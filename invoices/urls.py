from django.urls import path

from invoices import views

urlpatterns = [
    path("invoices/", views.invoice_list, name="invoices"),
    path("invoices/<int:invoice_id>/", views.invoice_detail, name="invoice"),
    path("customers/<int:customer_id>/", views.customer_detail, name="customer"),
]
