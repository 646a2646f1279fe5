"""Tokens, sessions, schema and docs."""

from io import StringIO

import pytest
from django.core.management import call_command

from invoices.models import ApiToken

pytestmark = pytest.mark.django_db
PASSWORD = "a password for tests"


def token_of(api, username, password=PASSWORD):
    return api().post("/api/token/", {"username": username, "password": password}, format="json")


def test_name_and_password_buy_a_token_that_opens_the_api(api, viewer):
    token = token_of(api, "viewer").json()["token"]
    client = api()
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    assert client.get("/api/invoices/").status_code == 200
    assert token not in str(list(ApiToken.objects.values()))


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
    rows = {
        "allocations": [],
        "calls": ["{id}", "{id}/cancel", "{id}/recording"],
        "consents": ["{id}"],
        "contact-points": ["{id}", "{id}/make-primary", "{id}/mark-wrong", "{id}/verify"],
        "contacts": ["{id}"],
        "credit-notes": ["{id}"],
        "customers": ["{id}", "{id}/statement"],
        "disputes": ["{id}", "{id}/reject", "{id}/uphold", "{id}/withdraw"],
        "holds": ["{id}", "{id}/lift"],
        "invoices": [
            "{id}",
            "{id}/issue",
            "{id}/pdf",
            "{id}/reissue",
            "{id}/void",
            "{id}/write-off",
            "{invoice_id}/calls",
            "{invoice_id}/contact-decision",
        ],
        "notes": ["{id}"],
        "payments": ["{id}", "{id}/allocate", "{id}/clear", "{id}/fail", "{id}/release"],
        "plans": ["{id}", "{id}/cancel"],
        "promises": ["{id}", "{id}/cancel"],
        "refunds": ["{id}"],
        "wishes": ["{id}", "{id}/withdraw"],
    }
    doors = {f"/api/{name}/{row}/" for name, found in rows.items() for row in found}
    assert paths == {"/api/token/", *(f"/api/{name}/" for name in rows), *doors}


def test_the_docs_page_loads_nothing_from_elsewhere(browser):
    response = browser().get("/api/docs/")
    assert response.status_code == 200
    assert "https://" not in response.text and "swagger-ui-bundle.js" in response.text
    assert response.text.count("<script") == response.text.count("<script src=")
    assert browser().get("/api/docs/?script=").status_code == 200
