"""Doors to the documents for people who have logged in."""

import re
from datetime import date

from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_safe

from invoices.documents.invoice_pdf import invoice_pdf
from invoices.documents.statement import statement_of
from invoices.documents.statement_pdf import statement_pdf
from invoices.models import Customer, Invoice


@require_safe
@login_required
@permission_required("invoices.view_invoice", raise_exception=True)
def invoice_document(request: HttpRequest, invoice_id: int) -> HttpResponse:
    invoice = get_object_or_404(Invoice.objects.select_related("customer"), pk=invoice_id)
    return pdf_response(invoice_pdf(invoice), f"invoice-{invoice.number}")


@require_safe
@login_required
@permission_required(["invoices.view_customer", "invoices.view_invoice"], raise_exception=True)
def statement_document(request: HttpRequest, customer_id: int) -> HttpResponse:
    """`?from=` is the first day."""
    customer = get_object_or_404(Customer, pk=customer_id)
    try:
        statement = statement_of(customer, since=day_asked(request.GET.get("from")))
    except ValidationError as error:
        return HttpResponseBadRequest(" ".join(error.messages), content_type="text/plain; charset=utf-8")
    return pdf_response(statement_pdf(statement), f"statement-{customer.number}")


def day_asked(text: str | None) -> date | None:
    """None where nothing was asked. Raises ValidationError at `from` for what is no day."""
    if not text:
        return None
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        raise ValidationError({"from": "A day such as 2026-11-24."})
    return day


def pdf_response(content: bytes, name: str) -> HttpResponse:
    """Shown in the browser and kept nowhere; saved under a name that is safe in every file system."""
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[:80]
    headers = {"Content-Disposition": f'inline; filename="{safe}.pdf"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type="application/pdf", headers=headers)
