"""Logs carry ids and nothing of what was said."""

import logging

import pytest
from channels.db import database_sync_to_async

from agent_worker.privacy import TALKATIVE, NoPersonalExtras, keep_quiet
from tests.agent_worker.conftest import CANARY_NUMBER, soon, tool
from tests.agent_worker.talking import BIRTHDAY, FOUND, WRONG_BIRTHDAY, conversation


async def test_a_whole_conversation_leaves_no_word_in_the_log(world, brain, caplog):
    keep_quiet(in_job=False)
    call = await database_sync_to_async(world.call)()
    with caplog.at_level(logging.DEBUG):
        async with conversation(call, brain) as person:
            await person.say("Yes, this is Robert.", FOUND)
            await person.say("My secret is pumpkin.", WRONG_BIRTHDAY)
            await person.say("March fourteenth.", BIRTHDAY)
            await person.say(
                "Too much.", tool("propose_promise", amount="9999999", date="2026-12-04"), "Less."
            )
            await person.say("Fine.", tool("propose_promise", amount="4321.5", date=soon().isoformat()))
            await person.say("Yes.", tool("confirm", confirmed=True))
    # The interpreter's own loggers quote nothing of a call; SQL and sockets are logged in development only.
    records = [record for record in caplog.records if not record.name.startswith(("django.db", "asyncio"))]
    written = "\n".join(f"{record.getMessage()} {vars(record)}" for record in records)
    for word in ("pumpkin", "March", "Robert", "Blake", "4321", "9999999", CANARY_NUMBER, "birth", "8641"):
        assert word not in written


@pytest.mark.parametrize("name", TALKATIVE)
def test_a_logger_that_quotes_what_was_said_is_quiet(name, monkeypatch):
    logger = logging.getLogger(name)
    monkeypatch.setattr(logger, "level", logging.DEBUG)
    keep_quiet(in_job=False)
    assert logger.getEffectiveLevel() >= logging.WARNING


def test_personal_fields_are_taken_off_records():
    record = logging.LogRecord("livekit.agents", logging.WARNING, "", 1, "skipping reply", (), None)
    record.__dict__["lk.pii.user_input"] = "pumpkin"
    assert NoPersonalExtras().filter(record)
    assert "pumpkin" not in str(vars(record))
