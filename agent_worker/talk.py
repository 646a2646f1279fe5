"""One conversation: what the phases share, how it ends, and what has been read back to the customer."""

import asyncio
import itertools
import logging
from collections.abc import AsyncIterable
from dataclasses import dataclass, field

from livekit import rtc
from livekit.agents import NOT_GIVEN, AgentSession, ConversationItemAddedEvent, NotGivenOr
from livekit.agents.llm import ChatMessage
from livekit.agents.voice.speech_handle import SpeechHandle

from agent_worker import lines
from agent_worker.phone import Phone
from agent_worker.records import Records
from agent_worker.turns import TurnRecorder
from calls.conversation import Promise, conversation_end

logger = logging.getLogger(__name__)

# No goodbye is longer; one that does not come to an end must not keep the line open.
GOODBYE_SECONDS = 20.0
_ids = itertools.count(1)


@dataclass
class Proposal:
    """A promise being read back. It may be recorded once it was heard to the end and answered after that."""

    promise: Promise
    id: int = field(default_factory=lambda: next(_ids))
    # How many turns the caller had taken when the read-back was over; None until it was heard to the end.
    heard_after: int | None = None


class Talk:
    """The state of one conversation; the session's userdata.

    `phone` and `turns` are absent where there is no audio.
    """

    def __init__(
        self, records: Records, *, phone: Phone | None = None, turns: TurnRecorder | None = None
    ) -> None:
        self.records = records
        self.phone = phone
        self.turns = turns
        self.proposal: Proposal | None = None
        self.caller_turns = 0
        self.verified = False
        self.ending = False
        # The goodbye was heard and the phone is down.
        self.over = asyncio.Event()
        # Held while an outcome is being recorded, so that a hang-up in that moment does not overtake it.
        self.recording = asyncio.Lock()
        self._session: AgentSession | None = None
        self._last: asyncio.Task[None] | None = None

    def watch(self, session: AgentSession) -> None:
        self._session = session
        session.on("conversation_item_added", self._item_added)

    def _item_added(self, event: ConversationItemAddedEvent) -> None:
        if isinstance(event.item, ChatMessage) and event.item.role == "user":
            self.caller_turns += 1

    @property
    def session(self) -> AgentSession:
        assert self._session is not None, "the session is not watched yet"
        return self._session

    def read_back(self, proposal: Proposal) -> None:
        """Speak the read-back; the proposal can be confirmed by a turn that follows its end."""
        self.proposal = proposal
        proposal.heard_after = None

        def spoken(handle: SpeechHandle) -> None:
            if self.proposal is proposal and not handle.interrupted:
                proposal.heard_after = self.caller_turns

        self.session.say(lines.read_back(proposal.promise)).add_done_callback(spoken)

    def was_answered(self, proposal: Proposal) -> bool:
        """The read-back was heard to the end, and the caller has spoken since."""
        return proposal.heard_after is not None and self.caller_turns > proposal.heard_after

    def end(
        self,
        disposition: str,
        *,
        line: str = "",
        audio: NotGivenOr[AsyncIterable[rtc.AudioFrame]] = NOT_GIVEN,
        reason: str = "",
    ) -> None:
        """Say `line`, wait until it was heard, hang up, and conclude. The first ending stands."""
        if self.ending:
            return
        self.ending = True
        # Nothing that the caller says from now on may cut the goodbye or be answered.
        self.session.input.set_audio_enabled(False)
        goodbye = None
        if line:
            goodbye = self.session.say(line, audio=audio, allow_interruptions=False)
        self._last = asyncio.create_task(self._finish(goodbye, disposition, reason), name="ending")

    async def _finish(self, goodbye: SpeechHandle | None, disposition: str, reason: str) -> None:
        concluding = asyncio.create_task(self._conclude(disposition, reason))
        if goodbye is not None:
            try:
                async with asyncio.timeout(GOODBYE_SECONDS):
                    await goodbye.wait_for_playout()
            except TimeoutError:
                logger.warning("call %s: the goodbye did not end", self.records.call_id)
        if self.phone is not None:
            await self.phone.hang_up()
        await concluding
        self.over.set()

    async def _conclude(self, disposition: str, reason: str) -> None:
        async with self.recording:
            try:
                await self.records.ask(conversation_end, disposition=disposition, reason=reason)
            except Exception:
                # The sweep will say what is known of the call.
                logger.exception("call %s: not concluded", self.records.call_id)
