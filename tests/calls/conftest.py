"""Customers, invoices and calls made through the services, at an hour when calls are lawful."""

import base64
import hashlib
import hmac
import os
import socket
import subprocess
import sys
import urllib.request
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import time_machine

from calls.services import call_request
from invoices.services.documents import invoice_create
from invoices.services.parties import customer_create
from stack.ports import Ports
from tests.calls.bridge.rig import KEYS, LiveKit

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def noon():
    """It is Tuesday noon in London."""
    with time_machine.travel(NOON, tick=True):
        yield NOON


@pytest.fixture
def customer(db):
    return customer_create(
        number="C-1",
        name="Alice Walker",
        phone="+442079460107",
        country="GB",
        time_zone="Europe/London",
        birth_month=2,
        birth_day=28,
        source="api",
    )


@pytest.fixture
def make_invoice(customer):
    def make(number="INV-1", **changes):
        fields = {
            "currency": "GBP",
            "total": "120.50",
            "issue_date": date(2026, 10, 1),
            "due_date": date(2026, 10, 31),
            "source": "api",
        }
        return invoice_create(customer=customer, number=number, **{**fields, **changes})

    return make


@pytest.fixture
def invoice(make_invoice):
    return make_invoice()


@pytest.fixture
def call(invoice, noon):
    return call_request(invoice=invoice, requested_by=None)


@pytest.fixture
def twilio(settings):
    """Settings of an account, and what signs as its owner would."""
    settings.PUBLIC_BASE_URL = "https://pay.example.com"
    settings.ALLOWED_HOSTS = ["*"]
    settings.TWILIO_ACCOUNT_SID = "AC" + "0" * 32
    settings.TWILIO_AUTH_TOKEN = "token of the account"
    settings.TWILIO_PHONE_NUMBER = "+15005550006"
    settings.BUSINESS_LEGAL_NAME = "Moonlight Supplies Limited"
    return settings


def twilio_signature(url: str, params: dict[str, str], token: str) -> str:
    """https://www.twilio.com/docs/usage/security: the URL and the sorted parameters, HMAC-SHA1, base64."""
    text = url + "".join(name + params[name] for name in sorted(params))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


@pytest.fixture
def carrier(twilio):
    """The pretended carrier as a process of its own; answers its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "rehearsal.carrier", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--account-sid", twilio.TWILIO_ACCOUNT_SID, "--models-url", "http://127.0.0.1:9/v1"]
    command += ["--people", "demo/people.json"]
    env = {**os.environ, "TWILIO_AUTH_TOKEN": twilio.TWILIO_AUTH_TOKEN}
    process = subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.PIPE)
    assert process.stderr is not None
    try:
        assert process.stderr.readline() != b"", "the carrier says when it listens"
        twilio.TWILIO_API_BASE_URL = f"http://127.0.0.1:{port}"
        yield twilio.TWILIO_API_BASE_URL
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="module")
def livekit_server(tmp_path_factory):
    """LiveKit's settings: those of the environment, or of a server of our own, as where other tests run beside these:
    a sweep sees every room."""
    env = {name: os.environ[name] for name in ("LIVEKIT_URL", *KEYS) if os.environ.get(name)}
    if len(env) == 1 + len(KEYS) and "PYTEST_XDIST_WORKER" not in os.environ:
        yield env
        return
    ports = Ports()
    started = LiveKit(tmp_path_factory.mktemp("livekit"), ports)
    yield started.env
    started.server.stop()
    ports.release()


@pytest.fixture
def livekit(livekit_server, settings):
    """A LiveKit to enter rooms of; its settings."""
    for name, value in livekit_server.items():
        setattr(settings, name, value)
    return livekit_server


def put(url: str, body: bytes) -> None:
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"}, method="PUT")
    urllib.request.urlopen(request, timeout=5).close()
