"""What was agreed is noted; is there anything else? If so, back to the invoices; if not, goodbye."""

from collections.abc import Callable

from livekit.agents import RunContext, function_tool
from livekit.agents.llm import ChatContext

from agent_worker import lines, wishes
from agent_worker.guard import Phase as GuardPhase
from agent_worker.phases.base import NO_KEY, YES_KEY, Phase
from agent_worker.phases.endings import EndReason, end_for
from agent_worker.prompting import close_prompt
from agent_worker.talk import Talk
from calls.conversation import Debts


class Close(Phase):
    """`noted` says what has just been recorded; `back` makes the phase that talks about the invoices again."""

    guarded_as = GuardPhase.VERIFIED

    def __init__(
        self,
        talk: Talk,
        debts: Debts,
        history: ChatContext,
        *,
        noted: str,
        back: Callable[[ChatContext], Phase],
    ) -> None:
        super().__init__(talk, instructions=close_prompt(debts), chat_ctx=history)
        self.noted = noted
        self._make_back = back

    @property
    def question(self) -> str:
        return lines.ANYTHING_ELSE

    async def on_enter(self) -> None:
        self.speak(f"{self.noted} {lines.ANYTHING_ELSE}")

    @property
    def keys_hint(self) -> str:
        return lines.KEYS_YES_NO

    async def answered(self, keys: str) -> None:
        if keys == YES_KEY:
            history = self.history()
            history.add_message(role="user", content="Yes.")
            self.session.update_agent(self._make_back(history))
        elif keys == NO_KEY:
            await end_for(self.talk, "done")

    @function_tool
    async def go_back(self, context: RunContext) -> Phase:
        """The customer wants to change what was agreed, or to talk about their invoices again."""
        return self._make_back(self.history())

    @function_tool
    async def transfer_to_human(self, context: RunContext) -> None:
        """The customer wants to speak to a human."""
        context.disallow_interruptions()
        await wishes.transfer(self.talk)

    @function_tool
    async def end_call(self, context: RunContext, reason: EndReason) -> None:
        """Say goodbye and end the call.

        Args:
            reason: done (nothing more to say), callback (wants to be called another time), stop_calling (wants no more
                calls), or other.
        """
        context.disallow_interruptions()
        await end_for(self.talk, reason)
