"""Is it the right person? Code compares; the model learns only whether it matched."""

from livekit.agents import RunContext, function_tool
from livekit.agents.llm import ChatContext

from agent_worker import lines
from agent_worker.phases.base import Phase
from agent_worker.phases.debt import Debt
from agent_worker.phases.endings import EndReason, end_for
from agent_worker.phases.third_party import third_party
from agent_worker.prompting import verify_prompt
from agent_worker.talk import Talk
from calls.conversation import NothingOwed, NothingToCompare, OpeningFacts, debts, identity_check
from calls.models import Disposition


class Verify(Phase):
    """`already_told`: a fact was given in the same breath as the name, so the model looks at it before it asks."""

    takes_numbers = True

    def __init__(
        self, talk: Talk, facts: OpeningFacts, history: ChatContext, *, already_told: bool = False
    ) -> None:
        super().__init__(talk, instructions=verify_prompt(facts), chat_ctx=history)
        self._facts = facts
        self._already_told = already_told

    @property
    def question(self) -> str:
        return lines.ASK_CUSTOMER_NUMBER if "number" in self._facts.asked_fact else lines.ASK_BIRTHDAY

    @property
    def keys_hint(self) -> str:
        return lines.KEYS_NUMBER if "number" in self._facts.asked_fact else lines.KEYS_BIRTHDAY

    async def on_enter(self) -> None:
        if self._already_told:
            self.session.generate_reply()
        else:
            self.speak(lines.ask_proof(self._facts))

    @function_tool
    async def check_identity(
        self,
        context: RunContext,
        birth_month: int | None = None,
        birth_day: int | None = None,
        customer_number: str | None = None,
    ) -> Debt | None:
        """Check the fact that the person on the line has just given. The system compares it.

        Args:
            birth_month: Month of birth, 1 to 12, if they gave their birthday.
            birth_day: Day of birth, 1 to 31, if they gave their birthday.
            customer_number: The customer number exactly as they said it, if they gave one.
        """
        context.disallow_interruptions()
        return await self._check(birth_month, birth_day, customer_number)

    async def answered(self, keys: str) -> None:
        """The fact in keys: four for month and day where the birthday is asked for, else the customer number."""
        if "number" not in self._facts.asked_fact and len(keys) == 4:
            debt = await self._check(int(keys[:2]), int(keys[2:]), None)
        else:
            debt = await self._check(None, None, keys)
        if debt is not None:
            self.session.update_agent(debt)

    async def _check(self, month: int | None, day: int | None, number: str | None) -> Debt | None:
        try:
            result = await self.talk.ask(
                identity_check, birth_month=month, birth_day=day, customer_number=number
            )
        except NothingToCompare:
            given = month is not None or day is not None
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
            owed = await self.talk.ask(debts)
        except NothingOwed:
            self.talk.nothing_owed()
            return None
        return Debt(self.talk, owed)

    @function_tool
    async def report_wrong_number(self, context: RunContext) -> None:
        """Nobody of the customer's name is known at this number. Apologises and ends the call."""
        context.disallow_interruptions()
        self.talk.end(Disposition.WRONG_NUMBER, line=lines.WRONG_NUMBER)

    @function_tool
    async def report_third_party(self, context: RunContext) -> None:
        """It is somebody else after all, and the customer can't come to the phone. Says goodbye and ends the call."""
        third_party(self.talk, context, coming=False)

    @function_tool
    async def end_call(self, context: RunContext, reason: EndReason) -> None:
        """End the call because the person wants it to end.

        Args:
            reason: refused (will not go on), callback (wants to be called another time), stop_calling, or other.
        """
        context.disallow_interruptions()
        await end_for(self.talk, reason)
