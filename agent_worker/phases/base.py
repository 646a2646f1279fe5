"""What the phases share: code acts first on what is heard, and checks what the model says before it sounds."""

import logging
import re
import time
from collections.abc import AsyncGenerator, AsyncIterable
from typing import Any

from livekit import rtc
from livekit.agents import Agent, ModelSettings, StopResponse, stt
from livekit.agents.llm import ChatChunk, ChatContext, ChatMessage, Tool
from livekit.agents.types import NOT_GIVEN, NotGivenOr

from agent_worker import lines, wishes
from agent_worker.guard import Phase as GuardPhase
from agent_worker.guard import SentenceGuard, Verdict
from agent_worker.providers import INTERRUPTION_SECONDS, SPEECH_SECONDS
from agent_worker.talk import Talk

logger = logging.getLogger(__name__)

# As in the announcement: no more calls, and a colleague; yes and no to a question.
STOP_KEY, HUMAN_KEY = "9", "0"
YES_KEY, NO_KEY = "1", "2"
# What somebody says who listens, and wants the other to go on.
LISTENS = re.compile(r"m+h*m*|h+m+|a+h+a*|o+h+|u+h+|h+u+h+", re.IGNORECASE)


def only_listens(text: str) -> bool:
    """“Mhm.”, “uh-huh”; not “huh?”."""
    words = re.findall(r"\w+", text)
    return bool(words) and "?" not in text and all(LISTENS.fullmatch(word) for word in words)


class Phase(Agent):
    """A phase of the conversation held by `talk`. Its tools exist in it alone."""

    # What may be said in it.
    guarded_as = GuardPhase.BEFORE_VERIFICATION
    # Whether keys are digits of a number here, or each an answer.
    takes_numbers = False

    def __init__(
        self, talk: Talk, *, instructions: str, chat_ctx: NotGivenOr[ChatContext | None] = NOT_GIVEN
    ) -> None:
        super().__init__(instructions=instructions, chat_ctx=chat_ctx)
        self.talk = talk
        # One for the whole phase: an amount may be spread over two replies.
        self._guard = SentenceGuard(phase=self.guarded_as, facts=talk.guard_facts)

    @property
    def question(self) -> str:
        """What the conversation waits for in this phase, as code asks it."""
        raise NotImplementedError

    @property
    def keys_hint(self) -> str:
        """What keys can answer that question, for whoever says nothing."""
        return ""

    async def typed(self, keys: str) -> None:
        """Keys instead of speech, once the disclosures were heard: two that always count, and the phase's own."""
        if not self.talk.is_disclosed:
            return
        if keys == STOP_KEY:
            self.talk.answered_by(keys)
            await wishes.stop_calling(self.talk, wording="pressed key 9")
        elif keys == HUMAN_KEY:
            self.talk.answered_by(keys)
            await wishes.transfer(self.talk)
        elif self.takes_numbers:
            await self.answered(keys)
        elif self.session.current_speech is None:
            # A key before the end of a question answers another one.
            self.talk.answered_by(keys)
            await self.answered(keys)

    async def answered(self, keys: str) -> None:
        """Keys other than those that always count. Where nobody asked for any they say nothing."""

    def history(self) -> ChatContext:
        """What was said so far, for the phase that follows, without this one's prompt."""
        return self.chat_ctx.copy(exclude_instructions=True, exclude_function_call=True, exclude_handoff=True)

    async def stt_node(
        self, audio: AsyncIterable[rtc.AudioFrame], model_settings: ModelSettings
    ) -> AsyncGenerator[stt.SpeechEvent, None]:
        """The recogniser's events, without digits that nobody may keep; code hears each before anything answers it."""
        start = end = time.time()
        over_agent = False
        async for event in Agent.default.stt_node(self, audio, model_settings):
            if event.type == stt.SpeechEventType.START_OF_SPEECH:
                start = time.time() - SPEECH_SECONDS
                over_agent = self.session.agent_state == "speaking"
                self.talk.caller_began(start)
            elif event.type == stt.SpeechEventType.END_OF_SPEECH:
                end = event.speech_end_time or time.time()
                self.talk.caller_ended(end)
            elif event.type == stt.SpeechEventType.FINAL_TRANSCRIPT and event.alternatives:
                said = event.alternatives[0]
                said.text = self.talk.caller_said(said.text.strip(), start=start, end=end)
                if over_agent and end - start < INTERRUPTION_SECONDS and only_listens(said.text):
                    continue
            yield event

    async def on_user_turn_completed(self, turn_ctx: ChatContext, new_message: ChatMessage) -> None:
        """Raises StopResponse when code has dealt with the turn, or the call is ending."""
        if await self.dealt_with(new_message):
            raise StopResponse

    async def dealt_with(self, message: ChatMessage) -> bool:
        """Whether code has done all that this turn asks for."""
        return await self.talk.listener.turn(message.id, message.text_content or "") or self.talk.ending

    async def llm_node(
        self, chat_ctx: ChatContext, tools: list[Tool], model_settings: ModelSettings
    ) -> AsyncGenerator[ChatChunk | str, None]:
        """The model's answer, sentence by sentence as each was found fit to be said."""
        last = chat_ctx.items[-1] if chat_ctx.items else None
        if isinstance(last, ChatMessage) and last.role == "user":
            text = last.text_content or ""
            clean = self.talk.without_digits(text)
            last.content = [clean]
            if await self.talk.listener.ahead(last.id, clean, card=clean != text) or self.talk.ending:
                return
            if self.talk.verified:
                # The digits of a proof are no amount.
                self.talk.caller_named(text)
        guard = self._guard
        guard.facts = self.talk.guard_facts
        # What is left of a reply that was broken off.
        guard.drop()
        async for chunk in Agent.default.llm_node(self, chat_ctx, tools, model_settings):
            if not isinstance(chunk, ChatChunk):
                continue
            words = chunk.delta.content if chunk.delta is not None else None
            if not words:
                if self._may_call(chunk):
                    yield chunk
                continue
            for sentence in guard.feed(words):
                if not sentence.verdict.ok:
                    yield self._instead(sentence.verdict)
                    return
                yield sentence.text
        for sentence in guard.flush():
            yield sentence.text if sentence.verdict.ok else self._instead(sentence.verdict)

    def _may_call(self, chunk: ChatChunk) -> bool:
        """Counts the functions that the model calls: there is an end to them."""
        calls = len(chunk.delta.tool_calls) if chunk.delta is not None else 0
        return not calls or self.talk.may_call(calls)

    def _instead(self, verdict: Verdict) -> str:
        """What is said in place of a sentence that may not be."""
        logger.warning("call %s: not said: %s", self.talk.records.call_id, ", ".join(verdict.rules))
        self.talk.not_said()
        if self.talk.ending:
            return ""
        return f"{lines.PERSONAL if not self.talk.verified else lines.AGAIN} {self.question}"

    def speak(self, text: str, **options: Any) -> None:
        """Say a fixed line; the tool that says it returns None, so that the model adds nothing."""
        self.session.say(text, **options)
