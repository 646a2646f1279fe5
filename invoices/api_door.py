"""What every door of the API shares: who may enter, what is refused before it is understood, how refusals read."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from rest_framework import exceptions
from rest_framework.parsers import JSONParser
from rest_framework.permissions import DjangoModelPermissions


class MayViewOrAdd(DjangoModelPermissions):
    """Reading needs the model's view permission too, which Django REST Framework leaves open."""

    perms_map = {
        **DjangoModelPermissions.perms_map,
        "GET": ["%(app_label)s.view_%(model_name)s"],
        "HEAD": ["%(app_label)s.view_%(model_name)s"],
    }


class CarefulJSONParser(JSONParser):
    """JSON that can't be stored, or is nested beyond what Python reads, is a client's error."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            data = super().parse(stream, media_type, parser_context)
            json.dumps(data, ensure_ascii=False).encode()
        except RecursionError:
            raise exceptions.ParseError("The JSON is nested too deep.") from None
        except UnicodeEncodeError:
            raise exceptions.ParseError("The JSON holds half of a surrogate pair.") from None
        if not isinstance(data, dict):
            raise exceptions.ParseError("Send one JSON object.")
        return data


@contextmanager
def refusals_at_the_field() -> Iterator[None]:
    """A service's ValidationError becomes a 400 with the same fields."""
    try:
        yield
    except ValidationError as error:
        detail = error.message_dict if hasattr(error, "error_dict") else {"non_field_errors": error.messages}
        detail = {("non_field_errors" if key == "__all__" else key): texts for key, texts in detail.items()}
        raise exceptions.ValidationError(detail) from None
    except IntegrityError:
        # Two requests with one number at the same moment: both passed the check, the database refused one.
        raise exceptions.ValidationError({"number": ["This number is taken."]}) from None
