"""One dispatched job: a room, a phone, a conversation, and what is written down when it is over.

This module is imported by name in job processes, so it sets Django up itself.
"""

import django
from django.apps import apps

if not apps.ready:
    django.setup()

import asyncio
import json
import logging
import time
from typing import Any
from uuid import UUID

from django.conf import settings
from livekit.agents import AgentSession, JobContext, JobProcess

from agent_worker import lines
from agent_worker.guard import GuardFacts, check
from agent_worker.guard import Phase as GuardPhase
from agent_worker.keeping import Keeper
from agent_worker.listening import hear
from agent_worker.phases.find import Find
from agent_worker.phone import Phone
from agent_worker.privacy import keep_quiet
from agent_worker.prompting import prompts_version
from agent_worker.providers import client_build, models_build, vad_build
from agent_worker.records import Records
from agent_worker.session import session_build, start_options
from agent_worker.sound import attach, synthesize
from agent_worker.talk import Talk
from agent_worker.transcript import TranscriptWriter
from agent_worker.turns import TurnRecorder
from agent_worker.usage import usage_of
from agent_worker.watch import Watch
from calls.bridge.offline import webrtc_prepare
from calls.conversation import (
    agent_ready,
    conversation_end,
    opening_facts,
    usage_record,
    voice_facts,
)
from calls.log_context import call_is
from calls.models import Call, Disposition
from calls.stream import CONNECTION_LOST

logger = logging.getLogger(__name__)

# Dialling, ringing and the opening announcement together take no longer.
PHONE_SECONDS = settings.RING_TIMEOUT_SECONDS + 90
FLUSH_SECONDS = 8.0
STOP_SECONDS = 1.0


def prewarm(process: JobProcess) -> None:
    """What takes time and needs no call: TLS, clients, the voice detector, the tables of words."""
    keep_quiet(in_job=True)
    webrtc_prepare()
    process.userdata["client"] = client_build()
    vad_build()
    hear("")
    check("", GuardPhase.BEFORE_VERIFICATION, GuardFacts())


async def run_call(ctx: JobContext) -> None:
    """The job's entry: get ready, say so, and leave the conversation to a task."""
    call_id = UUID(json.loads(ctx.job.metadata)["call_id"])
    call_is(call_id)
    job = CallJob(ctx, call_id)
    ctx.proc.userdata["job"] = job
    await job.get_ready()


async def call_ended(ctx: JobContext) -> None:
    """The job's end, whatever brought it about; livekit's on_session_end."""
    job: CallJob | None = ctx.proc.userdata.get("job")
    if job is not None:
        call_is(job.call_id)
        await job.close("The agent was stopped.")


class CallJob:
    """Everything of one call that lives in this process."""

    def __init__(self, ctx: JobContext, call_id: UUID) -> None:
        self.ctx = ctx
        self.call_id = call_id
        self.records = Records(call_id)
        self.phone = Phone(ctx.room)
        self.writer = TranscriptWriter(self.records)
        self.turns = TurnRecorder(self.phone, self.writer, self.records)
        self.keeper = Keeper(self.phone)
        self.talk = Talk(self.records, phone=self.phone, turns=self.turns, keeper=self.keeper)
        self.session: AgentSession[Talk] | None = None
        self._joined_at: float | None = None
        self._main: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    async def get_ready(self) -> None:
        """Be in the room with the greeting in hand, and tell the one who dials."""
        try:
            facts = await self.records.ask(opening_facts)
            voice = await self.records.ask(voice_facts)
        except Call.DoesNotExist:
            logger.error("call %s: unknown", self.call_id)
            self.ctx.shutdown("unknown call")
            return
        client = self.ctx.proc.userdata.get("client") or client_build()
        models = models_build(client, tts_voice=voice.tts_voice)
        session = self.session = session_build(models, self.talk)
        find = Find(self.talk, facts, voice)
        watch = Watch(self.talk, session)
        greeting = asyncio.create_task(synthesize(models.tts, lines.greeting(facts, voice)))
        try:
            await session.start(find, room=self.ctx.room, **start_options())
            frames = await greeting
        except Exception as error:
            # The one who dials waits for the agent with a bound, and rings nobody without it.
            greeting.cancel()
            logger.error("call %s: not ready (%s)", self.call_id, type(error).__name__)
            self.ctx.shutdown("not ready")
            return
        self.turns.watch(session)
        self.writer.start()
        attach(session, self._cut)
        await self.records.ask(agent_ready, prompts_version=prompts_version())
        self._spawn(self._prepare_apology(models.tts, watch))
        self._main = asyncio.create_task(self._converse(find, frames, watch), name="conversation")

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _cut(self) -> None:
        self.turns.agent_cut()
        self._spawn(self.phone.clear())

    async def _prepare_apology(self, voice: Any, watch: Watch) -> None:
        try:
            watch.apology = await synthesize(voice, lines.APOLOGY)
        except Exception as error:
            logger.warning("call %s: no apology in hand (%s)", self.call_id, type(error).__name__)

    async def _converse(self, find: Find, frames: list[Any], watch: Watch) -> None:
        """From the phone's arrival to its end."""
        joining = asyncio.create_task(self.phone.joined(PHONE_SECONDS))
        await _first(joining, self.phone.gone.wait(), self.phone.lost.wait())
        if not joining.done() or not joining.result():
            joining.cancel()
            self.ctx.shutdown("nobody came")
            return
        self._joined_at = time.time()
        watch.start()
        find.greet(frames)
        await _first(self.talk.over.wait(), self.phone.gone.wait(), self.phone.lost.wait())
        watch.stop()
        await self._close_once("The conversation was over.")
        self.ctx.shutdown("conversation over")

    async def close(self, reason: str) -> None:
        """Write down what is still open. The first close counts; others wait for it."""
        if self._main is not None and self._closing is None:
            self._main.cancel()
        await self._close_once(reason)

    async def _close_once(self, reason: str) -> None:
        if self._closing is None:
            self._closing = asyncio.create_task(self._write_end(reason))
        await asyncio.shield(self._closing)

    async def _write_end(self, reason: str) -> None:
        """The outcome, unless it is known; then the transcript's rest and the usage."""
        if self._joined_at is None:
            return
        seconds = time.time() - self._joined_at
        await self._stop_speaking()
        await self.keeper.close()
        try:
            await self._conclude(reason)
        except Exception:
            # The sweep concludes what nobody concluded.
            logger.exception("call %s: not concluded", self.call_id)
        if not self.phone.gone.is_set() and not self.phone.lost.is_set():
            # Nobody is left to talk to.
            await self.phone.hang_up()
        await self.turns.close()
        await self.writer.close(FLUSH_SECONDS)
        if self.session is not None:
            usage = usage_of(self.session.usage, seconds=seconds)
            try:
                await self.records.ask(usage_record, usage=usage)
            except Exception:
                logger.exception("call %s: usage not recorded", self.call_id)

    async def _stop_speaking(self) -> None:
        """What the agent is saying now ends here, and is a line of the transcript as far as it was heard."""
        if self.session is None or self.session.current_speech is None:
            return
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self.session.interrupt(force=True)
        except (TimeoutError, RuntimeError) as error:
            logger.warning("call %s: speech not stopped (%s)", self.call_id, type(error).__name__)

    async def _conclude(self, reason: str) -> None:
        if self.talk.handed_over:
            return
        if self.phone.lost.is_set():
            reason = CONNECTION_LOST
        async with self.talk.recording:
            if self.phone.gone.is_set():
                await self.talk.phone_left()
            else:
                await self.records.ask(conversation_end, disposition=Disposition.UNRESOLVED, reason=reason)


async def _first(*waits: Any) -> None:
    """Until one of these is done; the others are dropped, unless they are tasks of somebody else."""
    tasks = [wait if isinstance(wait, asyncio.Task) else asyncio.create_task(wait) for wait in waits]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task, wait in zip(tasks, waits, strict=True):
        if task is not wait:
            task.cancel()
