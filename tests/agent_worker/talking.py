"""A conversation in text, through the session and the phases of a call, with a model asked over real HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from channels.db import database_sync_to_async
from livekit.agents import AgentSession, ConversationItemAddedEvent
from livekit.agents.llm import ChatMessage
from livekit.agents.voice.run_result import RunResult

from agent_worker import lines
from agent_worker.phases.find import Find
from agent_worker.providers import client_build, models_build
from agent_worker.records import Records
from agent_worker.session import session_build
from agent_worker.talk import Talk
from calls.conversation import opening_facts, voice_facts
from calls.models import Call
from tests.agent_worker.conftest import Brain, tool

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
async def conversation(call: Call, brain: Brain) -> AsyncIterator[Conversation]:
    records = Records(call.pk)
    talk = Talk(records)
    client = client_build()
    session = session_build(models_build(client), talk)
    find = Find(talk, await records.ask(opening_facts), await records.ask(voice_facts))
    await session.start(find)
    try:
        yield Conversation(session, talk, brain)
        if talk.ending:
            await talk.over.wait()
    finally:
        await session.aclose()
        await client.close()


@database_sync_to_async
def reread(call: Call) -> Call:
    return Call.objects.select_related("invoice", "customer").get(pk=call.pk)
