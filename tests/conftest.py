"""Who comes to the door: users by role, their browsers and their API clients; and the hour."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.contrib.auth.models import Permission, User
from django.core.cache import cache
from django.test import Client
from rest_framework.test import APIClient

from phantompay.roles import MAY_COLLECT, MAY_VIEW

# A Tuesday, noon in London.
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _cheap_passwords(settings):
    """What makes guessing dear makes tests slow."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _registered_name(settings):
    """Nobody is rung in no one's name."""
    settings.BUSINESS_LEGAL_NAME = "Moonlight Supplies Limited"


@pytest.fixture(autouse=True)
def _counts_of_its_own(settings):
    """What one test has asked for is not held against the next."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()


@pytest.fixture
def noon():
    with time_machine.travel(NOON, tick=True):
        yield NOON


@pytest.fixture
def midnight():
    with time_machine.travel(MIDNIGHT, tick=True):
        yield MIDNIGHT


def _user(username, permissions=None, **fields):
    user = User.objects.create_user(username, password="a password for tests", is_staff=True, **fields)
    if permissions is not None:
        user.user_permissions.set(Permission.objects.filter(permissions))
    return user


@pytest.fixture
def admin_user(db):
    return _user("admin", is_superuser=True)


@pytest.fixture
def collector(db):
    return _user("collector", MAY_COLLECT)


@pytest.fixture
def viewer(db):
    return _user("viewer", MAY_VIEW)


@pytest.fixture
def stranger(db):
    """Somebody with a login and no role."""
    return User.objects.create_user("stranger", password="a password for tests")


@pytest.fixture
def browser():
    """`browser(user)` is a browser in which `user` has logged in; it sends no CSRF token unless told."""

    def open_for(user=None, **options):
        client = Client(**options)
        if user is not None:
            client.force_login(user)
        return client

    return open_for


@pytest.fixture
def api():
    """`api(user)` is an API client of `user`."""

    def open_for(user=None):
        client = APIClient(raise_request_exception=True)
        if user is not None:
            client.force_login(user)
        return client

    return open_for
