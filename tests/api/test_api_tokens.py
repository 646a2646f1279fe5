"""Tokens: scoped, hashed, expiring, revocable, made in the admin; and how often one may ask."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission, User
from django.utils import timezone

from invoices.models import ApiToken, Event
from invoices.services.tokens import token_create, token_revoke
from tests.factories import CallFactory, InvoiceFactory

pytestmark = pytest.mark.django_db
READ, CUSTOMERS, LEDGER, CALLS = ApiToken.Scope.values


@pytest.fixture
def holding(api):
    """`holding(user, *scopes)` is a client with a token of that user, and the token."""

    def open_for(user, *scopes, days=1):
        expires = timezone.now() + timedelta(days=days)
        token, secret = token_create(user=user, name="Shop", scopes=scopes, expires_at=expires, source="test")
        client = api()
        client.credentials(HTTP_AUTHORIZATION=f"Token {secret}")
        return client, token

    return open_for


def writes(client, invoice):
    """What a token of each scope may do."""
    note = {"customer": invoice.customer_id, "text": "Called back."}
    pending = {"invoice": invoice.pk, "reason": "faulty"}
    return {
        READ: client.get("/api/invoices/").status_code,
        CUSTOMERS: client.post("/api/notes/", note, format="json").status_code,
        LEDGER: client.post("/api/disputes/", pending, format="json").status_code,
        CALLS: client.post(f"/api/calls/{CallFactory.create().pk}/cancel/", {}, format="json").status_code,
    }


@pytest.mark.parametrize("scope", ApiToken.Scope.values)
def test_a_token_opens_what_its_scope_names_and_nothing_else(holding, admin_user, scope):
    client, _ = holding(admin_user, scope)
    refused = {each for each, status in writes(client, InvoiceFactory.create()).items() if status == 403}
    assert refused == set(ApiToken.Scope.values) - {scope}


def test_a_scope_gives_nothing_that_the_user_may_not(holding, viewer):
    client, _ = holding(viewer, *ApiToken.Scope.values)
    answers = writes(client, InvoiceFactory.create())
    assert answers == {READ: 200, CUSTOMERS: 403, LEDGER: 403, CALLS: 403}


def test_a_token_bought_by_password_has_every_scope_of_its_user(api, collector, viewer, stranger):
    for user, scopes in [(collector, ApiToken.Scope.values), (viewer, [READ]), (stranger, [])]:
        login = {"username": user.username, "password": "a password for tests"}
        answer = api().post("/api/token/", login, format="json")
        assert (answer.status_code, list(answer.json())) == (200, ["token"])
        assert ApiToken.objects.get(user=user).scopes == scopes


def test_a_token_that_has_expired_or_was_revoked_opens_nothing(holding, viewer):
    client, token = holding(viewer, READ)
    assert client.get("/api/invoices/").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=1, seconds=1)):
        assert client.get("/api/invoices/").status_code == 401
    token_revoke(token=token, reason="Lost.", source="test")
    answer = client.get("/api/invoices/")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Token")


@pytest.mark.parametrize("header", ["Token", "Token a b", "Token pp_", "Token pp_\xff", "Token x" * 500])
def test_an_authorization_that_is_none_is_401(api, header):
    client = api()
    client.credentials(HTTP_AUTHORIZATION=header)
    assert client.get("/api/invoices/").status_code == 401


def test_the_last_use_is_known_to_the_minute(holding, viewer):
    client, token = holding(viewer, READ)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for seconds, writes in [(0, True), (30, False), (31, True)]:
            clock.shift(seconds)
            before = ApiToken.objects.get(pk=token.pk).last_used_at
            client.get("/api/invoices/")
            assert (ApiToken.objects.get(pk=token.pk).last_used_at != before) == writes


def test_the_admin_shows_the_secret_once_and_revokes(browser, api, admin_user, collector):
    office = browser(admin_user)
    sent = {"name": "Bank feed", "username": "collector", "scopes": [READ, LEDGER], "expires": "30"}
    made = office.post("/admin/invoices/apitoken/add/", sent)
    (secret,) = re.findall(r"pp_[\w-]{43}", made.text)
    assert made.status_code == 200 and "no-store" in made["Cache-Control"]
    token = ApiToken.objects.get()
    assert (token.user, token.name, token.scopes) == (collector, "Bank feed", [READ, LEDGER])
    assert secret not in str(list(ApiToken.objects.values())) + str(list(Event.objects.values()))
    page = f"/admin/invoices/apitoken/{token.pk}/"
    for path in ("/admin/invoices/apitoken/", f"{page}change/"):
        shown = office.get(path)
        assert shown.status_code == 200 and secret not in shown.text and token.hint in shown.text
    client = api()
    client.credentials(HTTP_AUTHORIZATION=f"Token {secret}")
    assert client.get("/api/invoices/").status_code == 200
    office.post(f"{page}act/revoke/", {"reason": "The feed has ended."})
    assert client.get("/api/invoices/").status_code == 401
    told = list(Event.objects.filter(object_type="api_token").values_list("kind", "actor__username"))
    assert told == [("token_created", "admin"), ("token_revoked", "admin")]


@pytest.mark.parametrize(
    "changes",
    [{"scopes": ["everything"]}, {"scopes": []}, {"name": ""}, {"expires": "9999"}, {"username": "nobody"}],
)
def test_a_token_that_can_not_be_is_refused_in_the_admin(browser, admin_user, changes):
    sent = {"name": "Feed", "scopes": [READ], "expires": "30", **changes}
    page = browser(admin_user).post("/admin/invoices/apitoken/add/", sent)
    assert page.status_code == 200 and "pp_" not in page.text
    assert not ApiToken.objects.exists()


def test_only_administrators_make_tokens_for_others(browser, collector, viewer, admin_user):
    path = "/admin/invoices/apitoken/"
    assert browser(viewer).get(path).status_code == 403
    assert browser(collector).post(f"{path}add/", {}).status_code == 403
    may = Permission.objects.filter(codename__in=["add_apitoken", "view_apitoken"])
    collector.user_permissions.add(*may)
    office = browser(User.objects.get(pk=collector.pk))
    sent = {"name": "Mine", "scopes": [READ], "expires": "7"}
    assert "pp_" not in office.post(f"{path}add/", {**sent, "username": "admin"}).text
    assert "pp_" in office.post(f"{path}add/", sent).text
    assert ApiToken.objects.get().user == collector


def test_too_many_requests_of_one_token_wait_and_another_does_not(holding, viewer, settings):
    settings.API_REQUESTS_PER_MINUTE = 3
    (busy, _), (quiet, _) = holding(viewer, READ), holding(viewer, READ)
    with time_machine.travel(timezone.now().replace(second=20), tick=False) as clock:
        answers = [busy.get("/api/invoices/") for _ in range(5)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
        assert answers[-1]["Retry-After"] == "40"
        assert quiet.get("/api/invoices/").status_code == 200
        clock.shift(40)
        assert busy.get("/api/invoices/").status_code == 200


def test_guessing_a_password_is_held_up_by_name(api, viewer, collector, settings, noon):
    settings.LOGIN_FAILURES_PER_NAME = 3

    def login(name, password, address="192.0.2.1"):
        body = {"username": name, "password": password}
        return api().post("/api/token/", body, format="json", REMOTE_ADDR=address)

    guesses = [login("viewer", "wrong", f"192.0.2.{n}").status_code for n in range(5)]
    assert guesses == [400, 400, 400, 429, 429]
    held = login("viewer", "a password for tests")
    assert held.status_code == 429 and 0 < int(held["Retry-After"]) <= 900
    assert login("collector", "a password for tests").status_code == 200


def test_guessing_names_is_held_up_by_address(api, viewer, settings, noon):
    settings.LOGIN_FAILURES_PER_ADDRESS = 3

    def login(name, password, address, **more):
        body = {"username": name, "password": password}
        return api().post("/api/token/", body, format="json", REMOTE_ADDR=address, **more).status_code

    # What a client says of itself in X-Forwarded-For counts for nothing.
    told = [login(f"user{n}", "wrong", "192.0.2.9", HTTP_X_FORWARDED_FOR=f"198.51.100.{n}") for n in range(4)]
    assert told == [400, 400, 400, 429]
    assert login("viewer", "a password for tests", "192.0.2.9") == 429
    assert login("viewer", "a password for tests", "192.0.2.10") == 200


def test_the_right_password_is_not_counted(api, viewer, settings, noon):
    settings.LOGIN_FAILURES_PER_NAME = 2
    body = {"username": "viewer", "password": "a password for tests"}
    assert {api().post("/api/token/", body, format="json").status_code for _ in range(6)} == {200}


def test_without_the_cache_the_api_answers_all_the_same(holding, viewer, settings):
    client, _ = holding(viewer, READ)
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }
    assert client.get("/api/invoices/").status_code == 200
