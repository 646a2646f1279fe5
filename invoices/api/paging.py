"""Lists by cursor: each page begins where the last one ended, whatever is written meanwhile."""

from collections import OrderedDict
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.db.models import Model, Q
from rest_framework.exceptions import NotFound
from rest_framework.exceptions import ValidationError as Refusal
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

MOST_COUNTED = 10_000
NO_PAGE = "There is no such page."
_signer = Signer(salt="api.cursor")


class CursorPagination(BasePagination):
    """Pages in the order of one field and then the id, both the same way.

    The view's `orders` names the fields that may be asked for; the first, as it is written, is the default. A cursor
    is signed: one that was not given out here, or for another order, is 404.
    """

    page_size = 50
    most = 200

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        if "page" in request.query_params:
            raise NotFound("Pages have no numbers: follow `next`.")
        self.request = request
        self.order = _order_asked(request, view.orders)
        self.size = self._size()
        self.counted = queryset.order_by(*self._by(False)).values("pk")[:MOST_COUNTED].count()
        text = request.query_params.get("cursor")
        back, position = (False, None) if text is None else _read(text, self.order, queryset.model)
        rows = queryset.order_by(*self._by(back))
        if position is not None:
            rows = rows.filter(self._beyond(position, back))
        found = list(rows[: self.size + 1])
        more, page = len(found) > self.size, found[: self.size]
        if back:
            page.reverse()
        self.before = more if back else position is not None
        self.after = position is not None if back else more
        self.page = page
        return page

    def _size(self) -> int:
        text = self.request.query_params.get("page_size")
        if text is None:
            return self.page_size
        if text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= self.most:
            return int(text)
        raise Refusal({"page_size": [f"A number from 1 to {self.most}."]})

    def _by(self, back: bool) -> list[str]:
        name, down = self.order.lstrip("-"), self.order.startswith("-")
        sign = "-" if down != back else ""
        return [f"{sign}{name}"] if name == "id" else [f"{sign}{name}", f"{sign}pk"]

    def _beyond(self, position: tuple[Any, Any], back: bool) -> Q:
        name, down = self.order.lstrip("-"), self.order.startswith("-")
        way = "lt" if down != back else "gt"
        value, pk = position
        if name == "id":
            return Q(**{f"pk__{way}": pk})
        # Said so that the database may walk an index from there.
        after = Q(**{f"{name}__{way}": value}) | Q(**{name: value, f"pk__{way}": pk})
        return Q(**{f"{name}__{way}e": value}) & after

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            OrderedDict(
                count=self.counted,
                next=self._link(self.page[-1], back=False) if self.after and self.page else None,
                previous=self._link(self.page[0], back=True) if self.before and self.page else None,
                results=data,
            )
        )

    def _link(self, row: Model, *, back: bool) -> str:
        name = self.order.lstrip("-")
        field = row._meta.get_field("id" if name == "id" else name)
        said = {"o": self.order, "b": back, "v": field.value_to_string(row), "i": str(row.pk)}  # type: ignore[union-attr]
        url = remove_query_param(self.request.build_absolute_uri(), "cursor")
        return str(replace_query_param(url, "cursor", _signer.sign_object(said)))

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "format": "uri", "nullable": True}
        return {
            "type": "object",
            "required": ["count", "next", "previous", "results"],
            "properties": {
                "count": {
                    "type": "integer",
                    "minimum": 0,
                    "maximum": MOST_COUNTED,
                    "description": f"Rows in all pages together; {MOST_COUNTED} stands for that many or more.",
                },
                "next": {**link, "description": "The page after this one; null on the last."},
                "previous": {**link, "description": "The page before this one; null on the first."},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {
                "name": "cursor",
                "in": "query",
                "schema": {"type": "string"},
                "description": "Where the page begins, from `next` or `previous` of another. Any other is 404.",
            },
            {
                "name": "page_size",
                "in": "query",
                "schema": {"type": "integer", "minimum": 1, "maximum": self.most, "default": self.page_size},
            },
            {
                "name": "ordering",
                "in": "query",
                "schema": {"type": "string", "enum": orderings(view.orders), "default": view.orders[0]},
                "description": "By one field, with `-` the largest first; rows that are alike, by their id.",
            },
        ]


def orderings(orders: tuple[str, ...]) -> list[str]:
    """Each field of `orders` up and down."""
    names = [order.lstrip("-") for order in orders]
    return [sign + name for name in names for sign in ("", "-")]


def _order_asked(request: Request, orders: tuple[str, ...]) -> str:
    asked = request.query_params.get("ordering")
    if asked is None:
        return orders[0]
    if asked not in orderings(orders):
        raise Refusal({"ordering": [f"One of: {', '.join(orderings(orders))}."]})
    return str(asked)


def _read(text: str, order: str, model: type[Model]) -> tuple[bool, tuple[Any, Any]]:
    """(backwards, (value, id)) of a cursor."""
    try:
        said = _signer.unsign_object(text)
        if said["o"] != order:
            raise NotFound(NO_PAGE)
        value = model._meta.get_field(order.lstrip("-")).to_python(said["v"])  # type: ignore[union-attr]
        return said["b"], (value, _id(said["i"], model))
    except (BadSignature, ValidationError, ValueError, KeyError, TypeError):
        raise NotFound(NO_PAGE) from None


def _id(text: str, model: type[Model]) -> int | UUID:
    found: int | UUID = model._meta.pk.to_python(text)
    return found
