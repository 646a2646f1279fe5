"""Pages of the ledger: invoices and customers. Calls have slots in them, filled from URLs that `calls` serves."""

from uuid import uuid4

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from invoices.aging import NAMES, aging, customer_credit
from invoices.files.exporting import list_response
from invoices.files.lists import InvoiceList
from invoices.models import Customer, Invoice
from invoices.paging import BoundedPaginator
from invoices.party_selectors import (
    consents_in_force,
    customer_events,
    holds_standing,
    wishes_standing,
)
from invoices.search import FOUND_AT_MOST
from invoices.selectors import (
    STATES,
    invoice_events,
    invoices_found,
    invoices_of,
    settlement_of,
    totals_by_currency,
)

PAGE_SIZE = 25
SHOWN = 10
EVENTS_SHOWN = 30


@require_safe
@login_required
@permission_required("invoices.view_invoice", raise_exception=True)
def invoice_list(request: HttpRequest) -> HttpResponse:
    query, state = _asked_for(request)
    found = BoundedPaginator(
        invoices_found(query=query, state=state), PAGE_SIZE, limit=FOUND_AT_MOST if query else None
    )
    context = {
        "page": found.get_page(request.GET.get("page")),
        "query": query,
        "state": state,
        "states": [(key, label) for key, (label, _) in STATES.items()],
        "today": timezone.localdate(),
    }
    return render(request, "invoices/invoice_list.html", context)


@require_safe
@login_required
@permission_required("invoices.view_invoice", raise_exception=True)
def invoice_export(request: HttpRequest) -> HttpResponseBase:
    """What the list shows on all its pages, as CSV."""
    query, state = _asked_for(request)
    found = invoices_found(query=query, state=state)
    return list_response(request, InvoiceList, found, state=state, searched="yes" if query else "")


def _asked_for(request: HttpRequest) -> tuple[str, str]:
    return request.GET.get("q", "").replace("\0", "").strip()[:100], request.GET.get("state", "")


@require_safe
@login_required
@permission_required("invoices.view_invoice", raise_exception=True)
def invoice_detail(request: HttpRequest, invoice_id: int) -> HttpResponse:
    invoice = get_object_or_404(
        Invoice.objects.select_related("customer").prefetch_related("customer__contact_points"), pk=invoice_id
    )
    context = {
        "invoice": invoice,
        "customer": invoice.customer,
        "lines": invoice.lines.all(),
        "settlement": settlement_of(invoice),
        "allocations": invoice.allocations.select_related("payment"),
        "credit_notes": invoice.credit_notes.all(),
        "promises": invoice.promises.all(),
        "plans": invoice.plans.prefetch_related("instalments"),
        "disputes": invoice.disputes.all(),
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
    customer = get_object_or_404(Customer.objects.prefetch_related("contact_points"), pk=customer_id)
    events = list(customer_events(customer)[:EVENTS_SHOWN])
    today = timezone.localdate()
    context = {
        "customer": customer,
        "points": customer.contact_points.all(),
        "consents": consents_in_force(customer),
        "holds": holds_standing(customer),
        "wishes": wishes_standing(customer),
        "contacts": customer.contacts.select_related("contact_point", "made_by")[:SHOWN],
        "notes": customer.notes.select_related("author", "invoice")[:SHOWN],
        "events": events,
        "page": BoundedPaginator(customer.invoices.all(), PAGE_SIZE).get_page(request.GET.get("page")),
        "invoices_by_id": invoices_of(events),
        "totals": totals_by_currency(customer=customer),
        "aging": aging(today, customer),
        "aging_names": NAMES,
        "credit": customer_credit(customer),
        "today": today,
        "now": timezone.now(),
    }
    return render(request, "invoices/customer_detail.html", context)
