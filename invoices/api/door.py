"""What every door of the API shares: what is refused before it is understood, how refusals read, and the shapes of a
list, a row, a change and an act."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any, ClassVar

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Model, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.crypto import constant_time_compare, salted_hmac
from drf_spectacular.utils import OpenApiParameter
from rest_framework import exceptions, generics, permissions, serializers
from rest_framework.exceptions import APIException
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

from invoices.api.entry import MayEnter
from invoices.models import ApiToken, Customer
from invoices.services.idempotency import KeyReused

SOURCE = "api"
LONGEST_KEY = 100
# SQLite and PostgreSQL both end here; what is larger names no row.
LARGEST_ID = 2**63 - 1

Permissions = Mapping[str, tuple[str, ...]]


class Conflict(APIException):
    """What was asked for does not fit what is there. `detail` is texts by field."""

    status_code = 409


class TooLarge(APIException):
    status_code = 413
    default_detail = "The body is too large."


class Stale(APIException):
    status_code = 412
    default_detail = "It was changed since you read it. Read it again."


class ConditionMissing(APIException):
    status_code = 428
    default_detail = "Send If-Match with the ETag of what you have read."


def refusal_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """How an exception is answered. Django refuses by itself what is larger than it reads into memory."""
    return exception_handler(TooLarge() if isinstance(error, RequestDataTooBig) else error, context)


class CarefulJSONParser(JSONParser):
    """JSON that is too large, can't be stored, or is nested beyond what Python reads, is a client's error."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            bounded: Any = _Bounded(stream, settings.API_BODY_MAX_BYTES)
            data = super().parse(bounded, media_type, parser_context)
            json.dumps(data, ensure_ascii=False).encode()
        except RecursionError:
            raise exceptions.ParseError("The JSON is nested too deep.") from None
        except UnicodeEncodeError:
            raise exceptions.ParseError("The JSON holds half of a surrogate pair.") from None
        if not isinstance(data, dict):
            raise exceptions.ParseError("Send one JSON object.")
        return data


class _Bounded:
    """A body of which at most `most` bytes are read."""

    def __init__(self, stream: IO[Any], most: int) -> None:
        self._stream = stream
        self._left = most

    def read(self, size: int = -1) -> bytes:
        text: bytes = self._stream.read(self._left + 1 if size < 0 else min(size, self._left + 1))
        self._left -= len(text)
        if self._left < 0:
            raise TooLarge
        return text


@contextmanager
def refusals_at_the_field(asks: type[serializers.Serializer[Any]] | None = None) -> Iterator[None]:
    """A service's refusal as the client reads it: 400 with the same fields.

    409 where the service names no field of `asks`: then not what was sent is wrong, but what is there. A reused key
    is 409 too.
    """
    try:
        yield
    except ValidationError as error:
        detail = error.message_dict if hasattr(error, "error_dict") else {"non_field_errors": error.messages}
        detail = {("non_field_errors" if key == "__all__" else key): texts for key, texts in detail.items()}
        known = {*(asks().fields if asks is not None else ()), "non_field_errors"}
        if known.isdisjoint(detail):
            raise Conflict(detail) from None
        raise exceptions.ValidationError(detail) from None
    except KeyReused:
        raise Conflict({"Idempotency-Key": ["This key was used for another request."]}) from None
    except IntegrityError:
        # Two requests with one number at the same moment: both passed the check, the database refused one.
        raise exceptions.ValidationError({"number": ["This number is taken."]}) from None


def idempotency_key(request: Request) -> str:
    """The request's `Idempotency-Key`, "" without one. Raises ValidationError for one that can't be kept."""
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > LONGEST_KEY or not key.isascii() or not (key.isprintable()):
        raise exceptions.ValidationError(
            {"Idempotency-Key": [f"At most {LONGEST_KEY} printable ASCII characters."]}
        )
    return key


class Door(generics.GenericAPIView[Any]):
    """A resource. `serializer_class` is how a row reads; `asks` what is sent to make, change or move one."""

    permission_classes = [MayEnter]
    parser_classes = [CarefulJSONParser]
    renderer_classes = [JSONRenderer]
    # By method; a method that is absent here is not offered.
    permissions: ClassVar[Permissions] = {}
    # What a token needs to write here.
    scope: ClassVar[str] = ApiToken.Scope.LEDGER
    asks: ClassVar[type[serializers.Serializer[Any]] | None] = None
    # POST takes an Idempotency-Key.
    keyed: ClassVar[bool] = False
    # PATCH wants If-Match with the ETag that GET answers.
    tagged: ClassVar[bool] = False
    orders: ClassVar[tuple[str, ...]] = ("-id",)
    # For the schema: parameters of GET, answers where they are not the row, and what else may go wrong, by status.
    parameters: ClassVar[tuple[OpenApiParameter, ...]] = ()
    answers: ClassVar[Mapping[Any, Any]] = {}
    fails: ClassVar[Mapping[str, str]] = {}

    def told(self, **how: Any) -> dict[str, Any]:
        """What was sent, validated."""
        if self.asks is None:
            # An unread body may still be no JSON.
            _ = self.request.data
            return {}
        sent = self.asks(data=self.request.data, context=self.get_serializer_context(), **how)
        sent.is_valid(raise_exception=True)
        return dict(sent.validated_data)

    @property
    def who(self) -> dict[str, Any]:
        """By whom, for a service."""
        return {"source": SOURCE, "actor": self.request.user}

    def found(self, pk: Any) -> Any:
        return get_object_or_404(self.get_queryset(), pk=pk)

    def row_response(self, row: Model, status: int = 200) -> Response:
        """The row as it reads, from the database as it is now."""
        return self.stored_response(self.get_queryset().get(pk=row.pk), status)

    def stored_response(self, row: Model, status: int = 200) -> Response:
        shown = dict(self.get_serializer(row).data)
        headers = {"ETag": self.tag(row, shown)} if self.tagged else {}
        return Response(shown, status=status, headers=headers)

    def tag(self, row: Model, shown: dict[str, Any]) -> str:
        """The ETag of a row: changes with whatever can be changed of it. It tells nothing of what isn't shown."""
        hidden = [str(getattr(row, field.attname)) for field in row._meta.concrete_fields]
        text = json.dumps([shown, hidden], default=str, sort_keys=True)
        return f'"{salted_hmac("api.etag", text).hexdigest()[:32]}"'


class Rows(Door):
    """GET lists."""

    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class MakingRows(Rows):
    """GET lists, POST makes."""

    def make(self, **told: Any) -> Model:
        """Call the service with what was sent, `idempotency_key` with it where `keyed`."""
        raise NotImplementedError

    def post(self, request: Request) -> Response:
        key = {"idempotency_key": idempotency_key(request)} if self.keyed else {}
        told = self.told()
        with refusals_at_the_field(self.asks):
            made = self.make(**told, **key, **self.who)
        return self.row_response(made, status=200 if getattr(made, "is_repeated", False) else 201)


class Row(Door):
    """GET reads one."""

    def get(self, request: Request, pk: Any) -> Response:
        return self.stored_response(self.found(pk))


class EditableRow(Row):
    """GET reads one with its ETag; PATCH changes it, if it is still as the client read it."""

    tagged = True

    def edit(self, row: Any, **told: Any) -> Model:
        """Call the service with what was sent."""
        raise NotImplementedError

    def customer_of(self, row: Any) -> int:
        """Whose lock the services of such rows take."""
        return int(row.customer_id)

    def patch(self, request: Request, pk: Any) -> Response:
        wanted = request.headers.get("If-Match")
        if wanted is None:
            raise ConditionMissing
        row = self.found(pk)
        with transaction.atomic():
            # Every service that changes such a row takes this lock: from the comparison on nothing else does.
            Customer.objects.select_for_update().get(pk=self.customer_of(row))
            row = self.found(pk)
            if not _matches(wanted, self.tag(row, dict(self.get_serializer(row).data))):
                raise Stale
            told = self.told(instance=row, partial=True)
            with refusals_at_the_field(self.asks):
                changed = self.edit(row, **told, **self.who)
        return self.row_response(changed)


def _matches(wanted: str, tag: str) -> bool:
    """RFC 9110, 13.1.1: `*`, or one of a list by strong comparison."""
    given = [each.strip() for each in wanted.split(",")]
    return given == ["*"] or any(constant_time_compare(each, tag) for each in given)


class Act(Door):
    """POST does one thing to a row and answers the row."""

    def act(self, row: Any, **told: Any) -> Model:
        """Call the service with what was sent."""
        raise NotImplementedError

    def post(self, request: Request, pk: Any) -> Response:
        row = self.found(pk)
        told = self.told()
        with refusals_at_the_field(self.asks):
            done = self.act(row, **told, **self.who)
        return self.row_response(done)


class NoSuchDoor(APIView):
    """Under the API what is not there is told in JSON too."""

    authentication_classes = ()
    permission_classes = [permissions.AllowAny]
    throttle_classes = ()
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise exceptions.NotFound


def queryset_of(model: type[Model], *related: str, prefetch: tuple[str, ...] = ()) -> QuerySet[Any]:
    """All rows of a model with what their serializer reads."""
    rows: QuerySet[Any] = model._default_manager.all()
    if related:
        rows = rows.select_related(*related)
    return rows.prefetch_related(*prefetch)
