"""The API of calls."""

from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from calls.models import Call
from tests.factories import CallFactory, DecisionFactory, InvoiceFactory, LineFactory

pytestmark = pytest.mark.django_db


def ring(client, invoice, key="k"):
    headers = {"Idempotency-Key": key} if key is not None else {}
    return client.post(f"/api/invoices/{invoice.pk}/calls/", headers=headers)


def test_ringing_answers_201_with_the_call_and_who_asked(api, collector, noon):
    invoice = InvoiceFactory.create()
    response = ring(api(collector), invoice)
    body = response.json()
    assert response.status_code == 201
    assert (body["status"], body["invoice"], body["decision"]["allowed"]) == ("requested", invoice.pk, True)
    assert (body["twilio_sid"], body["recording_url"], body["transcript"], body["agreed"]) == (
        None,
        None,
        [],
        [],
    )
    assert Call.objects.get(pk=body["id"]).requested_by == collector


def test_a_repeated_key_answers_200_with_the_same_call(api, collector, noon):
    client, invoice = api(collector), InvoiceFactory.create()
    first, second = ring(client, invoice), ring(client, invoice)
    assert (second.status_code, second.json()["id"]) == (200, first.json()["id"])
    assert Call.objects.count() == 1


def test_ringing_while_a_call_is_under_way_answers_200_with_that_call(api, collector, noon):
    invoice = InvoiceFactory.create()
    live = CallFactory.create(invoice=invoice, status="ringing")
    response = ring(api(collector), invoice, key="another")
    assert (response.status_code, response.json()["id"]) == (200, str(live.pk))


def test_a_key_belongs_to_one_invoice(api, collector, noon):
    client = api(collector)
    calls = {ring(client, InvoiceFactory.create()).json()["id"] for _ in range(2)}
    assert len(calls) == 2


def test_without_a_key_every_request_stands_for_itself(api, collector, noon):
    client, invoice = api(collector), InvoiceFactory.create()
    first = ring(client, invoice, key=None)
    Call.objects.update(status="canceled")
    assert first.status_code == ring(client, invoice, key=None).status_code == 201


def test_a_blocked_call_answers_409_with_the_reasons_and_does_so_again(api, collector, midnight):
    client, invoice = api(collector), InvoiceFactory.create()
    for _ in range(2):
        response = ring(client, invoice)
        body = response.json()
        assert (response.status_code, body["status"], body["disposition"]) == (
            409,
            "blocked",
            "blocked_by_policy",
        )
        decision = body["decision"]
        assert [reason["rule"] for reason in decision["reasons"]] == ["lawful_hour"]
        assert decision["next_allowed_at"] == "2026-11-24T09:00:00Z"
        assert all(reason["citation"] and reason["text"] for reason in decision["reasons"])
    assert Call.objects.count() == 1


def test_ringing_is_for_those_who_may(api, viewer, stranger, collector):
    invoice = InvoiceFactory.create()
    assert ring(api(), invoice).status_code == 401
    assert ring(api(viewer), invoice).status_code == 403
    assert ring(api(stranger), invoice).status_code == 403
    for unknown in [999999, int("9" * 30)]:
        assert api(collector).post(f"/api/invoices/{unknown}/calls/").status_code == 404
    assert not Call.objects.exists()


def test_a_key_that_is_too_long_is_refused(api, collector):
    response = ring(api(collector), InvoiceFactory.create(), key="k" * 101)
    assert (response.status_code, list(response.json())) == (400, ["Idempotency-Key"])


def test_a_call_reads_with_everything_the_contract_names(api, viewer):
    agreed = [
        {
            "kind": "promise_to_pay",
            "invoice": "INV-1",
            "amount": "120.50",
            "currency": "USD",
            "date": "2026-12-04",
        }
    ]
    call = CallFactory.create(
        status="completed",
        disposition="promise_to_pay",
        carrier_sid="CA" + "1" * 32,
        agreed=agreed,
        usage={"llm_input_tokens": 5},
        recording="recordings/x.wav",
        end_reason="The agent hung up.",
    )
    DecisionFactory.create(call=call)
    DecisionFactory.create(call=call, moment="dial")
    LineFactory.create(
        call=call, seq=2, start_ms=3000, end_ms=4000, speaker="caller", text="Yes.", interrupted=True
    )
    LineFactory.create(call=call, seq=1, start_ms=1000, end_ms=2000, text="Hello.")
    body = api(viewer).get(f"/api/calls/{call.pk}/").json()
    assert body["transcript"] == [
        {"speaker": "agent", "text": "Hello.", "start_ms": 1000, "end_ms": 2000, "interrupted": False},
        {"speaker": "caller", "text": "Yes.", "start_ms": 3000, "end_ms": 4000, "interrupted": True},
    ]
    assert (body["id"], body["twilio_sid"], body["agreed"]) == (str(call.pk), "CA" + "1" * 32, agreed)
    assert (body["usage"], body["decision"]["moment"]) == ({"llm_input_tokens": 5}, "dial")
    assert body["recording_url"] == f"http://testserver/api/calls/{call.pk}/recording/"
    assert {"is_test", "end_reason", "requested_at", "answered_at", "ended_at", "summary"} < set(body)


def test_secrets_of_a_call_are_not_shown(api, admin_user):
    call = CallFactory.create(stream_token_hash="h" * 64)
    assert "h" * 64 not in api(admin_user).get(f"/api/calls/{call.pk}/").content.decode()


def test_calls_are_listed_and_filtered_at_a_fixed_cost(api, viewer, django_assert_max_num_queries):
    for call in CallFactory.create_batch(8, status="completed", disposition="hung_up"):
        LineFactory.create(call=call)
        DecisionFactory.create(call=call)
    client = api(viewer)
    with django_assert_max_num_queries(9):
        assert client.get("/api/calls/").json()["count"] == 8
    assert client.get("/api/calls/", {"invoice": call.invoice_id}).json()["count"] == 1
    assert client.get("/api/calls/", {"disposition": "busy"}).json()["count"] == 0
    assert client.get("/api/calls/", {"status": "odd"}).status_code == 400


def test_an_unknown_call_is_404_and_a_known_one_is_not_for_everybody(api, viewer, stranger):
    assert api(viewer).get(f"/api/calls/{uuid4()}/").status_code == 404
    assert api(stranger).get(f"/api/calls/{CallFactory.create().pk}/").status_code == 403


@pytest.mark.parametrize("accept", ["*/*", "audio/wav", "application/json"])
def test_the_recording_is_sent_to_who_may_hear_it(api, viewer, stranger, settings, tmp_path, accept):
    settings.MEDIA_ROOT = tmp_path
    name = default_storage.save("recordings/call.wav", ContentFile(b"RIFF" * 20))
    call = CallFactory.create(recording=name)
    path = f"/api/calls/{call.pk}/recording/"
    response = api(viewer).get(path, headers={"Accept": accept, "Range": "bytes=4-7"})
    assert (response.status_code, response.content) == (206, b"RIFF")
    assert "no-store" in response["Cache-Control"]
    assert api(stranger).get(path).status_code == 403
    assert api().get(path).status_code == 401
    assert api(viewer).get(f"/api/calls/{CallFactory.create().pk}/recording/").status_code == 404
