"""Lists as CSV, streamed: a row is read, written and forgotten.

What a list has for columns is a Resource of django-import-export; its own `export` gathers the whole file in memory
first, so that rows are asked for one by one here. Values are neutralised (`escaping`), amounts have exactly their
currency's decimals, days and moments are ISO 8601 (UTC).
"""

import csv
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import chain, islice
from typing import Any, ClassVar

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from import_export.fields import Field
from import_export.resources import Resource
from import_export.widgets import Widget

from invoices.events import event_record
from invoices.files.escaping import neutralise
from invoices.money import amount_exact

READ_AT_ONCE = 500
WRITTEN_AT_ONCE = 200


class Plain(Widget):
    """Text as it stands, days and moments in ISO 8601, nothing for None."""

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, datetime):
            return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        return value.isoformat() if isinstance(value, date) else str(value)


def column(attribute: str, name: str = "") -> Field:
    return Field(attribute=attribute, column_name=name or attribute, widget=Plain())


def money(attribute: str, currency: str = "currency", name: str = "") -> Field:
    """An amount with the decimals of the currency at the path `currency`."""
    at = column(currency)

    def exact(row: Any) -> str:
        value: Decimal | None = Field(attribute=attribute).get_value(row)
        return "" if value is None else str(amount_exact(value, at.get_value(row)))

    return Field(attribute=attribute, column_name=name or attribute, dehydrate_method=exact)


class List(Resource):
    """The columns of one list, and what must be read along with its rows."""

    name: ClassVar[str]
    permission: ClassVar[str]
    related: ClassVar[Sequence[str]] = ()
    prefetched: ClassVar[Sequence[str]] = ()

    def rows(self, queryset: QuerySet[Any]) -> Iterator[list[str]]:
        """The rows in the queryset's order."""
        wanted = queryset.select_related(*self.related) if self.related else queryset
        wanted = wanted.prefetch_related(*self.prefetched)
        fields = self.get_export_fields()
        for row in wanted.iterator(chunk_size=READ_AT_ONCE):
            yield [self.export_field(field, row) for field in fields]


def list_response(
    request: HttpRequest, listed: type[List], queryset: QuerySet[Any], **told: str
) -> StreamingHttpResponse:
    """`queryset` as a CSV file; that it left the house is written down, with the filters `told`."""
    resource = listed()
    user: Any = request.user
    event_record(
        object_type="export",
        object_id=resource.name,
        kind="list_exported",
        source="staff",
        actor=user,
        after=told,
    )
    return rows_response(request, resource.get_export_headers(), resource.rows(queryset), name=resource.name)


def rows_response(
    request: HttpRequest, header: Sequence[str], rows: Iterable[Sequence[str]], *, name: str
) -> StreamingHttpResponse:
    """CSV (UTF-8 with BOM, which Excel asks for), sent while it is written."""
    lines = _lines(chain([header], rows))
    # A synchronous stream would be collected whole under ASGI.
    stream = _apart(lines) if isinstance(request, ASGIRequest) else lines
    return StreamingHttpResponse(
        stream,
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}.csv"',
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def _lines(rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    writer = csv.writer(_Echo())
    yield b"\xef\xbb\xbf"
    iterator = iter(rows)
    while some := list(islice(iterator, WRITTEN_AT_ONCE)):
        yield "".join(writer.writerow([neutralise(cell) for cell in row]) for row in some).encode()


async def _apart(lines: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The same, its database work in the request's own thread."""

    def step() -> bytes | None:
        return next(lines, None)

    while (part := await sync_to_async(step)()) is not None:
        yield part
