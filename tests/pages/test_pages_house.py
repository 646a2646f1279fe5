"""The page of the house's rules, and the banner while all calls are stopped."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from calls.house import kill_switch_set
from calls.models import HouseRules
from invoices.models import Event
from tests.factories import CallFactory, InvoiceFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]

PAGE = "/admin/calls/houserules/1/change/"
ACT = "/admin/calls/houserules/1/act"
RULES = {
    "legal_name": "",
    "mode": "creditor",
    "hours_from": "09:00",
    "hours_until": "20:00",
    "holidays": "",
    "calls_per_person": "3",
    "days_between": "0",
    "most_attempts": "10",
    "retries": "0",
    "retry_after_days": "1",
    "tolerance": "0",
    "countries": ["US", "GB", "AU"],
    "keeps_holidays": "on",
    "texas_permit": "",
    "daily_budget": "",
    "budget_currency": "USD",
    "cost_per_minute": "0.15",
    "models_budget": "",
    "models_cost_per_minute": "0.1",
    "callback_number": "",
    "transfer_number": "",
    "transfer_from": "09:00",
    "transfer_until": "17:00",
    "transfer_zone": "UTC",
    "announcement_fallback": "on",
    "reason": "A new year",
}


@pytest.fixture
def admin(browser, admin_user):
    return browser(admin_user)


@pytest.fixture
def stopped(admin_user):
    kill_switch_set(on=True, reason="Too many <complaints>", source="staff", actor=admin_user)


def test_the_list_leads_to_the_one_page(admin):
    answer = admin.get("/admin/calls/houserules/")
    assert (answer.status_code, answer.url) == (302, PAGE)
    text = admin.get(PAGE).text
    assert "09:00 to 20:00" in text and "Moonlight Supplies Limited" in text and "No limit" in text


def test_an_admin_changes_the_rules_and_the_timeline_tells_it(admin):
    assert 'value="09:00"' in admin.get(f"{ACT}/change/").text
    fields = {**RULES, "hours_from": "10:00", "texas_permit": "23-0042", "daily_budget": "25", "retries": "2"}
    answer = admin.post(f"{ACT}/change/", {**fields, "holidays": "2026-12-26\r\n2026-12-25"})
    assert answer.status_code == 302, answer.context["form"].errors
    rules = HouseRules.objects.get()
    assert rules.holidays == ["2026-12-25", "2026-12-26"]
    assert rules.confirmations == {"texas_permit": "23-0042"}
    text = admin.get(PAGE).text
    for said in (
        "hours from: 09:00 → 10:00",
        "retries: 0 → 2",
        "A new year",
        "25 USD",
        "Texas permit: 23-0042",
    ):
        assert said in text, said


def test_the_same_again_changes_nothing(admin):
    assert admin.post(f"{ACT}/change/", RULES).status_code == 302
    assert not Event.objects.filter(object_type="house_rules").exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("hours_from", "07:00"),
        ("hours_from", ""),
        ("hours_until", "21:30"),
        ("hours_until", "08:30"),
        ("calls_per_person", "8"),
        ("days_between", "32"),
        ("most_attempts", "51"),
        ("retries", "11"),
        ("retry_after_days", "0"),
        ("tolerance", "-1"),
        ("countries", ["US", "CA"]),
        ("holidays", "Christmas"),
        ("texas_permit", "x" * 101),
        ("daily_budget", "-1"),
        ("budget_currency", "XQZ"),
        ("cost_per_minute", "much"),
        ("mode", "friend"),
        ("reason", ""),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(admin, field, value):
    answer = admin.post(f"{ACT}/change/", {**RULES, field: value})
    assert answer.status_code == 200
    assert field in answer.context["form"].errors
    assert not Event.objects.filter(object_type="house_rules").exists()


def test_calls_are_stopped_and_allowed_again(admin, admin_user):
    assert f"{ACT}/stop/" in admin.get(PAGE).text and f"{ACT}/allow/" not in admin.get(PAGE).text
    assert admin.post(f"{ACT}/stop/", {"reason": "Complaints"}).status_code == 302
    text = admin.get(PAGE).text
    assert f"{ACT}/stop/" not in text and f"{ACT}/allow/" in text
    assert "All calls are stopped: Complaints, since 24 November 2026, 12:00 UTC, by admin." in text
    assert admin.post(f"{ACT}/allow/", {"reason": "Sorted"}).status_code == 302
    assert "All calls are stopped:" not in admin.get(PAGE).text
    kinds = Event.objects.filter(object_type="house_rules", actor=admin_user).values_list("kind", flat=True)
    assert list(kinds) == ["kill_switch_on", "kill_switch_off"]


def test_whoever_comes_second_is_told_that_it_was_done_already(admin, stopped):
    answer = admin.post(f"{ACT}/stop/", {"reason": "Me too"})
    assert answer.status_code == 200 and "All calls are stopped already." in answer.text
    assert Event.objects.filter(object_type="house_rules").count() == 1


@pytest.mark.parametrize("role", ["viewer", "collector"])
def test_others_see_the_rules_and_change_none(request, browser, role):
    client = browser(request.getfixturevalue(role))
    page = client.get(PAGE)
    assert page.status_code == 200 and "/act/" not in page.text
    for act in ("change", "stop", "allow"):
        assert client.get(f"{ACT}/{act}/").status_code == 403
        assert client.post(f"{ACT}/{act}/", RULES).status_code == 403
    assert client.post(PAGE, {"calls_per_person": "1"}).status_code == 403
    assert client.get("/admin/calls/houserules/add/").status_code == 403
    assert client.get("/admin/calls/houserules/1/delete/").status_code == 403
    assert not Event.objects.filter(object_type="house_rules").exists()


def test_a_stranger_sees_nothing(browser, stranger):
    assert browser(stranger).get(PAGE).status_code == 302


def pages():
    call = CallFactory.create(status="completed", disposition="hung_up")
    invoice = InvoiceFactory.create()
    ours = ["/", "/invoices/", "/calls/", f"/calls/{call.pk}/"]
    ours += [f"/invoices/{invoice.pk}/", f"/customers/{invoice.customer_id}/"]
    admin = ["/admin/", "/admin/calls/", "/admin/calls/call/", "/admin/invoices/invoice/", PAGE]
    admin += [f"/admin/invoices/invoice/{invoice.pk}/act/void/", f"{ACT}/change/"]
    return [*ours, *admin]


def test_every_page_says_that_calls_are_stopped_and_why(admin, stopped):
    said = "All calls are stopped: Too many &lt;complaints&gt;, since 24 November 2026, 12:00 UTC, by admin."
    for page in pages():
        answer = admin.get(page)
        assert answer.status_code == 200, page
        assert answer.text.count(said) == 1, page
        assert "<complaints>" not in answer.text, page
    assert said in admin.get("/no-such-page/").text


def test_while_calls_are_allowed_no_page_says_so(admin):
    for page in pages():
        assert "All calls are stopped" not in admin.get(page).text, page


def test_whoever_has_not_logged_in_is_not_told(browser, stopped):
    for page in ("/login/", "/admin/login/", "/no-such-page/"):
        assert "complaints" not in browser().get(page, follow=True).text, page


@pytest.mark.parametrize("page", ["/calls/", "/admin/calls/call/"])
def test_the_banner_costs_one_query(admin, stopped, page):
    with CaptureQueriesContext(connection) as asked:
        admin.get(page)
    assert sum("calls_houserules" in query["sql"] for query in asked) == 1


def test_the_ring_button_answers_why_nobody_is_rung(admin, stopped):
    invoice = InvoiceFactory.create()
    answer = admin.post(f"/invoices/{invoice.pk}/calls/", {"idempotency_key": "once"}, follow=True)
    assert invoice.calls.get().status == "blocked"
    assert "All calls are switched off." in answer.text
