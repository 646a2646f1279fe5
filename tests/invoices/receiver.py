"""Endpoints as tests make them, and the server that they lead to."""

from typing import Any

from invoices.webhooks.endpoints import endpoint_add
from tests.receiver import receiving

__all__ = ["WHO", "receiving", "told"]
WHO: dict[str, Any] = {"source": "staff"}


def told(url: str, *types: str):
    """An endpoint there, and its secret."""
    return endpoint_add(url=url, types=types, **WHO)
