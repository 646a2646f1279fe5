"""What was said, by whom and when: from the session's events to the transcript and to the page's “who speaks”."""

import asyncio
import logging
import time
from typing import Literal

from livekit.agents import (
    AgentSession,
    AgentStateChangedEvent,
    ConversationItemAddedEvent,
    UserStateChangedEvent,
)
from livekit.agents.llm import ChatMessage

from agent_worker.phone import Phone
from agent_worker.records import Records
from agent_worker.transcript import TranscriptWriter
from calls.conversation import SpokenLine, speaking_set

logger = logging.getLogger(__name__)
Speaker = Literal["", "agent", "caller"]

# Name in the transcript by name in livekit's metrics.
_AGENT_LATENCY = {"llm_node_ttft": "llm_ttft", "tts_node_ttfb": "tts_ttfb"}
_CALLER_LATENCY = {"transcription_delay": "transcription", "end_of_turn_delay": "endpointing"}


class TurnRecorder:
    """Hands every turn to the transcript as soon as it was spoken."""

    def __init__(self, phone: Phone, writer: TranscriptWriter, records: Records) -> None:
        self._phone = phone
        self._writer = writer
        self._light = SpeakingLight(records)
        self._stopped = False
        self._cut_at = 0.0
        # The caller's turn that the agent answers next: its stages, and when it was over.
        self._caller_latency: dict[str, float] = {}
        self._caller_stopped: float | None = None

    def watch(self, session: AgentSession) -> None:
        session.on("conversation_item_added", self._item_added)
        session.on("agent_state_changed", self._agent_state)
        session.on("user_state_changed", self._user_state)

    def agent_cut(self) -> None:
        """The agent's speech was stopped now, for good or for a moment."""
        self._cut_at = time.time()

    def caller_said(self, text: str, *, start: float, end: float, recognised: float) -> None:
        """Words that the caller spoke from `start` to `end`, known at `recognised` (Unix times)."""
        self._keep(
            SpokenLine(
                seq=0,
                speaker="caller",
                text=text,
                start_ms=self._phone.caller_position(start),
                end_ms=self._phone.caller_position(end),
                latency={"transcription": round(max(0.0, recognised - end), 3)},
            )
        )

    def stop(self) -> None:
        """Whatever either side says from now on is no line of the transcript."""
        self._stopped = True

    async def close(self) -> None:
        await self._light.close()

    def _keep(self, line: SpokenLine) -> None:
        if not self._stopped:
            self._writer.append(line)

    def _item_added(self, event: ConversationItemAddedEvent) -> None:
        item = event.item
        if not isinstance(item, ChatMessage):
            return
        metrics = {key: value for key, value in item.metrics.items() if isinstance(value, float)}
        if item.role == "user":
            # The words themselves came by `caller_said`, also those that no turn was made of.
            self._caller_latency = _named(metrics, _CALLER_LATENCY)
            self._caller_stopped = metrics.get("stopped_speaking_at")
        elif item.role == "assistant" and item.text_content:
            self._agent_said(item, metrics)

    def _agent_said(self, item: ChatMessage, metrics: dict[str, float]) -> None:
        start = metrics.get("started_speaking_at", item.created_at)
        end = metrics.get("stopped_speaking_at", time.time())
        if item.interrupted and start < self._cut_at < end:
            end = self._cut_at
        latency = _named(metrics, _AGENT_LATENCY)
        if self._caller_stopped is not None and start > self._caller_stopped:
            # Also for the fixed lines, which livekit does not count as answers.
            latency |= self._caller_latency | {"e2e": round(start - self._caller_stopped, 3)}
        self._caller_latency, self._caller_stopped = {}, None
        self._keep(
            SpokenLine(
                seq=0,
                speaker="agent",
                text=(item.text_content or "").strip(),
                start_ms=self._phone.agent_position(start),
                end_ms=self._phone.agent_position(end),
                interrupted=item.interrupted,
                latency=latency,
            )
        )

    def _agent_state(self, event: AgentStateChangedEvent) -> None:
        if event.new_state == "speaking":
            self._light.show("agent")
        elif event.old_state == "speaking":
            self._light.out("agent")

    def _user_state(self, event: UserStateChangedEvent) -> None:
        if event.new_state == "speaking":
            self._light.show("caller")
        elif event.old_state == "speaking":
            self._light.out("caller")


def _named(metrics: dict[str, float], names: dict[str, str]) -> dict[str, float]:
    return {name: round(metrics[key], 3) for key, name in names.items() if key in metrics}


class SpeakingLight:
    """Who speaks now, for the live page: the latest state is written, those in between may be skipped."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._wanted: Speaker = ""
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def show(self, speaker: Speaker) -> None:
        self._wanted = speaker
        if self._task is None:
            self._task = asyncio.create_task(self._write(), name="speaking")
        self._changed.set()

    def out(self, speaker: Speaker) -> None:
        """This one has stopped; if somebody else has begun since, they stay."""
        if self._wanted == speaker:
            self.show("")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _write(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                await self._records.ask(speaking_set, patience=0, speaker=self._wanted)
            except Exception as error:
                # Worth nothing a moment later.
                logger.warning(
                    "call %s: who speaks not shown (%s)", self._records.call_id, type(error).__name__
                )
