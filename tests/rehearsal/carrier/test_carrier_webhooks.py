"""Status callbacks and TwiML requests as the application receives them."""

from email.utils import parsedate_to_datetime

import pytest
from twilio.request_validator import RequestValidator

from rehearsal.carrier.people import Ringing
from rehearsal.carrier.signature import HEADER, sign
from tests.rehearsal.carrier.carrier_world import FROM, SID, TO, TOKEN, World, running_world, until


def test_signature_is_the_one_twilios_validator_computes():
    params = {"To": TO, "From": FROM, "Empty": "", "Name": "Zoë & co", "CallSid": "CA1"}
    for url in ("https://example.com/a?b=c&d=%20e", "https://example.com:8443/a", "http://127.0.0.1:8000/"):
        assert RequestValidator(TOKEN).validate(url, params, sign(TOKEN, url, params))
        assert not RequestValidator(TOKEN).validate(url, {**params, "To": FROM}, sign(TOKEN, url, params))


async def test_a_call_announces_every_status_in_order_and_signed(world: World):
    sid = await world.call(world.application.respond("/voice", "<Hangup/>"))
    await until(lambda: len(world.application.callbacks()) == 4)
    callbacks = world.application.callbacks()
    assert [each["CallStatus"] for each in callbacks] == ["initiated", "ringing", "in-progress", "completed"]
    assert [each["SequenceNumber"] for each in callbacks] == ["0", "1", "2", "3"]
    for each in callbacks:
        assert (each["CallSid"], each["AccountSid"], each["To"], each["From"]) == (sid, SID, TO, FROM)
        assert (each["Direction"], each["ApiVersion"]) == ("outbound-api", "2010-04-01")
        assert each["CallbackSource"] == "call-progress-events"
        assert parsedate_to_datetime(each["Timestamp"]) is not None
    assert callbacks[-1]["CallDuration"] == "0" and callbacks[-1]["SipResponseCode"] == "200"
    assert "CallDuration" not in callbacks[0]
    validator = RequestValidator(TOKEN)
    for request in world.application.requests:
        assert validator.validate(request["url"], request["form"], request["headers"][HEADER])
        assert "I-Twilio-Idempotency-Token" not in request["headers"]


async def test_twiml_is_asked_for_with_the_calls_parameters(world: World):
    sid = await world.call(world.application.respond("/voice", "<Hangup/>") + "?x=1")
    request = await until(
        lambda: next((r for r in world.application.requests if r["path"] == "/voice"), None)
    )
    form = request["form"]
    assert request["method"] == "POST" and request["url"].endswith("/voice?x=1")
    assert (form["CallSid"], form["CallStatus"], form["Called"], form["Caller"]) == (
        sid,
        "in-progress",
        TO,
        FROM,
    )
    assert form["ToCity"] == ""  # blank parameters are sent, and count in the signature


async def test_a_get_webhook_carries_signed_parameters_in_its_query(world: World):
    sid = await world.call(world.application.respond("/voice", "<Hangup/>"), Method="GET")
    request = await until(
        lambda: next((r for r in world.application.requests if r["path"] == "/voice"), None)
    )
    assert request["method"] == "GET" and f"CallSid={sid}" in request["url"]
    assert RequestValidator(TOKEN).validate(request["url"], {}, request["headers"][HEADER])


@pytest.mark.parametrize(
    ("outcome", "statuses"),
    [
        ("busy", ["initiated", "busy"]),
        ("failed", ["initiated", "failed"]),
        ("no-answer", ["initiated", "ringing", "no-answer"]),
    ],
)
async def test_a_call_nobody_takes_ends_as_it_should(world: World, outcome, statuses):
    world.ringing = Ringing(outcome, 0.01)
    sid = await world.call("http://127.0.0.1:9/")
    await until(lambda: world.application.statuses() == statuses)
    _, call = await world.get(f"{world.calls}/{sid}.json")
    assert call["status"] == outcome and call["duration"] is None


async def test_only_completed_is_announced_by_default(world: World):
    world.ringing = Ringing("busy", 0.0)
    form = {"To": TO, "From": FROM, "Url": "http://127.0.0.1:9/"}
    await world.post(world.calls + ".json", {**form, "StatusCallback": world.application.url + "/status"})
    await until(world.application.callbacks)
    assert world.application.statuses() == ["busy"]
    assert world.application.callbacks()[0]["SequenceNumber"] == "0"


async def test_a_failed_callback_is_sent_again_with_one_idempotency_token(world: World):
    world.ringing = Ringing("busy", 0.0)
    world.application.failures = [500, 503]
    sid = await world.call("http://127.0.0.1:9/")
    await until(lambda: world.application.statuses() == ["initiated"] * 3 + ["busy"])
    first, second, third, last = [r for r in world.application.requests if r["path"] == "/status"]
    token = "I-Twilio-Idempotency-Token"
    assert token not in first["headers"] and token not in last["headers"]
    assert second["headers"][token] == third["headers"][token]
    assert first["form"] == second["form"] == third["form"]
    await until(lambda: len(world.events(sid, "callback")) == 2)
    assert world.events(sid, "callback")[0]["attempts"] == 3


async def test_an_application_that_is_down_is_given_up_on(world: World):
    world.ringing = Ringing("busy", 0.0)
    sid = await world.call("http://127.0.0.1:9/", StatusCallback="http://127.0.0.1:9/status")
    await until(lambda: world.errors(sid) == [11200, 11200])
    assert [event["attempts"] for event in world.events(sid, "callback")] == [3, 3]


async def test_a_callback_refused_with_4xx_is_not_repeated(world: World):
    world.ringing = Ringing("busy", 0.0)
    world.application.failures = [403]
    sid = await world.call("http://127.0.0.1:9/")
    await until(lambda: world.application.statuses() == ["initiated", "busy"])
    assert world.errors(sid) == [11200]


async def faults(world: World, value) -> None:
    async with world.session.put(world.url + "/rehearsal/faults", json=value) as answer:
        assert answer.status == 200, await answer.text()


async def test_callbacks_twice(world: World):
    await faults(world, {"callbacks": {"mode": "twice"}})
    world.ringing = Ringing("busy", 0.0)
    await world.call("http://127.0.0.1:9/")
    await until(lambda: world.application.statuses() == ["initiated", "initiated", "busy", "busy"])
    assert [each["SequenceNumber"] for each in world.application.callbacks()] == ["0", "0", "1", "1"]


async def test_callbacks_out_of_order(world: World):
    await faults(world, {"callbacks": {"mode": "out_of_order"}})
    await world.call(world.application.respond("/voice", "<Hangup/>"))
    await until(lambda: len(world.application.callbacks()) == 4)
    assert world.application.statuses() == ["ringing", "initiated", "completed", "in-progress"]
    assert [each["SequenceNumber"] for each in world.application.callbacks()] == ["1", "0", "3", "2"]


async def test_callbacks_late(world: World):
    await faults(world, {"callbacks": {"mode": "late", "seconds": 0.5}})
    world.ringing = Ringing("busy", 0.0)
    sid = await world.call("http://127.0.0.1:9/")
    await world.ended(sid)
    assert world.application.callbacks() == []
    await until(lambda: world.application.statuses() == ["initiated", "busy"])
    delivered, ended = world.events(sid, "callback")[0]["at"], world.events(sid, "status")[-1]["at"]
    assert 0.45 < delivered - ended < 1.5


async def test_callbacks_never(world: World):
    await faults(world, {"callbacks": {"mode": "never"}})
    world.ringing = Ringing("busy", 0.0)
    silenced = await world.call("http://127.0.0.1:9/")
    await world.ended(silenced)
    async with world.session.delete(world.url + "/rehearsal/faults"):
        pass
    heard = await world.call("http://127.0.0.1:9/")
    await until(lambda: len(world.application.callbacks()) == 2)
    assert {each["CallSid"] for each in world.application.callbacks()} == {heard}


async def test_a_slow_webhook_counts_as_no_answer():
    async with running_world(webhook_timeout=0.2) as world:
        sid = await world.call(world.application.url + "/hang")
        record = await world.ended(sid)
        assert record.status == "completed" and world.errors(sid) == [11200]
