"""Pages of imports. Whoever may enter rows of a kind by hand may import them."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from invoices.files.exporting import rows_response
from invoices.files.forms import UploadForm
from invoices.files.kinds import IMPORTERS, columns_of, sample_csv
from invoices.files.runs import import_cancel, import_go_on, import_start, import_upload
from invoices.models import ImportRun
from invoices.paging import BoundedPaginator

PAGE_SIZE = 25
PROBLEMS_SHOWN = 50
ACTS = {"run": import_start, "cancel": import_cancel, "go-on": import_go_on}


def kinds_allowed(user: Any) -> list[str]:
    """The kinds of files that the user may bring in."""
    return [kind for kind, importer in IMPORTERS.items() if user.has_perms(importer.permissions)]


def _may(request: HttpRequest, kind: str = "") -> list[str]:
    """The kinds that the user may import; PermissionDenied where that is none, or not `kind`."""
    allowed = kinds_allowed(request.user)
    if not allowed or (kind and kind not in allowed):
        raise PermissionDenied
    return allowed


def _run(request: HttpRequest, run_id: int) -> ImportRun:
    run = get_object_or_404(ImportRun.objects.select_related("created_by"), pk=run_id)
    _may(request, run.kind)
    return run


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def import_list(request: HttpRequest) -> HttpResponse:
    """The imports so far, and the form; POST takes a file in, 400 with the reason where it is refused."""
    allowed = _may(request)
    kind = request.GET.get("kind", "")
    kind = kind if kind in allowed else allowed[0]
    may_correct = kind == ImportRun.Kind.CUSTOMERS and _user(request).has_perm("invoices.change_customer")
    form = UploadForm(request.POST or None, request.FILES or None)
    if not may_correct:
        # Left out of the form, it is not true whatever is sent.
        form.fields["corrects"].disabled = True
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(import_upload(kind=kind, actor=_user(request), **form.cleaned_data))
        except ValidationError as error:
            form.add_error("file", error.message_dict["file"])
    runs = ImportRun.objects.filter(kind__in=allowed).select_related("created_by")
    context = {
        "form": form,
        "kind": kind,
        "kinds": [(each, ImportRun.Kind(each).label) for each in allowed],
        "may_correct": may_correct,
        "columns": list(columns_of(kind).listed()),
        "page": BoundedPaginator(runs, PAGE_SIZE).get_page(request.GET.get("page")),
    }
    return render(request, "invoices/import_list.html", context, status=400 if form.errors else 200)


@require_safe
@login_required
def import_sample(request: HttpRequest, kind: str) -> HttpResponse:
    if kind not in IMPORTERS:
        raise Http404
    _may(request, kind)
    name = f'attachment; filename="{kind}-sample.csv"'
    return HttpResponse(
        sample_csv(kind), content_type="text/csv; charset=utf-8", headers={"Content-Disposition": name}
    )


@require_safe
@never_cache
@login_required
def import_detail(request: HttpRequest, run_id: int) -> HttpResponse:
    """The import's page; for htmx only the part that changes while a worker is at it."""
    run = _run(request, run_id)
    problems = run.problems.filter(of_run=run.has_run)
    columns = [name for name, _ in columns_of(run.kind).listed()]
    present = [name for name in columns if any(name in row["values"] for row in run.preview)]
    again = ImportRun.objects.filter(kind=run.kind, sha256=run.sha256, pk__lt=run.pk, status="done").first()
    context = {
        "run": run,
        "noun": run.get_kind_display().lower(),
        "problems": problems[:PROBLEMS_SHOWN],
        "refused_more": run.counts.get("refused", 0) > PROBLEMS_SHOWN,
        "preview_columns": present,
        "preview": [(row, [(name, row["values"].get(name, "")) for name in present]) for row in run.preview],
        "again": again,
    }
    by_htmx = bool(request.htmx)  # type: ignore[attr-defined]
    return render(request, "invoices/_import.html" if by_htmx else "invoices/import_detail.html", context)


@require_safe
@login_required
def import_problems(request: HttpRequest, run_id: int) -> HttpResponseBase:
    """Every refused cell as CSV, so that the file can be mended."""
    run = _run(request, run_id)
    problems = run.problems.filter(of_run=run.has_run)
    rows = ([str(each.row), each.column, each.reason] for each in problems.iterator())
    return rows_response(request, ["row", "column", "reason"], rows, name=f"import-{run.pk}-refused")


@require_POST
@login_required
def import_act(request: HttpRequest, run_id: int, act: str) -> HttpResponse:
    """Run, cancel, go on."""
    run = _run(request, run_id)
    if act not in ACTS:
        raise Http404
    try:
        ACTS[act](run=run, actor=_user(request))
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
    return redirect(run)


def _user(request: HttpRequest) -> Any:
    return request.user
