"""Pages of lists that may be long: what is counted and how far one may page are bounded."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property


class BoundedPaginator(Paginator):
    """Counts `limit` rows at most and has no page beyond them. Takes the place of Django's own, in the admin too.

    Rows are counted in the list's order, so that the database walks the index that the list walks, and stops.
    """

    limit = 10_000

    def __init__(self, *args: Any, limit: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.limit = limit or self.limit

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        if isinstance(rows, QuerySet):
            # The order of a slice is kept; that of a plain count would be dropped.
            return rows.values("pk")[: self.limit].count()
        return min(len(rows), self.limit)

    def page(self, number: int | str) -> Page:
        """The rows of one page. Raises InvalidPage, as Django's does."""
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        last = first + self.per_page
        if last + self.orphans >= self.count:
            last = self.count
        return Page(self._rows(first, last), number, self)

    def _rows(self, first: int, last: int) -> Any:
        rows = self.object_list
        if first == 0 or not isinstance(rows, QuerySet) or rows.query.is_sliced:
            return rows[first:last]
        # What a page skips is skipped in the index: neither read whole nor joined.
        return rows.filter(pk__in=list(rows.values_list("pk", flat=True)[first:last]))

    @property
    def is_bounded(self) -> bool:
        """There may be more rows than are counted."""
        return self.count >= self.limit

    @property
    def count_text(self) -> str:
        """The number of rows as it is shown: “10,000 or more” where not all were counted."""
        return f"{self.count:,} or more" if self.is_bounded else f"{self.count:,}"
