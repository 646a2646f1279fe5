"""Who may see which page."""

from uuid import UUID

import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from tests.factories import CallFactory

pytestmark = pytest.mark.django_db


def pages(call):
    return [
        reverse("dashboard"),
        reverse("invoices"),
        reverse("invoice", args=[call.invoice_id]),
        reverse("customer", args=[call.customer_id]),
        reverse("calls"),
        reverse("call", args=[call.pk]),
        reverse("call-recording", args=[call.pk]),
        reverse("ring", args=[call.invoice_id]),
    ]


def test_every_page_asks_for_a_login(browser):
    for page in pages(CallFactory.create()):
        response = browser().get(page)
        assert (response.status_code, response["Location"]) == (302, f"/login/?next={page}"), page


def test_a_login_without_a_role_sees_nothing(browser, stranger):
    for page in pages(CallFactory.create()):
        assert browser(stranger).get(page).status_code == 403, page


@pytest.mark.parametrize("role", ["admin_user", "collector", "viewer"])
def test_every_role_sees_every_page(browser, request, role):
    for page in pages(CallFactory.create(status="completed", disposition="hung_up")):
        if page.endswith("/recording/"):
            continue
        headers = {"HX-Request": "true"} if page.endswith("/calls/") else {}
        assert browser(request.getfixturevalue(role)).get(page, headers=headers).status_code == 200, page


def test_login_and_logout_work_with_name_and_password(browser, viewer):
    client = browser()
    response = client.post("/login/", {"username": "viewer", "password": "a password for tests"})
    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.get("/").status_code == 200
    assert client.post("/logout/").status_code == 302
    assert client.get("/").status_code == 302


def test_a_wrong_password_is_answered_on_the_page(browser, viewer):
    response = browser().post("/login/", {"username": "viewer", "password": "wrong"})
    assert response.status_code == 200
    assert 'role="alert"' in response.text


@pytest.mark.parametrize("page", ["/login/", "/admin/login/"])
def test_guessing_a_password_is_held_up_at_every_door(browser, api, viewer, settings, noon, page):
    settings.LOGIN_FAILURES_PER_NAME = 3
    wrong = {"username": "viewer", "password": "wrong"}
    right = {"username": "viewer", "password": "a password for tests"}
    for number in range(3):
        answer = browser().post(page, wrong, REMOTE_ADDR=f"192.0.2.{number}")
        assert "Too many wrong passwords" not in answer.text
    for door in ("/login/", "/admin/login/"):
        held = browser().post(door, right)
        assert held.status_code == 200 and "Too many wrong passwords. Please wait 15 minutes" in held.text
    assert api().post("/api/token/", right, format="json").status_code == 429


def test_the_admin_s_login_lets_in_who_knows_the_password(browser, admin_user):
    right = {"username": "admin", "password": "a password for tests", "next": "/admin/"}
    assert browser().post("/admin/login/", right)["Location"] == "/admin/"


def test_a_fragment_whose_session_has_ended_reloads_its_page(browser):
    response = browser().get("/login/?next=/", headers={"HX-Request": "true"})
    assert response["HX-Refresh"] == "true"


@pytest.mark.parametrize(
    "path", ["/invoices/99999/", "/invoices/" + "9" * 40 + "/", "/customers/99999/", f"/calls/{UUID(int=1)}/"]
)
def test_what_is_not_there_is_404(browser, viewer, path):
    assert browser(viewer).get(path).status_code == 404


def test_pages_hold_no_inline_script_and_no_foreign_address(browser, admin_user):
    for page in pages(CallFactory.create())[:6]:
        text = browser(admin_user).get(page).text
        assert text.count("<script") == text.count("<script src=")
        assert "style=" not in text and " on" + "click" not in text
        assert "//" not in text.replace("http://www.w3.org/2000/svg", "")


def test_refusals_are_pages_of_ours(browser, viewer, stranger):
    assert "There is nothing here." in browser(viewer).get("/nowhere/").text
    assert "There is nothing here." in browser().get("/nowhere/").text
    assert "Your login may not do this." in browser(stranger).get("/").text
    assert "Something went wrong" in render_to_string("500.html")
