"""Login, and the dashboard, which shows the ledger and the calls together."""

from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRefresh

from calls.page_selectors import calls_live, calls_recent
from invoices.aging import NAMES, aging
from invoices.selectors import promises_due, totals_by_currency
from phantompay.logins import HeldUp

SHOWN = 8


class StaffLoginView(LoginView):
    """The login page. A fragment whose session has ended reloads its page instead of showing a login inside it."""

    redirect_authenticated_user = True
    authentication_form = HeldUp

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.htmx:  # type: ignore[attr-defined]
            return HttpResponseClientRefresh()
        return super().dispatch(request, *args, **kwargs)


@require_safe
@never_cache
@login_required
@permission_required(["invoices.view_invoice", "calls.view_call"], raise_exception=True)
def dashboard(request: HttpRequest) -> HttpResponse:
    """The dashboard; for htmx only its calls."""
    context: dict[str, Any] = {"live_calls": calls_live()[:SHOWN], "recent_calls": calls_recent()[:SHOWN]}
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "phantompay/_dashboard_calls.html", context)
    today = timezone.localdate()
    context |= {
        "totals": totals_by_currency(),
        "aging": aging(today),
        "aging_names": NAMES,
        "promises": promises_due()[:SHOWN],
        "today": today,
    }
    return render(request, "phantompay/dashboard.html", context)


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    return redirect(static("img/ghost.svg"))
