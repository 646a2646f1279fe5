"""The writer keeps order and loses nothing while the database is away; its memory and its end are bounded."""

import asyncio
import time
from unittest.mock import patch

import pytest
from channels.db import database_sync_to_async
from django.db import IntegrityError, OperationalError

from agent_worker import transcript
from agent_worker.records import Records
from agent_worker.transcript import TranscriptWriter
from calls.conversation import SpokenLine, transcript_append


def line(text: str) -> SpokenLine:
    return SpokenLine(seq=0, speaker="agent", text=text, start_ms=0, end_ms=10)


def stored(call) -> list[tuple[int, str]]:
    return list(call.transcript.order_by("seq").values_list("seq", "text"))


class Away:
    """A database that refuses for a while, then works."""

    def __init__(self, seconds: float) -> None:
        self.until = time.monotonic() + seconds
        self.refused = 0

    def __call__(self, **arguments):
        if time.monotonic() < self.until:
            self.refused += 1
            raise OperationalError("the database system is shutting down")
        transcript_append(**arguments)


async def test_order_is_kept_and_nothing_lost_while_the_database_is_away(world):
    call = await database_sync_to_async(world.call)()
    away = Away(2.0)
    with patch.object(transcript, "transcript_append", away):
        writer = TranscriptWriter(Records(call.pk))
        writer.start()
        for number in range(20):
            writer.append(line(f"line {number}"))
            await asyncio.sleep(0.02)
        assert await database_sync_to_async(stored)(call) == []
        assert await writer.close(timeout=8.0)
    assert away.refused >= 2
    expected = [(number + 1, f"line {number}") for number in range(20)]
    assert await database_sync_to_async(stored)(call) == expected


async def test_a_line_is_in_the_database_when_it_was_spoken(world):
    call = await database_sync_to_async(world.call)()
    writer = TranscriptWriter(Records(call.pk))
    writer.start()
    writer.append(line("now"))
    deadline = time.monotonic() + 2
    while not await database_sync_to_async(stored)(call):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)
    await writer.close(timeout=1.0)


async def test_closing_is_bounded_when_the_database_stays_away(world):
    call = await database_sync_to_async(world.call)()
    with patch.object(transcript, "transcript_append", Away(60.0)):
        writer = TranscriptWriter(Records(call.pk))
        writer.start()
        writer.append(line("never stored"))
        began = time.monotonic()
        assert not await writer.close(timeout=0.5)
        assert time.monotonic() - began < 2.0


async def test_a_line_that_can_never_be_stored_does_not_hold_up_the_others(world):
    call = await database_sync_to_async(world.call)()
    calls = iter([IntegrityError("broken")])

    def once_broken(**arguments):
        if (error := next(calls, None)) is not None:
            raise error
        transcript_append(**arguments)

    with patch.object(transcript, "transcript_append", once_broken):
        writer = TranscriptWriter(Records(call.pk))
        writer.start()
        writer.append(line("refused"))
        await asyncio.sleep(0.1)
        writer.append(line("stored"))
        assert await writer.close(timeout=3.0)
    assert await database_sync_to_async(stored)(call) == [(2, "stored")]


async def test_the_queue_is_bounded(world, monkeypatch):
    monkeypatch.setattr(transcript, "QUEUE_LINES", 3)
    call = await database_sync_to_async(world.call)()
    writer = TranscriptWriter(Records(call.pk))
    for number in range(5):
        writer.append(line(str(number)))
    assert writer.dropped == 2


@pytest.mark.parametrize("patience", [0.0, 0.3])
async def test_a_service_is_asked_again_for_as_long_as_there_is_patience(world, patience):
    call = await database_sync_to_async(world.call)()
    away = Away(60.0)
    began = time.monotonic()
    with pytest.raises(OperationalError):
        await Records(call.pk).ask(away, patience=patience, lines=[])
    assert time.monotonic() - began < patience + 1.0
    assert (away.refused > 1) is (patience > 0)
