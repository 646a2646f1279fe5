"""May we ring? The answer over the API; and ringing all the same."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from django.contrib.auth.models import Permission, User

from calls.models import Call, ContactDecision
from tests.factories import CallFactory, CustomerFactory, InvoiceFactory

pytestmark = pytest.mark.django_db


def path(invoice_id):
    return f"/api/invoices/{invoice_id}/contact-decision/"


def asked(client, invoice, at=None):
    return client.get(path(invoice.pk), {} if at is None else {"at": at})


@pytest.fixture
def excluded(noon):
    """An invoice that only a rule of the house forbids to ring about."""
    return InvoiceFactory.create(customer=CustomerFactory.create(exclude_from_dunning=True))


def test_now_is_answered_without_storing_or_ringing(api, viewer, noon):
    body = asked(api(viewer), InvoiceFactory.create()).json()
    assert body.pop("at").startswith("2026-11-24T12:00:0")
    local = body.pop("local_times")
    assert [datetime.fromisoformat(each).hour for each in local] == [12]
    assert body.pop("policy_version")
    assert body == {
        "allowed": True,
        "reasons": [],
        "next_allowed_at": None,
        "zones": ["Europe/London"],
        "places": ["GB"],
    }
    assert not Call.objects.exists() and not ContactDecision.objects.exists()


def test_a_forbidden_hour_has_its_reason_and_the_instant_from_which_all_allow(api, viewer, midnight):
    body = asked(api(viewer), InvoiceFactory.create()).json()
    assert (body["allowed"], body["next_allowed_at"]) == (False, "2026-11-24T09:00:00Z")
    (reason,) = body["reasons"]
    # By law from eight; the house begins at nine.
    assert (reason["rule"], reason["lifts_at"]) == ("lawful_hour", "2026-11-24T08:00:00Z")
    assert reason["citation"] and reason["text"].startswith("It is 00:30 in London")


@pytest.mark.parametrize(
    ("phone", "country", "city", "state", "zone"),
    [
        ("+442079460107", "GB", "London", "", "Europe/London"),
        ("+61255500110", "AU", "Sydney", "NSW", "Australia/Sydney"),
        ("+16025550123", "US", "Phoenix", "AZ", "America/Phoenix"),
    ],
)
def test_the_next_instant_is_allowed_and_a_minute_before_it_is_not(
    api, viewer, midnight, phone, country, city, state, zone
):
    customer = CustomerFactory.create(phone=phone, country=country, city=city, state=state, time_zone=zone)
    client, invoice = api(viewer), InvoiceFactory.create(customer=customer)
    # Saturday night in London; by then nobody may be rung anywhere of these.
    start = datetime(2026, 11, 28, 13, 30, tzinfo=UTC)
    for hour in range(24):
        body = asked(client, invoice, (start + timedelta(hours=hour)).isoformat()).json()
        if not body["allowed"]:
            break
    opens = datetime.fromisoformat(body["next_allowed_at"])
    assert asked(client, invoice, opens.isoformat()).json()["allowed"]
    before = asked(client, invoice, (opens - timedelta(minutes=1)).isoformat()).json()
    assert (before["allowed"], before["next_allowed_at"]) == (False, body["next_allowed_at"])


def test_an_instant_may_have_any_offset(api, viewer, noon):
    body = asked(api(viewer), InvoiceFactory.create(), "2026-11-25T14:30:00+05:30").json()
    assert (body["at"], body["allowed"]) == ("2026-11-25T09:00:00Z", True)


@pytest.mark.parametrize(
    "at",
    [
        "",
        "soon",
        "2026-11-25",
        "2026-11-25T09:00:00",
        "2026-11-25T25:00:00Z",
        "2026-13-25T09:00:00Z",
        "2026-11-25T09:00:00 01:00",
        "\0",
        "2026-11-24T11:59:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2027-11-25T12:01:00Z",
    ],
)
def test_no_past_far_or_unclear_instant(api, viewer, noon, at):
    response = api(viewer).get(f"{path(InvoiceFactory.create().pk)}?at={quote(at)}")
    assert (response.status_code, list(response.json())) == (400, ["at"])


def test_a_year_ahead_is_answered(api, viewer, noon):
    assert asked(api(viewer), InvoiceFactory.create(), "2027-11-25T11:59:00Z").status_code == 200


def test_it_is_for_those_who_may_view_invoices(api, viewer, stranger):
    invoice = InvoiceFactory.create()
    assert [asked(api(user), invoice).status_code for user in (None, stranger, viewer)] == [401, 403, 200]
    stranger.user_permissions.set(Permission.objects.filter(codename="view_invoice"))
    assert asked(api(User.objects.get(pk=stranger.pk)), invoice).status_code == 200
    for unknown in [999999, int("9" * 30)]:
        assert api(viewer).get(path(unknown)).status_code == 404
    assert api(viewer).post(path(invoice.pk)).status_code == 405


def test_the_schema_names_the_statuses(api):
    schema = api().get("/api/schema/", headers={"Accept": "application/json"}).json()["paths"]
    answers = schema["/api/invoices/{invoice_id}/contact-decision/"]["get"]["responses"]
    assert set(answers) == {"200", "400", "401", "403", "404", "406", "429"}
    assert {"400", "403", "409"} < set(schema["/api/invoices/{invoice_id}/calls/"]["post"]["responses"])


def ring(client, invoice, **body):
    return client.post(f"/api/invoices/{invoice.pk}/calls/", body, format="json")


def test_who_may_sets_a_house_rule_aside_with_a_reason(api, admin_user, excluded):
    assert ring(api(admin_user), excluded).status_code == 409
    response = ring(api(admin_user), excluded, override=["not_excluded"], override_reason="Agreed by letter.")
    body = response.json()
    assert (response.status_code, body["status"]) == (201, "requested")
    assert body["override_reason"] == "Agreed by letter."
    assert [each["rule"] for each in body["decision"]["overridden"]] == ["not_excluded"]


def test_a_collector_may_ring_but_set_nothing_aside(api, collector, excluded):
    response = ring(api(collector), excluded, override=["not_excluded"], override_reason="Please.")
    assert response.status_code == 403
    assert not Call.objects.exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"override": ["lawful_hour"], "override_reason": "Urgent."}, "override"),
        ({"override": ["no such rule"], "override_reason": "Urgent."}, "override"),
        ({"override": "not_excluded", "override_reason": "Urgent."}, "override"),
        ({"override": ["not_excluded"]}, "override_reason"),
        ({"override": ["not_excluded"], "override_reason": "  "}, "override_reason"),
        ({"override": ["not_excluded"], "override_reason": "x" * 201}, "override_reason"),
    ],
)
def test_an_override_that_can_not_be_is_refused_at_its_field(api, admin_user, excluded, body, field):
    response = ring(api(admin_user), excluded, **body)
    assert (response.status_code, list(response.json())) == (400, [field])
    assert not Call.objects.exists()


def test_decisions_stored_without_these_fields_still_read(api, viewer):
    call = CallFactory.create()
    ContactDecision.objects.create(
        call=call,
        moment="request",
        allowed=False,
        reasons=[{"rule": "lawful_hour", "citation": "a law", "text": "It is late."}],
        policy_version="1",
        decided_at=datetime(2026, 11, 24, tzinfo=UTC),
    )
    decision = api(viewer).get(f"/api/calls/{call.pk}/").json()["decision"]
    assert (decision["reasons"][0]["lifts_at"], decision["overridden"]) == (None, [])
