"""Who is on the line? Says who calls, and finds the person. Nothing of the debt is known here to code or model."""

import re
import time
from typing import Literal

from livekit import rtc
from livekit.agents import RunContext, function_tool
from livekit.agents.llm import ChatMessage

from agent_worker import lines, wishes
from agent_worker.phases.base import NO_KEY, YES_KEY, Phase
from agent_worker.phases.endings import EndReason, end_for
from agent_worker.phases.machine import MACHINE, Machine
from agent_worker.phases.third_party import third_party
from agent_worker.phases.verify import Verify
from agent_worker.prompting import find_prompt
from agent_worker.sound import replay
from agent_worker.talk import Talk
from calls.conversation import OpeningFacts, VoiceFacts
from calls.models import Disposition

# The disclosures are said until they were heard, but not for ever to somebody who keeps talking.
GREETINGS = 5
# Words that may be a fact: digits, ordinals, months.
FACT = re.compile(
    r"\d|\b(january|february|march|april|may|june|july|august|september|october|november|december|number|born"
    r"|birthday)\b",
    re.IGNORECASE,
)
# How a turn begins that is meant for whoever called; a television says something else.
ADDRESSES = re.compile(
    r"^\W*(hello|hi|hey|yes|yeah|yep|no|nope|who|what|why|where|how|speaking|this is|it's|it is|i|i'm|sorry|pardon"
    r"|wrong|he|she|they|you|stop|don't|do|not|please|good|okay|ok|hold|wait|just|one|can|could|my|there|thank)\b",
    re.IGNORECASE,
)
# So long, and so many turns, nothing is said that is meant for us.
UNADDRESSED_SECONDS = 18.0
UNADDRESSED_TURNS = 2


class Find(Phase):
    def __init__(self, talk: Talk, facts: OpeningFacts, voice: VoiceFacts) -> None:
        super().__init__(talk, instructions=find_prompt(facts))
        self._facts = facts
        self._voice = voice
        self._greeting: list[rtc.AudioFrame] = []
        self._greetings = 0
        self._unaddressed = 0
        self._addressed_at = time.monotonic()
        talk.facts = facts
        talk.knows(None)
        talk.callback_number = voice.callback_number

    @property
    def question(self) -> str:
        return lines.ask_for(self._facts)

    @property
    def keys_hint(self) -> str:
        return lines.KEYS_YES_NO

    async def answered(self, keys: str) -> None:
        if keys == YES_KEY:
            self.session.update_agent(Verify(self.talk, self._facts, self.history()))
        elif keys == NO_KEY:
            self.talk.end(Disposition.THIRD_PARTY, line=lines.THIRD_PARTY)

    def greet(self, frames: list[rtc.AudioFrame]) -> None:
        """Say who calls and that the call is recorded, with the sound that was made beforehand."""
        self._greeting = frames
        self._greetings += 1
        handle = self.session.say(lines.greeting(self._facts, self._voice), audio=replay(frames))
        self.talk.disclosing(handle)

    async def dealt_with(self, message: ChatMessage) -> bool:
        """A person who spoke before the disclosures were heard hears them again, and nothing else before them.

        A machine that talks over them is for the model to recognise.
        """
        done, text = await super().dealt_with(message), message.text_content or ""
        if self.talk.ending or not self._greetings or MACHINE.search(text):
            return done
        if not await self.talk.was_disclosed():
            self._greet_again()
            return True
        return done or self._is_for_nobody(text)

    def _greet_again(self) -> None:
        if self._greetings < GREETINGS:
            self.greet(self._greeting)
            return
        reason = "The disclosures could not be said to the end."
        self.talk.end(Disposition.NO_RESPONSE, line=lines.NOT_DISCLOSED, reason=reason)

    def _is_for_nobody(self, text: str) -> bool:
        """Speech that is not meant for us, for a while, is nobody: a kind end."""
        if ADDRESSES.match(text) or any(
            name.casefold() in text.casefold() for name in self._facts.customer_name.split()
        ):
            self._unaddressed, self._addressed_at = 0, time.monotonic()
            return False
        self._unaddressed += 1
        long = time.monotonic() - self._addressed_at > UNADDRESSED_SECONDS
        if long and self._unaddressed >= UNADDRESSED_TURNS:
            self.talk.end(Disposition.NO_RESPONSE, line=lines.NO_RESPONSE, reason="Nobody spoke to us.")
        return self.talk.ending

    @function_tool
    async def person_found(self, context: RunContext) -> Verify:
        """The person on the line says that they are the customer, or gives a fact to prove it."""
        last = next((item for item in reversed(self.chat_ctx.messages()) if item.role == "user"), None)
        told = last is not None and FACT.search(last.text_content or "") is not None
        return Verify(self.talk, self._facts, self.history(), already_told=told)

    @function_tool
    async def report_wrong_number(self, context: RunContext) -> None:
        """Nobody of the customer's name is known at this number. Apologises and ends the call."""
        context.disallow_interruptions()
        self.talk.end(Disposition.WRONG_NUMBER, line=lines.WRONG_NUMBER)

    @function_tool
    async def report_third_party(self, context: RunContext, coming: bool = False) -> None:
        """Somebody else is on the line.

        Args:
            coming: true if they fetch the customer now; false if the customer can't come to the phone.
        """
        third_party(self.talk, context, coming=coming)

    @function_tool
    async def report_machine(
        self, context: RunContext, kind: Literal["voicemail", "menu", "fax", "screening"]
    ) -> Machine | None:
        """No human is speaking but a machine.

        Args:
            kind: voicemail, menu (press a key for ...), fax, or screening (an assistant that asks who calls and why).
        """
        if kind == "screening":
            self.talk.screened = True
            self.speak(lines.screening(self._facts))
            return None
        return Machine(self.talk, self._facts, self, kind, self._voice.callback_number)

    @function_tool
    async def report_language(self, context: RunContext, language: str) -> None:
        """The person speaks a language that you do not speak.

        Args:
            language: The language, in English.
        """
        context.disallow_interruptions()
        await wishes.other_language(self.talk, language)

    @function_tool
    async def end_call(self, context: RunContext, reason: EndReason) -> None:
        """End the call because the person wants it to end.

        Args:
            reason: refused (will not go on), callback (wants to be called another time), stop_calling, or other.
        """
        context.disallow_interruptions()
        await end_for(self.talk, reason)
