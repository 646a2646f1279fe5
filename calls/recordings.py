"""A call's recording over HTTP: whole or one range of bytes, never cached."""

import re

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse

from calls.models import Call

ONE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})\Z", re.ASCII)


def recording_response(request: HttpRequest, call: Call) -> HttpResponse:
    """The WAV, or the range asked for (206; 416 when it lies outside). Raises Http404 when there is none.

    Read into memory: a call's length is limited, which bounds the file (32 kB a second), and Django would collect a
    synchronous stream under ASGI all the same.
    """
    if not call.recording:
        raise Http404("This call has no recording.")
    try:
        size = default_storage.size(call.recording)
        span = _span(request.headers.get("Range", ""), size)
        if span is None:
            response = HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
        else:
            response = _span_response(call, span, size)
    except FileNotFoundError:
        raise Http404("The recording's file is gone.") from None
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = "private, no-store"
    return response


def _span_response(call: Call, span: range, size: int) -> HttpResponse:
    with default_storage.open(call.recording) as file:
        file.seek(span.start)
        data = file.read(len(span))
    response = HttpResponse(data, content_type="audio/wav")
    response["Content-Disposition"] = f'inline; filename="call-{call.pk}.wav"'
    if len(span) != size:
        response.status_code = 206
        response["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{size}"
    return response


def _span(header: str, size: int) -> range | None:
    """The bytes to send: everything for no or an unreadable header (RFC 9110 14.2), None for what can't be met."""
    found = ONE_RANGE.match(header)
    if found is None or found.groups() == ("", ""):
        return range(size)
    first, last = found.groups()
    if not first:
        span = range(max(0, size - int(last)), size)
    elif last and int(last) < int(first):
        return range(size)
    else:
        span = range(int(first), min(int(last) + 1, size) if last else size)
    return span if len(span) else None
