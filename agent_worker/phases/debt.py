"""The second half: the invoice is named, and an amount and a day are agreed."""

import logging

from livekit.agents import RunContext, ToolError, function_tool

from agent_worker import lines
from agent_worker.phases.base import Phase
from agent_worker.phases.endings import EndReason, end_for
from agent_worker.prompting import debt_prompt
from agent_worker.talk import Proposal, Talk
from calls.conversation import (
    DebtFacts,
    NothingOwed,
    PromiseRefused,
    promise_agree,
    promise_check,
)
from calls.models import Disposition

logger = logging.getLogger(__name__)


class Debt(Phase):
    def __init__(self, talk: Talk, debt: DebtFacts) -> None:
        super().__init__(talk, instructions=debt_prompt(debt))
        self._statement = lines.statement(debt)

    async def on_enter(self) -> None:
        self.speak(self._statement)

    @function_tool
    async def propose_promise(self, context: RunContext, amount: str, date: str) -> None:
        """The customer has named an amount and a date. The system checks them, reads them back and asks if it is right.

        Args:
            amount: The amount as a decimal number, such as 120.50.
            date: The date as YYYY-MM-DD.
        """
        try:
            promise = await self.talk.records.ask(promise_check, amount=amount, due_date=date)
        except PromiseRefused as refused:
            self.talk.proposal = None
            raise ToolError(str(refused)) from None
        except NothingOwed:
            self._settled_meanwhile()
            return
        self.talk.read_back(Proposal(promise))

    @function_tool
    async def confirm_promise(self, context: RunContext, confirmed: bool) -> None:
        """The customer has answered the question whether what was read back is right.

        Args:
            confirmed: true for a yes, false for a no.
        """
        proposal = self.talk.proposal
        if proposal is None:
            raise ToolError("Nothing was read back. Please say the amount and the date.")
        if not confirmed:
            self.talk.proposal = None
            self.speak(lines.ASK_AMOUNT_AND_DATE)
        elif self.talk.was_answered(proposal):
            context.disallow_interruptions()
            await self._record(proposal)
        else:
            # A yes before the end of the sentence is a yes to something else.
            self.talk.read_back(proposal)

    async def _record(self, proposal: Proposal) -> None:
        async with self.talk.recording:
            try:
                await self.talk.records.ask(
                    promise_agree, amount=proposal.promise.amount, due_date=proposal.promise.due_date
                )
            except NothingOwed:
                self._settled_meanwhile()
            except PromiseRefused as refused:
                # The balance has changed since it was read back.
                self.talk.proposal = None
                raise ToolError(str(refused)) from None
            except Exception:
                logger.exception("call %s: a promise could not be recorded", self.talk.records.call_id)
                self.talk.end(
                    Disposition.UNRESOLVED,
                    line=lines.NOT_RECORDED,
                    reason="A promise was made and could not be recorded.",
                )
            else:
                self.talk.end(Disposition.PROMISE_TO_PAY, line=lines.PROMISE_NOTED)

    def _settled_meanwhile(self) -> None:
        self.talk.end(
            Disposition.UNRESOLVED, line=lines.NOTHING_OWED, reason="The invoice was no longer open."
        )

    @function_tool
    async def end_call(self, context: RunContext, reason: EndReason) -> None:
        """End the call without a promise.

        Args:
            reason: refused (will not pay), callback (wants to be called another time), stop_calling (wants no more
                calls), or other (says it is paid, disputes it, or anything else).
        """
        context.disallow_interruptions()
        end_for(self.talk, reason)
