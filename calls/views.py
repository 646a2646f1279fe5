"""Pages of calls, and the slot with the button that the pages of invoices have for them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from calls.breaker import breaker_close
from calls.lists import CallList
from calls.models import Call
from calls.operations import operations_picture, waiting_picture
from calls.pace import waiting_cancel
from calls.page_selectors import call_picture, calls_shown, customer_picture, invoice_picture
from calls.recordings import recording_response
from calls.services import call_request
from calls.states import LIVE
from invoices.files.exporting import list_response
from invoices.models import Invoice

PAGE_SIZE = 25
may_look = permission_required("calls.view_call", raise_exception=True)
may_operate = permission_required(["calls.view_call", "calls.view_pace"], raise_exception=True)

FILTERS: dict[str, tuple[str, dict[str, Any]]] = {
    "live": ("Live", {"status__in": sorted(LIVE)}),
    "promise_to_pay": (
        "Promises",
        {"disposition__in": ["promise_to_pay", "partial_promise", "payment_plan"]},
    ),
    "no_answer": (
        "No answer",
        {"disposition__in": ["no_answer", "busy", "voicemail_left", "voicemail_not_left"]},
    ),
    "blocked": ("Blocked", {"status": "blocked"}),
    "failed": ("Failed", {"status": "failed"}),
}


@require_safe
@login_required
@may_look
def call_list(request: HttpRequest) -> HttpResponse:
    calls, chosen, invoice = _calls_asked_for(request)
    context = {
        "page": Paginator(calls, PAGE_SIZE).get_page(request.GET.get("page")),
        "chosen": chosen,
        "filters": [(key, label) for key, (label, _) in FILTERS.items()],
        "invoice": invoice,
    }
    return render(request, "calls/call_list.html", context)


@require_safe
@login_required
@may_look
def call_export(request: HttpRequest) -> HttpResponseBase:
    """What the list shows on all its pages, as CSV."""
    calls, chosen, invoice = _calls_asked_for(request)
    return list_response(request, CallList, calls, show=chosen, invoice=str(invoice.pk) if invoice else "")


def _calls_asked_for(request: HttpRequest) -> tuple[QuerySet[Call], str, Invoice | None]:
    """The calls, the filter and the invoice that the query names."""
    calls = calls_shown()
    chosen = request.GET.get("show", "")
    if chosen in FILTERS:
        calls = calls.filter(**FILTERS[chosen][1])
    invoice = _invoice_asked_for(request)
    return (calls.filter(invoice=invoice) if invoice else calls), chosen, invoice


def _invoice_asked_for(request: HttpRequest) -> Invoice | None:
    number = request.GET.get("invoice", "")
    return get_object_or_404(Invoice, pk=int(number)) if number.isascii() and number.isdigit() else None


@require_safe
@never_cache
@login_required
@may_look
def call_detail(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """The call page; for htmx only the part that changes while the call runs."""
    picture = call_picture(call_id)
    if picture is None:
        raise Http404
    template = "calls/_call.html" if _by_htmx(request) else "calls/call_detail.html"
    return render(request, template, picture)


@require_safe
@login_required
@may_look
def call_recording(request: HttpRequest, call_id: UUID) -> HttpResponse:
    return recording_response(request, get_object_or_404(Call, pk=call_id))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
@may_look
def ring(request: HttpRequest, invoice_id: int) -> HttpResponse:
    """POST rings; GET is the slot on the pages of an invoice. Without htmx both lead to whole pages."""
    if request.method == "POST":
        return _ring(request, invoice_id)
    return _slot(request, invoice_id) if _by_htmx(request) else redirect("invoice", invoice_id)


@permission_required("calls.place_call", raise_exception=True)
def _ring(request: HttpRequest, invoice_id: int) -> HttpResponse:
    invoice = get_object_or_404(Invoice, pk=invoice_id)
    try:
        call = call_request(
            invoice=invoice,
            requested_by=_user(request),
            idempotency_key=_typed(request, "idempotency_key")[:100],
            override=frozenset(request.POST.getlist("override")),
            override_reason=_typed(request, "override_reason"),
        )
    except ValidationError as error:
        return _refused(request, invoice_id, " ".join(error.messages))
    if _by_htmx(request):
        return _slot(request, invoice_id)
    if call.status == "blocked":
        messages.warning(request, "We can't ring now. The reasons are below.")
    return redirect(call)


def _typed(request: HttpRequest, field: str) -> str:
    return request.POST.get(field, "").replace("\0", "")


def _refused(request: HttpRequest, invoice_id: int, why: str) -> HttpResponse:
    if _by_htmx(request):
        return _slot(request, invoice_id, refused=why)
    messages.error(request, why)
    return redirect("invoice", invoice_id)


def _slot(request: HttpRequest, invoice_id: int, *, refused: str = "") -> HttpResponse:
    picture = invoice_picture(invoice_id, user=_user(request))
    if picture is None:
        raise Http404
    return render(request, "calls/_invoice_calls.html", {**picture, "refused": refused})


@require_safe
@never_cache
@login_required
@may_look
def calls_waiting(request: HttpRequest) -> HttpResponse:
    """What waits to be placed, and why; for htmx only the part that changes."""
    template = "calls/_waiting.html" if _by_htmx(request) else "calls/waiting.html"
    return render(request, template, waiting_picture(_user(request)))


@require_POST
@login_required
@may_look
@permission_required("calls.place_call", raise_exception=True)
def cancel(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Take back a request that still waits."""
    call = get_object_or_404(Call, pk=call_id)
    if waiting_cancel(call_id=call.pk, actor=_user(request)):
        messages.success(request, "The call is cancelled. Nobody was rung.")
    else:
        messages.warning(request, "Too late to cancel: the call is being placed, or is over.")
    return redirect("calls-waiting")


@require_safe
@never_cache
@login_required
@may_operate
def operations(request: HttpRequest) -> HttpResponse:
    """How the calling is doing; for htmx only the part that changes."""
    template = "calls/_operations.html" if _by_htmx(request) else "calls/operations.html"
    return render(request, template, operations_picture(_user(request)))


@require_POST
@login_required
@may_operate
@permission_required("calls.close_breaker", raise_exception=True)
def breaker(request: HttpRequest) -> HttpResponse:
    """End the pause after failed calls."""
    try:
        if breaker_close(actor=_user(request), reason=_typed(request, "reason")):
            messages.success(request, "Calls are placed again.")
        else:
            messages.info(request, "Placing did not pause any more.")
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("operations")


@require_safe
@never_cache
@login_required
@may_look
@permission_required("invoices.view_customer", raise_exception=True)
def customer_calling(request: HttpRequest, customer_id: int) -> HttpResponse:
    """May the customer be rung, and what does the law of the place demand? A slot for htmx, else a page."""
    picture = customer_picture(customer_id)
    if picture is None:
        raise Http404
    template = "calls/_customer_calling.html" if _by_htmx(request) else "calls/customer_calling.html"
    return render(request, template, picture)


def _user(request: HttpRequest) -> Any:
    return request.user


def _by_htmx(request: HttpRequest) -> bool:
    return bool(request.htmx)  # type: ignore[attr-defined]
