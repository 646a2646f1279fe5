"""Who logs in by name and password, on the pages, in the admin and over the API; guessing is held up by all three."""

from math import ceil
from typing import Any, cast

from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from unfold.forms import AuthenticationForm as AdminAuthenticationForm

from invoices.api.entry import Window

FAILURES_FOR_SECONDS = 15 * 60


class TooManyFailures(Exception):
    """So many wrong passwords that even the right one is not looked at for `wait` seconds."""

    def __init__(self, wait: int) -> None:
        super().__init__(f"wait {wait} seconds")
        self.wait = wait


def user_of(request: HttpRequest, *, username: str, password: str) -> Any:
    """The user of this name and password, or None. Raises TooManyFailures."""
    address = BaseThrottle().get_ident(cast(Request, request))
    name_limit, address_limit = settings.LOGIN_FAILURES_PER_NAME, settings.LOGIN_FAILURES_PER_ADDRESS
    windows = [
        Window("login-name", username, limit=name_limit, seconds=FAILURES_FOR_SECONDS),
        Window("login-address", address, limit=address_limit, seconds=FAILURES_FOR_SECONDS),
    ]
    # Taken before the password is looked at, so that many at once don't pass together; the right one is given back.
    taken = [window.take() for window in windows]
    if not all(taken):
        raise TooManyFailures(windows[0].wait)
    user = authenticate(request, username=username, password=password)
    if user is not None:
        for window in windows:
            window.give_back()
    return user


class HeldUp(AuthenticationForm):
    """A login form behind which guesses are counted."""

    def clean(self) -> dict[str, Any]:
        username, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if username is None or not password:
            return self.cleaned_data
        try:
            # Every login page gives its form the request.
            user = user_of(cast(HttpRequest, self.request), username=username, password=password)
        except TooManyFailures as error:
            minutes = ceil(error.wait / 60)
            raise ValidationError(
                f"Too many wrong passwords. Please wait {minutes} minute{'s' if minutes > 1 else ''}, then try again.",
                code="too_many",
            ) from None
        if user is None:
            raise self.get_invalid_login_error()
        self.user_cache = user
        self.confirm_login_allowed(user)
        return self.cleaned_data


class AdminHeldUp(HeldUp, AdminAuthenticationForm):
    """The same for the admin's own login page."""
