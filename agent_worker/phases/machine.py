"""A machine answered: a voicemail may get one message that says nothing of a debt, once; everything else gets none."""

import asyncio
import re
import time

from livekit.agents import StopResponse
from livekit.agents.llm import ChatContext, ChatMessage
from livekit.agents.voice.events import UserStateChangedEvent

from agent_worker import lines
from agent_worker.phases.base import Phase
from agent_worker.prompting import find_prompt
from agent_worker.talk import Talk
from calls.conversation import OpeningFacts
from calls.models import Disposition

MACHINE = re.compile(
    r"\b(message|tone|beep|voice ?mail|mailbox|not available|unavailable|press (one|two|three|\d)|extension)\b",
    re.IGNORECASE,
)
# The greeting and its beep are over when nothing was heard for this long, and are not waited for longer than that.
QUIET_SECONDS = 1.5
LONGEST_GREETING_SECONDS = 25.0

ENDINGS = {
    "menu": (Disposition.IVR, "A telephone menu answered."),
    "fax": (Disposition.FAX, "A fax machine answered."),
}


class Machine(Phase):
    """`back` is the phase that goes on when a person picks up in the middle of the message."""

    def __init__(self, talk: Talk, facts: OpeningFacts, back: Phase, kind: str, number: str) -> None:
        super().__init__(talk, instructions=find_prompt(facts))
        self._facts = facts
        self._back = back
        self._kind = kind
        # Where there is no number to call back, or the message may not be left, none is.
        self._number = number
        self._quiet_since = time.monotonic()
        self._leaving: asyncio.Task[None] | None = None
        self._saying = False

    @property
    def question(self) -> str:
        return lines.ask_for(self._facts)

    async def on_enter(self) -> None:
        if self._kind in ENDINGS or not self._number:
            disposition, reason = ENDINGS.get(self._kind, (Disposition.VOICEMAIL_NOT_LEFT, ""))
            self.talk.end(disposition, reason=reason)
            return
        self.session.on("user_state_changed", self._user_state)
        self._leaving = asyncio.create_task(self._leave(self._number), name="voicemail")

    async def on_exit(self) -> None:
        self.session.off("user_state_changed", self._user_state)
        if self._leaving is not None:
            self._leaving.cancel()

    def _user_state(self, event: UserStateChangedEvent) -> None:
        self._quiet_since = time.monotonic() if event.new_state != "speaking" else float("inf")

    async def _leave(self, number: str) -> None:
        """Wait for the end of the greeting, then say the message once and hang up."""
        deadline = time.monotonic() + LONGEST_GREETING_SECONDS
        while time.monotonic() - self._quiet_since < QUIET_SECONDS:
            if time.monotonic() > deadline:
                self.talk.end(Disposition.VOICEMAIL_NOT_LEFT, reason="The greeting did not end.")
                return
            await asyncio.sleep(0.1)
        self._saying = True
        handle = self.session.say(lines.voicemail(self._facts, number))
        await handle.wait_for_playout()
        if not handle.interrupted:
            self.talk.end(Disposition.VOICEMAIL_LEFT)

    async def on_user_turn_completed(self, turn_ctx: ChatContext, new_message: ChatMessage) -> None:
        """A machine is not talked to. Words in the middle of the message that no machine says are a person's."""
        await super().on_user_turn_completed(turn_ctx, new_message)
        if self._saying and not MACHINE.search(new_message.text_content or ""):
            self.session.update_agent(self._back)
            self.session.say(self._back.question)
        raise StopResponse
