"""Tokens, sessions, schema and docs."""

from io import StringIO

import pytest
from django.core.management import call_command
from knox.models import AuthToken

pytestmark = pytest.mark.django_db
PASSWORD = "a password for tests"


def token_of(api, username, password=PASSWORD):
    return api().post("/api/token/", {"username": username, "password": password}, format="json")


def test_name_and_password_buy_a_token_that_opens_the_api(api, viewer):
    token = token_of(api, "viewer").json()["token"]
    client = api()
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    assert client.get("/api/invoices/").status_code == 200
    assert token not in str(list(AuthToken.objects.values()))


@pytest.mark.parametrize(
    ("username", "password"),
    [("viewer", "wrong"), ("nobody", PASSWORD), ("a\0b", PASSWORD), ("", ""), (None, 5)],
)
def test_anything_else_buys_nothing(api, viewer, username, password):
    assert token_of(api, username, password).status_code == 400


def test_a_user_who_has_left_gets_no_token_and_theirs_opens_nothing(api, viewer):
    token = token_of(api, "viewer").json()["token"]
    viewer.is_active = False
    viewer.save()
    client = api()
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    assert client.get("/api/invoices/").status_code == 401
    assert token_of(api, "viewer").status_code == 400


def test_a_made_up_token_opens_nothing(api):
    client = api()
    client.credentials(HTTP_AUTHORIZATION="Token " + "0" * 64)
    assert client.get("/api/invoices/").status_code == 401


def test_a_session_opens_the_api_but_writes_only_with_a_csrf_token(browser, collector):
    client = browser(collector, enforce_csrf_checks=True)
    assert client.get("/api/invoices/").status_code == 200
    assert client.post("/api/customers/", {}, content_type="application/json").status_code == 403


def test_the_schema_is_valid_and_names_every_door(api):
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=StringIO())
    paths = set(api().get("/api/schema/", headers={"Accept": "application/json"}).json()["paths"])
    assert paths == {
        "/api/token/",
        "/api/customers/",
        "/api/customers/{id}/",
        "/api/customers/{id}/statement/",
        "/api/invoices/",
        "/api/invoices/{id}/",
        "/api/invoices/{id}/pdf/",
        "/api/invoices/{invoice_id}/calls/",
        "/api/invoices/{invoice_id}/contact-decision/",
        "/api/calls/",
        "/api/calls/{id}/",
        "/api/calls/{id}/recording/",
    }


def test_the_docs_page_loads_nothing_from_elsewhere(browser):
    response = browser().get("/api/docs/")
    assert response.status_code == 200
    assert "https://" not in response.text and "swagger-ui-bundle.js" in response.text
    assert response.text.count("<script") == response.text.count("<script src=")
    assert browser().get("/api/docs/?script=").status_code == 200
