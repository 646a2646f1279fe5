"""Who may enter: a token's scope and its user's permissions, or a session's user; and how often."""

import logging
import math
import time
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.utils.crypto import salted_hmac
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from invoices.models import ApiToken
from invoices.services.tokens import token_use

logger = logging.getLogger(__name__)
KEYWORD = "Token"
MINUTE = 60
AWAY = "the cache that counts requests is away: %s"


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Token pp_…`. `request.auth` is the ApiToken."""

    def authenticate(self, request: Request) -> tuple[Any, ApiToken] | None:
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != KEYWORD.lower().encode():
            return None
        token = token_use(parts[1].decode("ascii", "replace")) if len(parts) == 2 else None
        if token is None:
            raise exceptions.AuthenticationFailed("This token is unknown, has expired or was revoked.")
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return KEYWORD


class MayEnter(BasePermission):
    """The user needs the view's permissions for the method; a token needs the scope too."""

    def has_permission(self, request: Request, view: Any) -> bool:
        method = "GET" if request.method == "HEAD" else request.method
        needed = view.permissions.get(method)
        if not request.user or not request.user.is_authenticated:
            return False
        if needed is None:
            # No such method: the view says 405 itself.
            return True
        scope = ApiToken.Scope.READ if request.method in SAFE_METHODS else view.scope
        if isinstance(request.auth, ApiToken) and scope not in request.auth.scopes:
            self.message = f"This token has no scope {scope}."
            return False
        return request.user.has_perms(needed)


class Window:
    """At most `limit` of something in each window of `seconds`, counted in the shared cache.

    Without the cache nothing is held up: that the API answers matters more than that it counts.
    """

    def __init__(self, name: str, who: str, *, limit: int, seconds: int = MINUTE) -> None:
        self.limit = limit
        self.seconds = seconds
        self.number, self.passed = divmod(time.time(), seconds)
        # Names and addresses stay out of the cache.
        hidden = salted_hmac("api.throttle", who).hexdigest()[:32]
        self.key = f"throttle:{name}:{hidden}:{int(self.number)}"

    def take(self) -> bool:
        """Count one more. False when it is one too many."""
        try:
            cache.add(self.key, 0, timeout=self.seconds)
            return bool(cache.incr(self.key) <= self.limit)
        except Exception as error:
            logger.warning(AWAY, type(error).__name__)
            return True

    def give_back(self) -> None:
        """Uncount the one that was taken."""
        try:
            cache.decr(self.key)
        except Exception as error:
            logger.warning(AWAY, type(error).__name__)

    @property
    def wait(self) -> int:
        """Whole seconds until the next window."""
        return max(1, math.ceil(self.seconds - self.passed))


class PerClient(BaseThrottle):
    """Requests of one token, or of one user's session, each minute. Who isn't known gets 401 first."""

    def allow_request(self, request: Request, view: Any) -> bool:
        who = f"token {request.auth.pk}" if isinstance(request.auth, ApiToken) else f"user {request.user.pk}"
        self.window = Window("client", who, limit=settings.API_REQUESTS_PER_MINUTE)
        return self.window.take()

    def wait(self) -> float:
        return self.window.wait
