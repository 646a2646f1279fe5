"""Pages of the ledger: invoices and customers. Calls have slots in them, filled from URLs that `calls` serves."""

from uuid import uuid4

from django.contrib.auth.decorators import login_required, permission_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from invoices.models import Customer, Invoice
from invoices.selectors import STATES, invoice_events, invoices_found, totals_by_currency

PAGE_SIZE = 25


@require_safe
@login_required
@permission_required("invoices.view_invoice", raise_exception=True)
def invoice_list(request: HttpRequest) -> HttpResponse:
    query = request.GET.get("q", "").replace("\0", "").strip()[:100]
    state = request.GET.get("state", "")
    page = Paginator(invoices_found(query=query, state=state), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "query": query,
        "state": state,
        "states": [(key, label) for key, (label, _) in STATES.items()],
        "today": timezone.localdate(),
    }
    return render(request, "invoices/invoice_list.html", context)


@require_safe
@login_required
@permission_required("invoices.view_invoice", raise_exception=True)
def invoice_detail(request: HttpRequest, invoice_id: int) -> HttpResponse:
    invoice = get_object_or_404(Invoice.objects.select_related("customer"), pk=invoice_id)
    context = {
        "invoice": invoice,
        "customer": invoice.customer,
        "paid": invoice.total - invoice.balance,
        "payments": invoice.payments.all(),
        "promises": invoice.promises.all(),
        "events": invoice_events(invoice),
        "today": timezone.localdate(),
        "now": timezone.now(),
        "idempotency_key": uuid4(),
    }
    return render(request, "invoices/invoice_detail.html", context)


@require_safe
@login_required
@permission_required("invoices.view_customer", raise_exception=True)
def customer_detail(request: HttpRequest, customer_id: int) -> HttpResponse:
    customer = get_object_or_404(Customer, pk=customer_id)
    context = {
        "customer": customer,
        "invoices": customer.invoices.all(),
        "totals": totals_by_currency(customer=customer),
        "today": timezone.localdate(),
        "now": timezone.now(),
    }
    return render(request, "invoices/customer_detail.html", context)
