"""The first half: who is on the line? Nothing of the debt is known here, to code, prompt or tools."""

import re

from livekit import rtc
from livekit.agents import RunContext, StopResponse, function_tool
from livekit.agents.llm import ChatContext, ChatMessage

from agent_worker import lines
from agent_worker.phases.base import Phase
from agent_worker.phases.debt import Debt
from agent_worker.phases.endings import EndReason, end_for
from agent_worker.prompting import identify_prompt
from agent_worker.sound import replay
from agent_worker.talk import Talk
from calls.conversation import NothingOwed, NothingToCompare, OpeningFacts, debt_facts, identity_check
from calls.models import Disposition

# The disclosures are said again when they were cut off, but not for ever to somebody who keeps talking.
GREETINGS = 3
MACHINE = re.compile(r"\b(message|tone|beep|voice ?mail|mailbox|not available|unavailable)\b", re.IGNORECASE)


class Identify(Phase):
    def __init__(self, talk: Talk, facts: OpeningFacts) -> None:
        super().__init__(talk, instructions=identify_prompt(facts))
        self._facts = facts
        self._greeting: list[rtc.AudioFrame] = []
        self._greetings = 0
        self._disclosed = False

    def greet(self, frames: list[rtc.AudioFrame]) -> None:
        """Say who calls and that the call is recorded, with the sound that was made beforehand."""
        self._greeting = frames
        self._greetings += 1
        handle = self.session.say(lines.greeting(self._facts), audio=replay(frames))
        handle.add_done_callback(lambda done: setattr(self, "_disclosed", not done.interrupted))

    async def on_user_turn_completed(self, turn_ctx: ChatContext, new_message: ChatMessage) -> None:
        await super().on_user_turn_completed(turn_ctx, new_message)
        # A machine that talks over the greeting is for the model to recognise; a person hears the greeting again.
        if MACHINE.search(new_message.text_content or ""):
            return
        if not self._disclosed and 0 < self._greetings < GREETINGS:
            self.greet(self._greeting)
            raise StopResponse

    @function_tool
    async def check_identity(
        self,
        context: RunContext,
        birth_month: int | None,
        birth_day: int | None,
        customer_number: str | None,
    ) -> Debt | None:
        """Check the fact that the person on the line has just given. The system compares it.

        Args:
            birth_month: Month of birth, 1 to 12, if they gave their birthday.
            birth_day: Day of birth, 1 to 31, if they gave their birthday.
            customer_number: The customer number exactly as they said it, if they gave one.
        """
        context.disallow_interruptions()
        ask = self.talk.records.ask
        try:
            result = await ask(
                identity_check,
                birth_month=birth_month,
                birth_day=birth_day,
                customer_number=customer_number,
            )
        except NothingToCompare:
            given = birth_month is not None or birth_day is not None
            self.speak(lines.ASK_CUSTOMER_NUMBER if given else lines.ASK_BOTH)
            return None
        if result.verified:
            return await self._verified()
        if result.tries_left:
            self.speak(lines.TRY_IDENTITY_AGAIN)
        else:
            self.talk.end(Disposition.VERIFICATION_FAILED, line=lines.NOT_VERIFIED)
        return None

    async def _verified(self) -> Debt | None:
        self.talk.verified = True
        try:
            debt = await self.talk.records.ask(debt_facts)
        except NothingOwed:
            self.talk.end(
                Disposition.UNRESOLVED, line=lines.NOTHING_OWED, reason="The invoice was no longer open."
            )
            return None
        return Debt(self.talk, debt)

    @function_tool
    async def report_wrong_number(self, context: RunContext) -> None:
        """Nobody of the customer's name is known at this number. Apologises and ends the call."""
        context.disallow_interruptions()
        self.talk.end(Disposition.WRONG_NUMBER, line=lines.WRONG_NUMBER)

    @function_tool
    async def report_third_party(self, context: RunContext) -> None:
        """Somebody else is on the line and the customer can't come to the phone. Says goodbye and ends the call."""
        context.disallow_interruptions()
        self.talk.end(Disposition.THIRD_PARTY, line=lines.THIRD_PARTY)

    @function_tool
    async def report_voicemail(self, context: RunContext) -> None:
        """A voicemail or another machine is speaking. Hangs up without a word."""
        context.disallow_interruptions()
        self.talk.end(Disposition.VOICEMAIL_NOT_LEFT)

    @function_tool
    async def end_call(self, context: RunContext, reason: EndReason) -> None:
        """End the call because the person wants it to end.

        Args:
            reason: refused (will not go on), callback (wants to be called another time), stop_calling, or other.
        """
        context.disallow_interruptions()
        end_for(self.talk, reason)
