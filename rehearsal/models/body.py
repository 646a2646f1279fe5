"""Reading a JSON body field by field, with OpenAI's complaint when one is missing or wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from .errors import ApiError


async def json_body(request: web.Request) -> dict[str, Any]:
    """The request's JSON object; 400 when it is none."""
    try:
        body = await request.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise ApiError(400, "We could not parse the JSON body of your request.") from None
    if not isinstance(body, dict):
        raise ApiError(400, "The JSON body of your request must be an object.")
    return body


def text(body: Mapping[str, Any], field: str) -> str:
    """A field that must hold a non-empty string."""
    value = body.get(field)
    if value in (None, ""):
        raise ApiError(
            400, f"Missing required parameter: '{field}'.", param=field, code="missing_required_parameter"
        )
    if not isinstance(value, str):
        raise ApiError(
            400, f"Invalid type for '{field}': expected a string.", param=field, code="invalid_type"
        )
    return value


def choice(body: Mapping[str, Any], field: str, offered: tuple[str, ...], default: str) -> str:
    """A field that must be one of *offered*."""
    value = body.get(field, default)
    if value not in offered:
        known = ", ".join(f"'{one}'" for one in offered)
        raise ApiError(
            400,
            f"Invalid value: '{value}'. Supported values here are: {known}.",
            param=field,
            code="invalid_value",
        )
    return str(value)
