"""A conversation through the session and the phases of a call, with a model asked over real HTTP.

In text; with a `room` the call has a phone, a keeper and a transcript, with an `ear` what is said is heard there.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from channels.db import database_sync_to_async
from livekit import rtc
from livekit.agents import AgentSession, ConversationItemAddedEvent, StopResponse
from livekit.agents.llm import ChatContext, ChatMessage
from livekit.agents.voice.run_result import RunResult

from agent_worker import lines
from agent_worker.keeping import Keeper
from agent_worker.phases.find import Find
from agent_worker.phone import Phone
from agent_worker.providers import client_build, models_build
from agent_worker.records import Records
from agent_worker.session import session_build
from agent_worker.talk import Talk
from agent_worker.transcript import TranscriptWriter
from agent_worker.turns import TurnRecorder
from calls.conversation import opening_facts, voice_facts
from calls.models import Call
from tests.agent_worker.conftest import Brain, tool
from tests.agent_worker.handset import Ear, Room

FOUND = tool("person_found")
BIRTHDAY = tool("check_identity", birth_month=3, birth_day=14, customer_number=None)
WRONG_BIRTHDAY = tool("check_identity", birth_month=4, birth_day=1, customer_number=None)


class Conversation:
    """What a person on the line would say and hear."""

    def __init__(self, session: AgentSession, talk: Talk, brain: Brain) -> None:
        self.session = session
        self.talk = talk
        self.brain = brain

    async def say(self, text: str, *answers) -> list[str]:
        """Say `text`, with the model answering by `answers`. Returns what the agent says to it."""
        self.brain.will(*answers)
        result: RunResult[None] = await self.session.run(user_input=text)
        spoken = [event.item for event in result.events if event.type == "message"]
        return [item.text_content or "" for item in spoken if item.role == "assistant"]

    async def turn_is_over(self, text: str) -> bool:
        """A spoken turn has ended with `text`. True if a model would answer it."""
        message = ChatMessage(role="user", content=[text])
        try:
            await self.session.current_agent.on_user_turn_completed(ChatContext.empty(), message)
        except StopResponse:
            return False
        return True

    def spoken(self) -> list[str]:
        """All that the agent has said."""
        messages = self.session.history.messages()
        return [message.text_content or "" for message in messages if message.role == "assistant"]

    async def disclosed(self) -> None:
        """The disclosures are heard."""
        facts = self.talk.facts
        assert facts is not None
        self.talk.disclosing(self.session.say(lines.greeting(facts)))
        assert await self.talk.was_disclosed()

    async def press(self, keys: str) -> list[str]:
        """Press these keys. Returns what the agent says to it."""
        heard: list[str] = []
        spoken = asyncio.Event()
        before = self.session.current_agent

        def added(event: ConversationItemAddedEvent) -> None:
            if isinstance(event.item, ChatMessage) and event.item.role == "assistant":
                heard.append(event.item.text_content or "")
                spoken.set()

        self.session.on("conversation_item_added", added)
        for key in keys:
            self.talk.press(key)
        await self.talk.keys.done()
        if self.talk.ending:
            await self.talk.over.wait()
        else:
            if self.session.current_agent is not before:
                # Every phase begins with a word of its own.
                await asyncio.wait_for(spoken.wait(), 10)
            await self.session.wait_for_idle()
        self.session.off("conversation_item_added", added)
        return heard

    async def found(self) -> None:
        await self.say("Yes, this is Robert.", FOUND)

    async def verified(self) -> list[str]:
        """Verified, and the statement of what is owed was heard."""
        await self.found()
        return await self.say("March fourteenth.", BIRTHDAY)

    def is_in(self, phase: type) -> bool:
        return type(self.session.current_agent) is phase


@asynccontextmanager
async def conversation(
    call: Call, brain: Brain, *, room: Room | None = None, ear: Ear | None = None
) -> AsyncIterator[Conversation]:
    records = Records(call.pk)
    writer = TranscriptWriter(records)
    talk = await _talk(records, writer, room)
    client = client_build()
    session = session_build(models_build(client), talk)
    session.output.audio = ear
    find = Find(talk, await records.ask(opening_facts), await records.ask(voice_facts))
    await session.start(find)
    try:
        yield Conversation(session, talk, brain)
        # What was heard last is still acted upon.
        await asyncio.gather(*talk.listener._pieces)
        if talk.ending:
            await talk.over.wait()
    finally:
        if talk.keeper is not None:
            await talk.keeper.close()
            await writer.close(5)
        await session.aclose()
        await client.close()


async def _talk(records: Records, writer: TranscriptWriter, room: Room | None) -> Talk:
    if room is None:
        return Talk(records)
    phone = Phone(cast(rtc.Room, room))
    await phone.joined(1)
    writer.start()
    turns = TurnRecorder(phone, writer, records)
    return Talk(records, phone=phone, turns=turns, keeper=Keeper(phone))


@database_sync_to_async
def reread(call: Call) -> Call:
    return Call.objects.select_related("invoice", "customer").get(pk=call.pk)
