"""Webhooks of the running system: what happens on the telephone reaches somebody's server."""

import html
import re
from contextlib import contextmanager

import pytest
import requests
from standardwebhooks import Webhook

from tests.receiver import receiving
from tests.waiting import eventually

pytestmark = pytest.mark.stack
ENDPOINTS = "/admin/invoices/webhookendpoint/"


@contextmanager
def endpoint(world, url):
    """An endpoint that is added and switched off in the admin; its secret."""
    staff, base = requests.Session(), world.stack.base_url

    def send(path, **fields):
        staff.get(f"{base}{path}", timeout=30)
        token = {"csrfmiddlewaretoken": staff.cookies["csrftoken"]}
        return html.unescape(staff.post(f"{base}{path}", data={**token, **fields}, timeout=30).text)

    send("/login/", username="admin", password=world.stack.logins["admin"])
    page = send(f"{ENDPOINTS}add/", url=url)
    secret = re.search(r"whsec_[A-Za-z0-9+/=]+", page)
    number = re.search(rf"{ENDPOINTS}(\d+)/change/", page)
    assert secret is not None and number is not None
    yield secret[0]
    send(f"{ENDPOINTS}{number[1]}/act/off/", reason="The test is over.")


def test_the_end_of_a_call_is_told_at_once_and_again_until_it_is_taken(world):
    with receiving() as receiver, endpoint(world, receiver.url) as secret:
        receiver.answers = [500]
        call = world.settled(world.ring(world.owing("busy")))

        eventually(lambda: len(receiver.got) > 1, within=60)
        first, again = [Webhook(secret).verify(body, headers) for headers, body in receiver.got]
        assert first == again
        assert first["type"] == "call.ended"
        assert first["data"]["call"]["id"] == call["id"]
        assert first["data"]["call"]["disposition"] == "busy"
