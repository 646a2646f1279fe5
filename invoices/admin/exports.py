"""Lists of the admin as files: all that the filters leave, or the rows that were ticked."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import URLPattern, path

from invoices.files.exporting import List, list_response


class Exports:
    """Beside a ModelAdmin; `exported` are the columns of the file. Reading is all that it does."""

    exported: ClassVar[type[List] | None] = None
    list_before_template = "invoices/admin_export.html"
    actions: ClassVar[list[str]] = ["export_ticked"]

    def get_actions(self, request: HttpRequest) -> Any:
        found = super().get_actions(request)  # type: ignore[misc]
        if self.exported is None:
            found.pop("export_ticked", None)
        return found

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.export_view)  # type: ignore[attr-defined]
        urls: list[URLPattern] = super().get_urls()  # type: ignore[misc]
        return [path("export/", view), *urls] if self.exported else urls

    @admin.action(description="Export as CSV", permissions=["view"])
    def export_ticked(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponseBase:
        assert self.exported is not None
        return list_response(request, self.exported, queryset, ticked="yes")

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """The rows of the list as it is filtered, searched and ordered by the query."""
        if self.exported is None or not self.has_view_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied
        try:
            shown = self.get_changelist_instance(request)  # type: ignore[attr-defined]
        except IncorrectLookupParameters:
            return HttpResponseRedirect("../?e=1")
        filters = ", ".join(sorted(shown.get_filters_params()))
        return list_response(request, self.exported, shown.get_queryset(request), filters=filters)
