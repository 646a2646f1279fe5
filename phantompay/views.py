"""The dashboard, which shows the ledger and the calls together."""

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from calls.page_selectors import calls_live, calls_recent
from invoices.selectors import promises_due, totals_by_currency

SHOWN = 8


@require_safe
@login_required
@permission_required(["invoices.view_invoice", "calls.view_call"], raise_exception=True)
def dashboard(request: HttpRequest) -> HttpResponse:
    context = {
        "totals": totals_by_currency(),
        "live_calls": calls_live()[:SHOWN],
        "recent_calls": calls_recent()[:SHOWN],
        "promises": promises_due()[:SHOWN],
        "today": timezone.localdate(),
    }
    template = "phantompay/_dashboard_calls.html" if request.htmx else "phantompay/dashboard.html"  # type: ignore[attr-defined]
    return render(request, template, context)
