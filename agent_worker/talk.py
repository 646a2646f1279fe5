"""One conversation: what the phases share, how it ends, and what has been read back to the customer."""

import asyncio
import itertools
import logging
import time
from collections.abc import AsyncIterable, Awaitable, Callable, Coroutine
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, TypeVar

from livekit import rtc
from livekit.agents import NOT_GIVEN, AgentSession, ConversationItemAddedEvent, NotGivenOr
from livekit.agents.llm import ChatMessage
from livekit.agents.voice.speech_handle import SpeechHandle

from agent_worker import lines
from agent_worker.guard import GuardFacts
from agent_worker.guarding import amounts_said, guard_facts
from agent_worker.keeping import Keeper, Recent, Utterance
from agent_worker.keys import Keys
from agent_worker.listener import Listener
from agent_worker.phone import Phone
from agent_worker.records import Records
from agent_worker.turns import TurnRecorder
from calls.conversation import Debts, OpeningFacts, caller_hung_up, conversation_end, disclosed
from calls.models import Disposition

T = TypeVar("T")
logger = logging.getLogger(__name__)

# No goodbye is longer; one that does not come to an end must not keep the line open.
GOODBYE_SECONDS = 20.0
# As long as a person waits for an answer without wondering whether anybody is there.
FILLER_SECONDS = 1.5
# A model that calls more functions, or says more that may not be said, is not fit to go on.
MOST_CALLS = 60
MOST_UNSAID = 5
# A database that is away this long has lost that the disclosures were heard; the transcript tells it too.
DISCLOSED_SECONDS = 120.0
_ids = itertools.count(1)


@dataclass
class Proposal:
    """Something being read back. It may be recorded once it was heard to the end and answered after that."""

    line: str
    # What is said when it is recorded.
    noted: str
    record: Callable[[], Awaitable[None]]
    id: int = field(default_factory=lambda: next(_ids))
    # How many turns the caller had taken when the read-back was over; None until it was heard to the end.
    heard_after: int | None = None


def _said_to_the_end(handle: SpeechHandle) -> bool:
    """Not cut off, and not left unsaid because the voice failed."""
    return not handle.interrupted and bool(handle.chat_items)


class Talk:
    """The state of one conversation; the session's userdata.

    `phone`, `turns` and `keeper` are absent where there is no audio.
    """

    def __init__(
        self,
        records: Records,
        *,
        phone: Phone | None = None,
        turns: TurnRecorder | None = None,
        keeper: Keeper | None = None,
    ) -> None:
        self.records = records
        self.phone = phone
        self.turns = turns
        self.keeper = keeper
        self.listener = Listener(self)
        self.facts: OpeningFacts | None = None
        self.guard_facts: GuardFacts = guard_facts(None, None)
        self.proposal: Proposal | None = None
        self.caller_turns = 0
        self.verified = False
        self.waiting_for_person = False
        # An assistant of the customer's asked who is calling.
        self.screened = False
        self.callback_number = ""
        self.ending = False
        # The carrier has the call: a colleague's, or the announcement's. What it comes to is not for the agent to say.
        self.handed_over = False
        # Who is told what was typed, once it is complete, in the phase's place.
        self.keys_are: Callable[[str], Awaitable[None]] | None = None
        self.keys = Keys(self._typed, self._takes_numbers)
        # The goodbye was heard and the phone is down.
        self.over = asyncio.Event()
        # Held while an outcome is being recorded, so that a hang-up in that moment does not overtake it.
        self.recording = asyncio.Lock()
        self._session: AgentSession | None = None
        self._last: asyncio.Task[None] | None = None
        self._disclosure: asyncio.Task[bool] | None = None
        self._recent = Recent()
        self._named: frozenset[Decimal] = frozenset()
        self._answer = ""
        # After so many of the caller's turns they were last told to wait.
        self._told_to_wait = -1
        self._calls = 0
        self._unsaid = 0
        self._tasks: set[asyncio.Task[Any]] = set()
        if phone is not None:
            phone.on_key = self.press

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

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # What the caller says

    def caller_began(self, at: float) -> None:
        if self.keeper is not None:
            self.keeper.began(at)

    def caller_ended(self, at: float) -> None:
        if self.keeper is not None:
            self.keeper.ended(at)

    def caller_said(self, text: str, *, start: float, end: float) -> str:
        """The words as models may have them. They are listened to now, and stored once they are checked."""
        recognised = time.time()
        if self.keeper is None or self.turns is None:
            clean = self.without_digits(text)
        else:
            turns = self.turns

            def keep(words: str) -> None:
                if words:
                    turns.caller_said(words, start=start, end=end, recognised=recognised)

            clean = self.keeper.words(text, start=start, end=end, keep=keep)
        self.listener.said(clean, card=clean != text)
        return clean

    def without_digits(self, text: str) -> str:
        """The words without a card's or an account's digits, also of one that was begun in earlier turns."""
        utterance = Utterance(time.time(), said=text)
        self._recent.heard(utterance)
        return utterance.text or ""

    def press(self, key: str) -> None:
        """A key of the telephone: "0" to "9", "*" or "#"."""
        if self.keeper is not None:
            self.keeper.key(time.time())
        self.keys.press(key)

    def _takes_numbers(self) -> bool:
        return self.keys_are is None and bool(getattr(self.session.current_agent, "takes_numbers", False))

    async def _typed(self, keys: str) -> None:
        if self.ending:
            return
        meant = self.keys_are or getattr(self.session.current_agent, "typed", None)
        if meant is not None:
            await meant(keys)

    def answered_by(self, key: str) -> None:
        """A key was the caller's turn: it is counted, and a line of the transcript."""
        self.caller_turns += 1
        now = time.time()
        if self.turns is not None:
            self.turns.caller_said(f"[pressed {key}]", start=now, end=now, recognised=now)

    # The disclosures

    def disclosing(self, handle: SpeechHandle) -> None:
        """The disclosures are being said: were they heard?"""
        if self._disclosure is None or (self._disclosure.done() and not self._disclosure.result()):
            self._disclosure = asyncio.create_task(self._disclose(handle), name="disclosure")
            if self.keeper is not None:
                self.keeper.start(time.time())

    async def _disclose(self, handle: SpeechHandle) -> bool:
        """Heard: said to the end, and the phone's mark came back un-cut."""
        await handle.wait_for_playout()
        if not _said_to_the_end(handle) or (self.phone is not None and not await self.phone.heard()):
            return False
        # The talk goes on while the database is away.
        self.spawn(self._disclosed())
        self.spawn(self.answer())
        return True

    async def _disclosed(self) -> None:
        try:
            await self.records.ask(disclosed, patience=DISCLOSED_SECONDS)
        except Exception:
            logger.exception("call %s: that the disclosures were heard is not stored", self.records.call_id)

    @property
    def is_disclosed(self) -> bool:
        """The disclosures were heard, as is known by now."""
        return self._disclosure is not None and self._disclosure.done() and self._disclosure.result()

    async def was_disclosed(self) -> bool:
        return self._disclosure is not None and await self._disclosure

    # What the model does

    async def ask(self, service: Callable[..., T], **arguments: Any) -> T:
        """`Records.ask` for a tool: the caller is told when they have to wait for it."""
        wait = asyncio.get_running_loop().call_later(FILLER_SECONDS, self._one_moment)
        try:
            return await self.records.ask(service, **arguments)
        finally:
            wait.cancel()

    def _one_moment(self) -> None:
        """Once for all that is done about one thing that they said, and nothing before the disclosures."""
        if self.ending or not self.is_disclosed or self._told_to_wait == self.caller_turns:
            return
        self._told_to_wait = self.caller_turns
        self.session.say(lines.ONE_MOMENT)

    def knows(self, debts: Debts | None) -> None:
        """The debt may be spoken of: these are the facts of it. Without: who is called, and no more."""
        self.guard_facts = replace(guard_facts(self.facts, debts), allowed_amounts=self._named)

    def caller_named(self, text: str) -> None:
        """What amounts the customer has named may be repeated to them, to the end of the call."""
        self._named |= amounts_said(text)
        self.guard_facts = replace(self.guard_facts, allowed_amounts=self._named)

    def may_call(self, calls: int) -> bool:
        """Whether the model may call so many functions more."""
        self._calls += calls
        if self._calls > MOST_CALLS:
            self.end(Disposition.UNRESOLVED, line=lines.TOO_LONG, reason="The voice model went in circles.")
        return self._calls <= MOST_CALLS

    def not_said(self) -> None:
        """The guard kept something from being said."""
        self._unsaid += 1
        if self._unsaid > MOST_UNSAID:
            self.end(
                Disposition.UNRESOLVED,
                line=lines.OTHER,
                reason="The voice model said what must not be said.",
            )

    def will_answer(self, line: str, *, ask: bool = True) -> None:
        """What code answers to the turn that is being heard, with the question that the conversation waits for.

        It is said by `answer`, once the turn is over: the end of a turn cuts off what was begun before it. Where the
        disclosures are being repeated, it is said behind them.
        """
        question = getattr(self.session.current_agent, "question", "") if ask else ""
        self._answer = f"{line} {question}".strip()

    @property
    def has_to_answer(self) -> bool:
        return bool(self._answer)

    async def answer(self) -> None:
        """Say what code answers to the turn, if anything."""
        if self._disclosure is not None and not await self._disclosure:
            return
        line, self._answer = self._answer, ""
        if line and not self.ending:
            self.session.say(line)

    def read_back(self, proposal: Proposal) -> None:
        """Speak the read-back; the proposal can be confirmed by a turn that follows its end."""
        self.proposal = proposal
        proposal.heard_after = None

        def spoken(handle: SpeechHandle) -> None:
            if self.proposal is proposal and _said_to_the_end(handle):
                proposal.heard_after = self.caller_turns

        self.session.say(proposal.line).add_done_callback(spoken)

    def was_answered(self, proposal: Proposal) -> bool:
        """The read-back was heard to the end, and the caller has spoken since."""
        return proposal.heard_after is not None and self.caller_turns > proposal.heard_after

    # Endings

    async def phone_left(self) -> None:
        """The caller has hung up: what that makes of the call, unless it is known."""
        if self.screened and not self.verified:
            reason = "The assistant put the phone down."
            await self.records.ask(conversation_end, disposition=Disposition.CALL_SCREENED, reason=reason)
        else:
            await self.records.ask(caller_hung_up)

    def nothing_owed(self) -> None:
        self.end(Disposition.UNRESOLVED, line=lines.NOTHING_OWED, reason="The invoice was no longer open.")

    def not_recorded(self, error: Exception) -> None:
        logger.error("call %s: not recorded (%s)", self.records.call_id, type(error).__name__)
        self.end(
            Disposition.UNRESOLVED,
            line=lines.NOT_RECORDED,
            reason="Something was agreed and could not be recorded.",
        )

    async def leave_to_carrier(self, seconds: float) -> bool:
        """The carrier goes on with somebody else: nothing more is said, and the phone leaves by itself.

        False: it has not left in that time, and the talk is the agent's again.
        """
        self.ending = self.handed_over = True
        listened = self.session.input.audio_enabled
        self.session.input.set_audio_enabled(False)
        if self.phone is not None:
            try:
                async with asyncio.timeout(seconds):
                    await self.phone.gone.wait()
            except TimeoutError:
                logger.warning("call %s: the carrier did not take the call over", self.records.call_id)
                self.ending = self.handed_over = False
                self.session.input.set_audio_enabled(listened)
                return False
        self.over.set()
        return True

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
            goodbye = self.session.say(self._with_number(line), audio=audio, allow_interruptions=False)
        self._last = asyncio.create_task(self._finish(goodbye, disposition, reason), name="ending")

    def _with_number(self, line: str) -> str:
        """Before the goodbye to the customer, the number to call back on: 47 CFR 64.1200(b)(2)."""
        if not self.verified or not self.callback_number:
            return line
        return f"{lines.call_us_back(self.callback_number)} {line}"

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
