"""A database that takes its time: the caller is told, once, and what is agreed is what it was."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from asgiref.sync import sync_to_async
from channels.db import database_sync_to_async
from django.db import connection
from livekit.agents import ConversationItemAddedEvent
from livekit.agents.llm import ChatMessage

from agent_worker import lines
from agent_worker.talk import FILLER_SECONDS
from calls.conversation import debts
from invoices.models import PromiseToPay
from tests.agent_worker.conftest import soon, tool
from tests.agent_worker.talking import BIRTHDAY, FOUND, conversation

# A person would hear it by then.
PATIENCE = FILLER_SECONDS + 6


@asynccontextmanager
async def held_calls():
    """Another transaction has written to every call, and goes on until the block is left."""
    other = connection.copy()
    other.inc_thread_sharing()

    def hold():
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("UPDATE calls_call SET speaking = speaking")

    def let_go():
        other.rollback()
        other.close()

    await sync_to_async(hold)()
    try:
        yield
    finally:
        await sync_to_async(let_go)()


async def told_while_held(person, doing):
    """What the agent says by itself until the database lets it go on, and what came of `doing`."""
    told = asyncio.Event()
    before: list[str | None] = []

    def added(event: ConversationItemAddedEvent) -> None:
        if isinstance(event.item, ChatMessage) and event.item.role == "assistant":
            before.append(event.item.text_content)
            told.set()

    async with held_calls():
        person.session.on("conversation_item_added", added)
        done = asyncio.ensure_future(doing)
        try:
            await asyncio.wait_for(told.wait(), PATIENCE)
        finally:
            person.session.off("conversation_item_added", added)
    return before, await done


async def test_who_has_to_wait_is_told_so_once(world, brain):
    call = await database_sync_to_async(world.call)()
    async with conversation(call, brain) as person:
        await person.disclosed()
        await person.say("Yes, this is Robert.", FOUND)
        before, heard = await told_while_held(person, person.say("March fourteenth.", BIRTHDAY))
        assert before == [lines.ONE_MOMENT]
        assert len(heard) == 2 and heard[1].startswith("Thank you. I am calling about invoice")


async def test_two_waits_for_one_thing_are_told_of_once(world, brain):
    call = await database_sync_to_async(world.call)()
    async with conversation(call, brain) as person:
        await person.disclosed()
        await person.verified()
        waits = asyncio.gather(person.talk.ask(debts), person.talk.ask(debts))
        await told_while_held(person, waits)
        await person.session.wait_for_idle()
        said = [item.text_content for item in person.session.history.messages()]
        assert said.count(lines.ONE_MOMENT) == 1


async def test_a_wait_is_no_part_of_what_is_read_back(world, brain):
    call = await database_sync_to_async(world.call)()
    async with conversation(call, brain) as person:
        await person.disclosed()
        await person.verified()
        propose = tool("propose_promise", amount="100", date=soon().isoformat())
        before, heard = await told_while_held(person, person.say("A hundred in a week.", propose))
        assert before == [lines.ONE_MOMENT]
        assert heard[1] == f"To confirm: you will pay $100.00 on {lines.day_in_full(soon())}. Is that right?"
        assert person.talk.proposal is not None and person.talk.proposal.line == heard[1]
        before, heard = await told_while_held(person, person.say("Yes.", tool("confirm", confirmed=True)))
        assert before == [lines.ONE_MOMENT]
        assert heard[1] == f"{lines.PROMISE_NOTED} {lines.ANYTHING_ELSE}"
        # The model is asked with a whole history: each function that it called has its answer.
        await person.say("Thanks.", "You are welcome.")
        assert [message["role"] for message in brain.requests[-1]["messages"][-2:]] == ["assistant", "user"]
    assert await database_sync_to_async(PromiseToPay.objects.count)() == 1


async def test_before_the_disclosures_nobody_is_told_to_wait(world, brain):
    call = await database_sync_to_async(world.call)()
    async with conversation(call, brain) as person:
        await person.say("Yes, this is Robert.", FOUND)
        with pytest.raises(TimeoutError):
            await told_while_held(person, person.say("March fourteenth.", BIRTHDAY))
