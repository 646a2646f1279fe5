"""Which call the running code is about, for every log record it writes.

Whoever begins to work on a call says so once; the records of everything called from there, in this task or thread, have
the attribute `call_id`. The id and nothing else: names, numbers, amounts and tokens have no place in a log.
"""

import contextlib
import logging
from collections.abc import Callable, Iterator
from contextvars import ContextVar, Token
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse

_call_id: ContextVar[str] = ContextVar("call_id", default="")


def call_is(call_id: UUID | str) -> Token[str]:
    """From here on, in this task or thread, it is about that call. `call_was` takes it back."""
    return _call_id.set(str(call_id))


def call_was(token: Token[str]) -> None:
    _call_id.reset(token)


@contextlib.contextmanager
def about_call(call_id: UUID | str) -> Iterator[None]:
    token = call_is(call_id)
    try:
        yield
    finally:
        call_was(token)


class AboutCallMiddleware:
    """Requests whose URL names a call are about it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with about_call(""):
            return self._get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: dict[str, Any]) -> None:
        named = kwargs.get("call_id") or kwargs.get("pk")
        if isinstance(named, UUID):  # only calls are named so
            call_is(named)


def install() -> None:
    """Put the id on each record as it is made, so that handlers, queues and other processes find it there."""
    make = logging.getLogRecordFactory()
    if getattr(make, "names_the_call", False):
        return

    def record(*args: Any, **kwargs: Any) -> logging.LogRecord:
        made = make(*args, **kwargs)
        if call_id := _call_id.get():
            made.call_id = call_id
        return made

    record.names_the_call = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(record)
