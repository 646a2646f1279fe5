"""`/healthz`: the process answers. `/readyz`: what a call needs is there."""

from collections.abc import Callable
from urllib.parse import urlsplit, urlunsplit
from urllib.request import urlopen

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_required, permission_required
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from phantompay.celery import app

TIMEOUT_SECONDS = 2.0


def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


def readyz(request: HttpRequest) -> JsonResponse:
    """200 when every part is there, else 503; the body says which, without details that help an attacker."""
    parts = parts_ready()
    return JsonResponse(parts, status=200 if all(parts.values()) else 503)


@require_safe
@never_cache
@login_required
@permission_required("calls.view_pace", raise_exception=True)
def health_fragment(request: HttpRequest) -> HttpResponse:
    """The same for the operators' page, which asks for it by itself: a part that is away takes seconds to say so."""
    return render(request, "phantompay/_health.html", {"parts": parts_ready()})


def parts_ready() -> dict[str, bool]:
    """Every part by name, and whether it is there."""
    return {name: _works(check) for name, check in CHECKS.items()}


def _works(check: Callable[[], object]) -> bool:
    try:
        return bool(check())
    except Exception:  # whatever the failure is, the part is not ready
        return False


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


def _redis() -> bool:
    with redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS
    ) as client:
        return bool(client.ping())


def _livekit() -> bool:
    parts = urlsplit(settings.LIVEKIT_URL)
    return _answers(urlunsplit(parts._replace(scheme=parts.scheme.replace("ws", "http", 1))))


def _agent() -> bool:
    """Where the announcement speaks in every call, no agent is waited for."""
    return settings.AGENT_MODE == "announce" or _answers(settings.AGENT_HEALTH_URL)


def _worker() -> bool:
    return bool(app.control.ping(timeout=TIMEOUT_SECONDS, limit=1))


def _answers(url: str) -> bool:
    with urlopen(url, timeout=TIMEOUT_SECONDS) as response:  # noqa: S310 (our own settings)
        return bool(response.status == 200)


CHECKS: dict[str, Callable[[], object]] = {
    "database": _database,
    "redis": _redis,
    "livekit": _livekit,
    "worker": _worker,
    "agent": _agent,
}
