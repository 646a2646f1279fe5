"""Log records name the call wherever it is known, and never a person, a number, an amount or a token."""

import asyncio
import json
import logging

import pytest
from channels.testing import WebsocketCommunicator
from django.test import Client

from calls.bridge.consumer import TwilioStreamConsumer
from calls.log_context import about_call
from calls.models import Call
from calls.services import call_request, call_transition
from calls.states import Status
from calls.stream import stream_token_issue
from calls.tasks import place_call
from phantompay.logs import LineFormatter, ObjectFormatter
from tests.calls.conftest import twilio_signature
from tests.factories import CustomerFactory, InvoiceFactory

pytestmark = pytest.mark.usefixtures("noon", "_account")
OURS = ("calls", "invoices", "phantompay", "agent_worker")
SID = "CA" + "1" * 32
NAME, PHONE, EMAIL, AMOUNT = "Zebulon Quartermaine", "+442079460177", "zebulon@example.com", "4711.83"
TOKEN = "token of the account"


@pytest.fixture
def _account(settings):
    settings.PUBLIC_BASE_URL = "https://pay.example.com"
    settings.ALLOWED_HOSTS = ["*"]
    settings.TWILIO_ACCOUNT_SID = "AC" + "0" * 32
    settings.TWILIO_AUTH_TOKEN = TOKEN
    # Nobody listens there: the call gets no room, and says so.
    settings.LIVEKIT_URL = "ws://127.0.0.1:9"
    settings.LIVEKIT_API_KEY, settings.LIVEKIT_API_SECRET = "key", "a secret of thirty-two characters"


@pytest.fixture
def records(caplog):
    """Records of our own loggers, down to DEBUG."""
    for name in OURS:
        caplog.set_level(logging.DEBUG, logger=name)
    return lambda: [record for record in caplog.records if record.name.split(".")[0] in OURS]


def asked_for():
    customer = CustomerFactory.create(name=NAME, phone=PHONE, email=EMAIL)
    invoice = InvoiceFactory.create(customer=customer, total=AMOUNT)
    return call_request(invoice=invoice, requested_by=None)


def callback(call, **form):
    path = f"/twilio/status/{call.pk}/"
    params = {"AccountSid": "AC" + "0" * 32, "CallSid": SID, "To": PHONE, **form}
    signature = twilio_signature(f"https://pay.example.com{path}", params, TOKEN)
    return Client().post(path, params, headers={"X-Twilio-Signature": signature})


async def stream(token):
    """The carrier opens the stream and puts the phone down at once."""
    url = "wss://pay.example.com/twilio-stream"
    signature = twilio_signature(url, {}, TOKEN)
    socket = WebsocketCommunicator(
        TwilioStreamConsumer.as_asgi(),
        "/twilio-stream",
        headers=[(b"x-twilio-signature", signature.encode())],
    )
    assert (await socket.connect())[0]
    start: dict[str, object] = {
        "streamSid": "MZ1",
        "accountSid": "AC" + "0" * 32,
        "callSid": SID,
        "tracks": ["inbound"],
    }
    start |= {"customParameters": {"token": token}}
    start |= {"mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}}
    await socket.send_json_to({"event": "connected", "protocol": "Call", "version": "1.0.0"})
    await socket.send_json_to({"event": "start", "sequenceNumber": "1", "streamSid": "MZ1", "start": start})
    await socket.send_json_to({"event": "stop", "sequenceNumber": "2", "streamSid": "MZ1"})
    await socket.disconnect(timeout=20)


def of_call(records, call):
    assert records, "something was logged"
    return {getattr(record, "call_id", None) for record in records} == {str(call.pk)}


def test_records_of_a_webhook_name_the_call(db, records):
    call = asked_for()
    assert callback(call, CallStatus="levitating").status_code == 204
    assert of_call(records(), call)


def test_records_of_a_task_name_the_call_and_those_after_it_do_not(db, records):
    call = asked_for()
    place_call.apply(args=(str(call.pk),), throw=True)
    assert of_call(records(), call)
    logging.getLogger("calls").warning("afterwards")
    assert not hasattr(records()[-1], "call_id")


def test_what_a_task_runs_within_is_named_again_after_it(db, records):
    with about_call("the outer one"):
        place_call.apply(args=(str(asked_for().pk),), throw=True)
        logging.getLogger("calls").warning("afterwards")
    assert records()[-1].call_id == "the outer one"


@pytest.mark.django_db(transaction=True)
def test_records_of_a_stream_name_the_call(records, caplog):
    call = asked_for()
    call_transition(call_id=call.pk, to=Status.PLACING, source="worker")
    Call.objects.filter(pk=call.pk).update(carrier_sid=SID)
    caplog.clear()
    asyncio.run(stream(stream_token_issue(call_id=call.pk)))
    assert any("stream closed" in record.getMessage() for record in records())
    assert of_call(records(), call)


@pytest.mark.django_db(transaction=True)
def test_no_record_is_about_a_person(records):
    """A request, its placing, callbacks good and bad, and its stream; each record as both formats write it."""
    call = asked_for()
    place_call.apply(args=(str(call.pk),), throw=True)
    again = asked_for_again(call)
    Call.objects.filter(pk=again.pk).update(status=Status.PLACING)
    token = stream_token_issue(call_id=again.pk)
    for status in ("ringing", "levitating", "in-progress"):
        callback(again, CallStatus=status)
    asyncio.run(stream(token))
    callback(again, CallStatus="completed", CallSid="CA" + "2" * 32)
    assert len(records()) > 3
    written = "\n".join(
        formatter.format(record)
        for record in records()
        for formatter in (ObjectFormatter(), LineFormatter(), logging.Formatter("%(message)s"))
    )
    written += str([vars(record) for record in records()])
    words = [NAME, *NAME.split(), PHONE, PHONE[3:], EMAIL, AMOUNT, "4,711.83", TOKEN, token, "thirty-two"]
    assert [word for word in words if word in written] == []


def asked_for_again(call):
    return call_request(invoice=call.invoice, requested_by=None)


def made(**extra):
    record = logging.getLogger("calls").makeRecord(
        "calls", logging.WARNING, __file__, 1, "call %s: lost", ("7",), None, extra=extra
    )
    record.created = 1_795_600_800.25
    return record


def test_json_has_one_object_a_line_with_what_is_known():
    with about_call("7"):
        written = json.loads(ObjectFormatter().format(made(phone=PHONE)))
    process = written.pop("process")
    assert process > 0
    assert written == {
        "timestamp": "2026-11-25T10:00:00.250000+00:00",
        "level": "WARNING",
        "logger": "calls",
        "message": "call 7: lost",
        "call_id": "7",
    }
    assert "call_id" not in json.loads(ObjectFormatter().format(made()))


def test_a_line_names_the_call_once():
    with about_call("7f"):
        record = logging.makeLogRecord({"msg": "the queue is away", "name": "calls"})
        named = logging.makeLogRecord({"msg": "call 7f: lost"})
    record.call_id = named.call_id = "7f"
    assert LineFormatter("%(message)s").format(record) == "the queue is away [call 7f]"
    assert LineFormatter("%(message)s").format(named) == "call 7f: lost"
