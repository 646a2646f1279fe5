"""What an open page hears, over real sockets of the application and the real Redis layer."""

import asyncio
import logging
import threading
import time
from uuid import uuid4

import pytest
from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings as project
from django.test import Client

from calls.live import news
from calls.models import Call
from calls.services import call_transition
from calls.states import Status
from tests.factories import CallFactory, InvoiceFactory, LineFactory

pytestmark = pytest.mark.django_db(transaction=True)
# A wait for what should come at once; generous, for machines that do other work as well.
SOON = 5


@pytest.fixture
def application(settings):
    settings.DEBUG = True  # the application refuses to load without a real installation's secrets
    from phantompay.asgi import application

    return application


@pytest.fixture
def listen(application):
    """`listen(path, user)` opens the socket of `path` as the browser of `user`, or of nobody."""
    opened = []

    async def open_for(path, user=None, origin="http://localhost"):
        headers = [(b"origin", origin.encode()), (b"host", b"localhost")]
        if user is not None:
            client = Client()
            await database_sync_to_async(client.force_login)(user)
            cookie = f"{project.SESSION_COOKIE_NAME}={client.cookies[project.SESSION_COOKIE_NAME].value}"
            headers.append((b"cookie", cookie.encode()))
        socket = WebsocketCommunicator(application, path, headers=headers)
        opened.append(socket)
        connected, _ = await socket.connect(timeout=SOON)
        return socket if connected else None

    return open_for


async def closed_with(socket):
    message = await socket.receive_output(timeout=SOON)
    return message["type"], message.get("code")


def in_sync(function):
    return database_sync_to_async(function)()


async def test_a_page_hears_each_change_as_the_whole_picture(listen, viewer):
    call = await in_sync(CallFactory.create)
    socket = await listen(f"/ws/calls/{call.pk}/", viewer)
    first = await socket.receive_from(timeout=SOON)
    assert 'id="call-picture" hx-swap-oob="true"' in first and "Requested…" in first
    await in_sync(lambda: call_transition(call_id=call.pk, to=Status.PLACING, source="worker"))
    assert "Getting ready…" in await socket.receive_from(timeout=SOON)
    await in_sync(lambda: LineFactory.create(call=call, text="May I speak with Alice?"))
    await in_sync(lambda: news.changed(call.pk))
    later = await socket.receive_from(timeout=SOON)
    assert "May I speak with Alice?" in later and "Getting ready…" in later
    await socket.disconnect()


async def test_the_invoices_page_hears_of_its_calls(listen, collector):
    invoice = await in_sync(InvoiceFactory.create)
    socket = await listen(f"/ws/invoices/{invoice.pk}/", collector)
    first = await socket.receive_from(timeout=SOON)
    assert 'id="invoice-calls"' in first and "Ring from the Beyond" in first
    call = await in_sync(lambda: CallFactory.create(invoice=invoice))
    await in_sync(lambda: news.changed(call.pk))
    assert "On the phone" in await socket.receive_from(timeout=SOON)
    await socket.disconnect()


async def test_a_late_joiner_sees_what_an_early_one_sees(listen, viewer):
    call = await in_sync(CallFactory.create)
    early = await listen(f"/ws/calls/{call.pk}/", viewer)
    await early.receive_from(timeout=SOON)
    await in_sync(lambda: LineFactory.create(call=call, text="Good morning."))
    await in_sync(lambda: news.changed(call.pk))
    last = await early.receive_from(timeout=SOON)
    late = await listen(f"/ws/calls/{call.pk}/", viewer)
    assert await late.receive_from(timeout=SOON) == last
    reloaded = await in_sync(lambda: _page(viewer, call))
    assert last.split('hx-swap-oob="true"')[1].strip() in reloaded
    await early.disconnect()
    await late.disconnect()


def _page(user, call):
    client = Client()
    client.force_login(user)
    return client.get(f"/calls/{call.pk}/").text


async def test_a_burst_is_shown_in_few_pictures_and_the_last_is_right(listen, viewer):
    call = await in_sync(CallFactory.create)
    socket = await listen(f"/ws/calls/{call.pk}/", viewer)
    await socket.receive_from(timeout=SOON)

    def burst():
        for number in range(30):
            LineFactory.create(call=call, text=f"Line {number}.")
            news.changed(call.pk)

    started = time.monotonic()
    await in_sync(burst)
    took = time.monotonic() - started
    pictures: list[str] = []
    while not pictures or "Line 29." not in pictures[-1]:
        pictures.append(await socket.receive_from(timeout=SOON))
    assert len(pictures) <= took / 0.1 + 3
    if not await socket.receive_nothing(timeout=0.4):
        # The last row had been read before its news came.
        assert "Line 29." in await socket.receive_from(timeout=SOON)
        assert await socket.receive_nothing(timeout=0.4)
    await socket.disconnect()


async def test_who_is_not_logged_in_is_sent_away_with_4401(listen):
    call = await in_sync(CallFactory.create)
    for path in [f"/ws/calls/{call.pk}/", f"/ws/invoices/{call.invoice_id}/"]:
        assert await closed_with(await listen(path)) == ("websocket.close", 4401)


async def test_who_may_not_look_is_sent_away_with_4403(listen, stranger):
    call = await in_sync(CallFactory.create)
    for path in [f"/ws/calls/{call.pk}/", f"/ws/invoices/{call.invoice_id}/"]:
        assert await closed_with(await listen(path, stranger)) == ("websocket.close", 4403)


async def test_what_is_not_there_is_closed_with_4404(listen, viewer):
    for path in [f"/ws/calls/{uuid4()}/", "/ws/invoices/99999/", "/ws/invoices/" + "9" * 30 + "/"]:
        assert await closed_with(await listen(path, viewer)) == ("websocket.close", 4404), path


async def test_a_foreign_page_is_not_connected(listen, viewer):
    call = await in_sync(CallFactory.create)
    assert await listen(f"/ws/calls/{call.pk}/", viewer, origin="https://evil.example") is None


async def test_a_role_that_was_taken_away_ends_the_picture(listen, viewer):
    call = await in_sync(CallFactory.create)
    socket = await listen(f"/ws/calls/{call.pk}/", viewer)
    await socket.receive_from(timeout=SOON)
    await in_sync(viewer.user_permissions.clear)
    await in_sync(lambda: news.changed(call.pk))
    assert await closed_with(socket) == ("websocket.close", 4403)


async def test_a_viewers_invoice_has_no_button(listen, viewer):
    invoice = await in_sync(InvoiceFactory.create)
    socket = await listen(f"/ws/invoices/{invoice.pk}/", viewer)
    assert "<form" not in await socket.receive_from(timeout=SOON)
    await socket.disconnect()


async def test_what_a_page_says_is_ignored(listen, viewer):
    call = await in_sync(CallFactory.create)
    socket = await listen(f"/ws/calls/{call.pk}/", viewer)
    await socket.receive_from(timeout=SOON)
    await socket.send_to(text_data='{"type": "call.changed"}')
    await socket.send_to(bytes_data=b"\0" * 100)
    assert await socket.receive_nothing(timeout=0.3)
    await socket.disconnect()


async def test_a_page_that_was_idle_for_long_still_hears(listen, viewer):
    """channels_redis #422: a blocking read that times out after 5 s ended the consumer."""
    call = await in_sync(CallFactory.create)
    socket = await listen(f"/ws/calls/{call.pk}/", viewer)
    await socket.receive_from(timeout=SOON)
    await asyncio.sleep(6.5)
    await in_sync(lambda: call_transition(call_id=call.pk, to=Status.PLACING, source="worker"))
    assert "Getting ready…" in await socket.receive_from(timeout=SOON)
    await socket.disconnect()


async def test_news_from_a_thread_of_its_own_arrives(listen, viewer):
    call = await in_sync(CallFactory.create)
    socket = await listen(f"/ws/calls/{call.pk}/", viewer)
    await socket.receive_from(timeout=SOON)
    await in_sync(lambda: Call.objects.filter(pk=call.pk).update(speaking="agent"))
    thread = threading.Thread(target=_tell_and_close, args=[call.pk])
    thread.start()
    assert "is speaking" in await socket.receive_from(timeout=SOON)
    await asyncio.to_thread(thread.join)
    await socket.disconnect()


def _tell_and_close(call_id):
    from django.db import connection

    news.changed(call_id)
    connection.close()


@pytest.mark.parametrize("address", ["redis://127.0.0.1:1/0", "redis://10.255.255.1:6379/0"])
def test_news_without_redis_is_dropped_quickly_and_noted_by_id(settings, caplog, address):
    layer = {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": [address]}}
    settings.CHANNEL_LAYERS = {"default": layer}
    call = CallFactory.create()
    started = time.monotonic()
    with caplog.at_level(logging.WARNING):
        news.changed(call.pk)
    assert time.monotonic() - started < 2.5
    assert str(call.pk) in caplog.text


def test_news_of_a_call_that_is_not_there_is_no_error():
    news.changed(uuid4())
