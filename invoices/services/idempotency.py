"""One row for one key, however often and by however many it is asked for."""

import hashlib
import json
from collections.abc import Callable
from typing import TypeVar

from django.db import IntegrityError, transaction

from invoices.models.keyed import Keyed

Row = TypeVar("Row", bound=Keyed)


class KeyReused(Exception):
    """The key already stands for another request."""


def digest_of(**asked: object) -> str:
    """What a request asked for, as 64 hex digits; equal for equal values."""
    text = json.dumps(asked, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def once(model: type[Row], *, key: str, digest: str, make: Callable[[], Row]) -> Row:
    """The row that `key` has made, else the one that `make` makes with it; without a key always a new one.

    `make` must set `idempotency_key=key or None` and `idempotency_digest=digest`. A row that was there is marked
    `is_repeated`. Raises KeyReused where the key was used for something else. The unique constraint decides between
    requests at the same moment.
    """
    if not key:
        return make()
    existing = _made_by(model, key, digest)
    if existing is not None:
        return existing
    try:
        with transaction.atomic():
            return make()
    except IntegrityError:
        existing = _made_by(model, key, digest)
        if existing is None:
            raise
        return existing


def _made_by(model: type[Row], key: str, digest: str) -> Row | None:
    row = model._default_manager.filter(idempotency_key=key).first()
    if row is None:
        return None
    if row.idempotency_digest != digest:
        raise KeyReused
    row.is_repeated = True
    return row
