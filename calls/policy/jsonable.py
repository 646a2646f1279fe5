"""Frozen dataclasses to JSON and back, so that a decision can be stored with its facts and asked again."""

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


def to_json(value: Any) -> Any:
    """Dataclasses become objects, tuples lists, dates and times ISO text, decimals text."""
    if is_dataclass(value):
        return {field.name: to_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): to_json(each) for key, each in value.items()}
    if isinstance(value, (tuple, list)):
        return [to_json(each) for each in value]
    return value


def from_json(kind: type[T], value: Mapping[str, Any]) -> T:
    """A `kind` as `to_json` wrote it. Unknown keys are left alone; absent ones take their default.

    Raises TypeError for a field that is absent and has no default, ValueError for text that is no date or number.
    """
    built: Any = kind
    hints = _hints(built)
    return kind(**{name: _read(hints[name], value[name]) for name in hints if name in value})


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _read(hint: Any, value: Any) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return None if value is None else _read(arguments[0], value)
    if origin is tuple:
        return tuple(_read(arguments[0], each) for each in value)
    if origin is not None:
        return dict(value)
    if is_dataclass(hint) and isinstance(hint, type):
        return from_json(hint, value)
    if hint in (datetime, date, time):
        return hint.fromisoformat(value)
    if hint is Decimal:
        return Decimal(value)
    return value
