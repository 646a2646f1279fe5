"""Was this sent by Twilio? https://www.twilio.com/docs/usage/security#validating-requests"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from twilio.request_validator import RequestValidator


def webhook(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A POST from Twilio: 403 unless signed for this URL on PUBLIC_BASE_URL and sent for our account.

    The URL is never taken from the request's own headers, which a proxy or an attacker may have written.
    """

    @csrf_exempt
    @require_POST
    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        url = settings.PUBLIC_BASE_URL + request.get_full_path()
        signature = request.headers.get("X-Twilio-Signature", "")
        genuine = signature_valid(url=url, params=request.POST, signature=signature)
        if not genuine or request.POST.get("AccountSid") != settings.TWILIO_ACCOUNT_SID:
            return HttpResponseForbidden("Not signed by the carrier.", content_type="text/plain")
        return view(request, *args, **kwargs)

    return checked


def signature_valid(*, url: str, params: Any, signature: str) -> bool:
    """True if `signature` is the carrier's for `url` and the POST parameters (a QueryDict or dict)."""
    if not signature:
        return False
    return bool(RequestValidator(settings.TWILIO_AUTH_TOKEN).validate(url, params, signature))


def stream_signature_valid(*, path: str, signature: str) -> bool:
    """True if `signature` is the carrier's for the stream's handshake.

    Sources differ on the form of the URL that is signed: wss as given, with its port, or https. Each is accepted.
    """
    secure = settings.PUBLIC_BASE_URL.replace("http", "ws", 1) + path
    host = settings.PUBLIC_BASE_URL.split("://", 1)[1]
    candidates = {secure, settings.PUBLIC_BASE_URL + path}
    if settings.PUBLIC_BASE_URL.startswith("https") and ":" not in host:
        candidates.add(f"wss://{host}:443{path}")
    return any(signature_valid(url=url, params={}, signature=signature) for url in candidates)
