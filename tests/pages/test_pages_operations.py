"""The pages of operators: what waits and why, and how the calling is doing."""

from datetime import timedelta

import pytest
from django.utils import timezone

from calls.breaker import carrier_error_record
from calls.house import kill_switch_set
from calls.models import Call, Pace
from invoices.events import event_record
from invoices.models import Event
from tests.factories import CallFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
PAGES = ("/calls/waiting/", "/operations/")


def waiting(reason="line", minutes=0, **fields):
    call = CallFactory.create(status="requested", waiting_for=reason, **fields)
    at = timezone.now() - timedelta(minutes=minutes)
    Call.objects.filter(pk=call.pk).update(requested_at=at, queued_at=at)
    return call


@pytest.fixture
def opened():
    return Pace.objects.create(
        breaker_since=timezone.now(),
        breaker_until=timezone.now() + timedelta(seconds=90),
        breaker_reason="5 of 8 calls failed within 120 seconds.",
    )


@pytest.mark.parametrize("page", PAGES)
def test_who_may_look(browser, viewer, collector, admin_user, stranger, page):
    assert browser().get(page).url == f"/login/?next={page}"
    assert browser(stranger).get(page).status_code == 403
    for user in (viewer, collector, admin_user):
        assert browser(user).get(page).status_code == 200


def test_the_navigation_leads_to_both(browser, viewer):
    text = browser(viewer).get("/").text
    assert all(f'href="{page}"' in text for page in PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_htmx_gets_the_part_that_changes_and_asks_again(browser, viewer, page):
    text = browser(viewer).get(page, headers={"HX-Request": "true"}).text
    assert "<html" not in text and f'hx-get="{page}" hx-trigger="every 5s"' in text


def test_an_empty_queue_says_what_will_show_here(browser, viewer):
    text = browser(viewer).get("/calls/waiting/").text
    assert "Nothing waits." in text and "All lines" not in text


@pytest.mark.parametrize(
    ("reason", "why", "then"),
    [
        ("line", "All 4 lines are in use.", "Placed next when a line is free."),
        ("pace", "We place 1 call a second at most.", "Placed within seconds."),
        ("queue", "Others were asked for before it.", "Placed next."),
        ("carrier", "The carrier takes no call just now.", "Asked again within a minute."),
        ("", "A worker is about to take it.", "Placed within seconds."),
    ],
)
def test_each_says_why_it_waits_and_what_happens(browser, viewer, settings, reason, why, then):
    settings.CALLS_AT_ONCE, settings.CALLS_PER_SECOND = 4, 1
    waiting(reason)
    text = browser(viewer).get("/calls/waiting/").text
    assert why in text and then in text


def test_the_page_of_the_call_says_for_what_it_waits(browser, viewer):
    call = waiting("line")
    text = browser(viewer).get(f"/calls/{call.pk}/").text
    assert "Waiting for a free line." in text and 'href="/calls/waiting/">The queue' in text


def test_a_pause_says_until_when(browser, viewer, opened):
    waiting("breaker")
    text = browser(viewer).get("/calls/waiting/").text
    assert f"placing pauses until {opened.breaker_until:%H:%M:%S} UTC" in text


def test_they_stand_in_the_order_in_which_they_were_asked_for(browser, viewer):
    later, first = waiting(minutes=1), waiting(minutes=75)
    answer = browser(viewer).get("/calls/waiting/")
    assert [row.call for row in answer.context["rows"]] == [first, later]
    assert "1 h 15 min" in answer.text and "Placed after 1 other when a line is free." in answer.text


def test_a_collector_cancels_what_waits(browser, collector):
    call = waiting()
    client = browser(collector)
    assert f"/calls/{call.pk}/cancel/" in client.get("/calls/waiting/").text
    answer = client.post(f"/calls/{call.pk}/cancel/", follow=True)
    assert "Nobody was rung." in answer.text and "Nothing waits." in answer.text
    call.refresh_from_db()
    assert (call.status, call.disposition, call.waiting_for) == ("canceled", "cancelled", "")
    assert Event.objects.get(object_id=str(call.pk), kind="call_canceled").actor == collector


def test_what_is_being_placed_is_not_cancelled(browser, collector):
    call = CallFactory.create(status="placing")
    assert "Too late to cancel" in browser(collector).post(f"/calls/{call.pk}/cancel/", follow=True).text
    call.refresh_from_db()
    assert call.status == "placing"


def test_a_viewer_can_not_cancel(browser, viewer):
    call = waiting()
    assert "/cancel/" not in browser(viewer).get("/calls/waiting/").text
    assert browser(viewer).post(f"/calls/{call.pk}/cancel/").status_code == 403
    assert browser(viewer).get(f"/calls/{call.pk}/cancel/").status_code == 405


def test_operations_show_queue_lines_states_findings_and_errors(browser, viewer, settings):
    settings.CALLS_AT_ONCE = 4
    waiting(minutes=3)
    CallFactory.create(status="ringing")
    done = CallFactory.create(status="busy", ended_at=timezone.now())
    CallFactory.create(status="failed", ended_at=timezone.now() - timedelta(days=2))
    event_record(object_type="call", object_id=done.pk, kind="sweep_lost_placing", source="sweep")
    carrier_error_record(call_id=done.pk, label="21211", source="worker")
    answer = browser(viewer).get("/operations/")
    assert answer.context["live"] == [("Requested", 1), ("Ringing", 1)]
    assert answer.context["ended"] == [("Busy", 1)]
    assert (answer.context["lines"], answer.context["waiting"]) == (1, 1)
    for said in ("The oldest for 3 min", "Lost placing", "21211", "Closed", "Allowed"):
        assert said in answer.text, said


def test_a_day_without_trouble_says_so(browser, viewer):
    text = browser(viewer).get("/operations/").text
    for said in (
        "Nothing waits.",
        "Nothing was found.",
        "The carrier took every call.",
        "No call is under way.",
    ):
        assert said in text, said


def test_stopped_calls_show_why(browser, admin_user):
    kill_switch_set(on=True, reason="A complaint", source="staff", actor=admin_user)
    text = browser(admin_user).get("/operations/", headers={"HX-Request": "true"}).text
    assert "Stopped" in text and "A complaint, by admin." in text


def test_an_admin_closes_the_breaker_with_a_reason(browser, admin_user, opened):
    client = browser(admin_user)
    text = client.get("/operations/").text
    assert "5 of 8 calls failed" in text and "Close the breaker" in text
    assert "Say why." in client.post("/operations/breaker/", {"reason": " "}, follow=True).text
    assert (
        "Calls are placed again."
        in client.post("/operations/breaker/", {"reason": "Mended"}, follow=True).text
    )
    assert Pace.objects.get().breaker_until is None
    event = Event.objects.get(kind="breaker_closed")
    assert (event.actor, event.reason) == (admin_user, "Mended")
    assert "did not pause any more" in client.post("/operations/breaker/", {"reason": "x"}, follow=True).text


@pytest.mark.parametrize("role", ["viewer", "collector"])
def test_others_can_not_close_it(browser, request, opened, role):
    client = browser(request.getfixturevalue(role))
    assert "Close the breaker" not in client.get("/operations/").text
    assert client.post("/operations/breaker/", {"reason": "Mended"}).status_code == 403
    assert Pace.objects.get().breaker_until is not None


def test_the_health_of_the_parts_is_a_fragment_of_its_own(browser, viewer, stranger):
    assert 'hx-get="/operations/health/"' in browser(viewer).get("/operations/").text
    assert browser(stranger).get("/operations/health/").status_code == 403
    text = browser(viewer).get("/operations/health/").text
    assert text.count("<li>") == 5 and "Database" in text and "There" in text


def test_the_limits_are_house_rules_of_the_owner(browser, admin_user, settings):
    settings.CALLS_AT_ONCE, settings.CALLS_PER_SECOND = 4, 1
    client = browser(admin_user)
    page = client.get("/admin/calls/houserules/1/act/change/")
    fields = {name: page.context["form"][name].value() for name in page.context["form"].fields}
    fields = {name: "" if value is None else value for name, value in fields.items()} | {"reason": "Slowly"}
    refused = client.post(page.request["PATH_INFO"], {**fields, "most_calls_at_once": "5"})
    assert "It can be 1 to 4." in refused.text
    changed = {**fields, "most_calls_at_once": "2", "most_calls_per_second": "0.5"}
    assert client.post(page.request["PATH_INFO"], changed).status_code == 302
    text = client.get("/operations/").text
    assert "of 2</span>" in text and "One call in 2 seconds at most." in text
