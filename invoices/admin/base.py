"""What all rows of the ledger have alike in the admin."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from unfold.admin import ModelAdmin

from invoices.admin.acts import SOURCE, Act, ActForm
from invoices.admin.exports import Exports
from invoices.admin.panels import Panel, row_url
from invoices.admin.timeline import timeline_of
from invoices.paging import BoundedPaginator


class LedgerAdmin(Exports, ModelAdmin):
    """A row is shown, with what belongs to it and its timeline. What may be done to it are its acts.

    Nothing is added, changed or deleted past them.
    """

    # What may be done to a row, and what makes one.
    acts: ClassVar[Sequence[Act]] = ()
    add_act: ClassVar[Act | None] = None
    # In Event.object_type.
    object_type: ClassVar[str] = ""
    # There is one row alone: it needs no list, and its name is said once.
    only_row: ClassVar[object] = None
    paginator = BoundedPaginator
    show_full_result_count = False
    list_per_page = 50
    change_form_outer_before_template = "invoices/admin_acts.html"
    change_form_outer_after_template = "invoices/admin_panels.html"

    class Media:
        css: ClassVar[dict[str, list[str]]] = {"all": ["css/ledger-admin.css"]}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.add_act is not None and self.add_act.may(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return flatten_fieldsets(self.get_fieldsets(request, obj))

    def panels(self, row: Any) -> list[Panel]:
        """What belongs to the row."""
        return []

    def documents(self, row: Any) -> list[tuple[str, str]]:
        """(title, URL) of each document that is made of the row."""
        return []

    def timeline(self, row: Any) -> Panel:
        return timeline_of(row, self.object_type)

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_act"
        view = self.admin_site.admin_view(self.act_view)
        urls: list[URLPattern] = super().get_urls()
        return [path("<path:object_id>/act/<slug:name>/", view, name=name), *urls]

    def found(self, rows: QuerySet[Any], query: str) -> QuerySet[Any]:
        """The rows that a search finds."""
        return rows.none()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        query = search_term.replace("\0", "").strip()
        return (self.found(queryset, query) if query else queryset), False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if any("\0" in value for values in request.GET.lists() for value in (values[0], *values[1])):
            return HttpResponseRedirect(request.path)
        if self.only_row and self.has_view_permission(request):
            name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
            return HttpResponseRedirect(reverse(name, args=[self.only_row]))
        return super().changelist_view(request, extra_context)  # type: ignore[no-any-return]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row = self.get_object(request, unquote(object_id)) if self.has_view_permission(request) else None
        context = dict(extra_context or {})
        if row is not None:
            context |= {
                "acts": [(act, self.act_url(act, row)) for act in self._offered(request, row)],
                "documents": self.documents(row),
                "panels": [*self.panels(row), self.timeline(row)],
                "show_history": False,
                "title": str(row) if self.only_row else f"{self.opts.verbose_name} {row}".capitalize(),
            }
        return super().change_view(request, object_id, form_url, context)  # type: ignore[no-any-return]

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """The timeline is on the row's page."""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return HttpResponseRedirect(f"{reverse(name, args=[object_id])}#timeline")

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if self.add_act is None or not self.add_act.may(request.user):
            raise PermissionDenied
        return self._act_page(request, self.add_act, None)

    def act_url(self, act: Act, row: Model) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_act", args=[row.pk, act.name])

    def act_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        act = next((act for act in self.acts if act.name == name), None)
        if act is None:
            raise Http404
        if not act.may(request.user) or not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        return self._act_page(request, act, row)

    def _offered(self, request: HttpRequest, row: Model) -> list[Act]:
        return [act for act in self.acts if act.may(request.user) and act.offered(row)]

    def _act_page(self, request: HttpRequest, act: Act, row: Model | None) -> HttpResponse:
        """Ask on GET; on POST do it and go on, or ask again with what was refused."""
        if request.method == "POST":
            form = act.form(request.POST, row=row)
            made = form.hand_over(source=SOURCE, actor=request.user) if form.is_valid() else None
            if made is not None:
                return self.done(request, act, form, made if row is None or act.opens_made else row)
        elif row is not None and not act.offered(row):
            messages.warning(request, f"{act.title}: not possible as things stand.")
            return HttpResponseRedirect(row_url(row))
        else:
            form = act.form(row=row)
        return self._asked(request, act, row, form)

    def done(self, request: HttpRequest, act: Act, form: ActForm, shown: Model) -> HttpResponse:
        """After an act: on to the page of `shown`."""
        messages.success(request, act.done)
        return HttpResponseRedirect(row_url(shown) or self._list_url())

    def _list_url(self) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")

    def _asked(self, request: HttpRequest, act: Act, row: Model | None, form: ActForm) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": act.title if row is None or self.only_row else f"{act.title}: {row}",
            "act": act,
            "form": form,
            "row": row,
            "back": self._list_url() if row is None else row_url(row),
            "media": self.media + form.media + (form.rows.media if form.rows is not None else form.media),
            "inline_admin_formsets": [],
        }
        return TemplateResponse(request, "invoices/admin_act.html", context)
