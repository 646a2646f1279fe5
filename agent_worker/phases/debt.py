"""The invoices are named, and what the customer says of them is agreed, noted or passed on."""

from collections.abc import Awaitable, Callable
from typing import Any, Literal

from livekit.agents import RunContext, ToolError, function_tool
from livekit.agents.llm import ChatContext
from livekit.agents.types import NOT_GIVEN, NotGivenOr

from agent_worker import lines, wishes
from agent_worker.guard import Phase as GuardPhase
from agent_worker.listening import answer_to
from agent_worker.phases.base import NO_KEY, YES_KEY, Phase
from agent_worker.phases.close import Close
from agent_worker.phases.endings import EndReason, end_for
from agent_worker.prompting import debt_prompt
from agent_worker.talk import Proposal, Talk
from calls.conversation import (
    CallbackRefused,
    Debts,
    NothingOwed,
    Refused,
    agreement_withdraw,
    callback_agree,
    callback_check,
    complaint_note,
    copy_request,
    dispute_open,
    hardship_report,
    payment_claim,
    plan_agree,
    plan_check,
    promise_agree,
    promise_check,
)
from calls.models import Disposition

Every = Literal["week", "two_weeks", "month"]


class Debt(Phase):
    """`history` is given when the customer comes back to it: then the invoice is not named again."""

    guarded_as = GuardPhase.VERIFIED

    def __init__(self, talk: Talk, debts: Debts, history: NotGivenOr[ChatContext | None] = NOT_GIVEN) -> None:
        super().__init__(talk, instructions=debt_prompt(debts), chat_ctx=history)
        self._debts = debts
        self._returned = bool(history)
        talk.knows(debts)

    @property
    def question(self) -> str:
        return lines.WHEN

    @property
    def keys_hint(self) -> str:
        return lines.KEYS_YES_NO if self.talk.proposal is not None else lines.KEYS_ONLY

    async def answered(self, keys: str) -> None:
        """Yes or no to what was read back; while nothing is, the wish to go on by keys alone."""
        if self.talk.proposal is None:
            if keys == YES_KEY and not await wishes.by_keys(self.talk, "The customer would rather use keys."):
                self.speak(f"{lines.NO_KEYS} {self.question}")
        elif keys == NO_KEY:
            self._denied()
        elif keys == YES_KEY:
            try:
                closing = await self._confirmed(self.talk.proposal)
            except ToolError as refused:
                self.speak(f"{refused.message} {lines.ASK_AMOUNT_AND_DATE}")
                return
            if closing is not None:
                self.session.update_agent(closing)

    async def on_enter(self) -> None:
        if self._returned:
            self.session.generate_reply()
        else:
            self.speak(lines.statement(self._debts))

    @function_tool
    async def propose_promise(
        self, context: RunContext, amount: str, date: str, invoices: list[int] | None = None
    ) -> None:
        """The customer has named an amount and a date. The system checks them, reads them back and asks if it is right.

        Args:
            amount: The amount as a decimal number, such as 120.50.
            date: The date as YYYY-MM-DD.
            invoices: The positions of the invoices it is for; leave it out when it is for the first.
        """
        positions = tuple(invoices or ())
        promise = await self._checked(promise_check, amount=amount, due_date=date, positions=positions)
        if promise is None:
            return

        async def record() -> None:
            await self.talk.ask(
                promise_agree, amount=promise.amount, due_date=promise.due_date, positions=positions
            )

        self.talk.read_back(Proposal(lines.read_back(promise), lines.PROMISE_NOTED, record))

    @function_tool
    async def propose_plan(
        self,
        context: RunContext,
        instalments: int,
        every: Every,
        first_date: str,
        invoices: list[int] | None = None,
    ) -> None:
        """The customer wants to pay in several parts. The system computes them, reads them back, asks if it is right.

        Args:
            instalments: How many parts.
            every: How far apart: week, two_weeks or month.
            first_date: The date of the first part as YYYY-MM-DD.
            invoices: The positions of the invoices it is for; leave it out when it is for the first.
        """
        terms: dict[str, Any] = {
            "instalments": instalments,
            "every": every,
            "first_date": first_date,
            "positions": tuple(invoices or ()),
        }
        plan = await self._checked(plan_check, **terms)
        if plan is None:
            return

        async def record() -> None:
            await self.talk.ask(plan_agree, **terms)

        self.talk.read_back(Proposal(lines.read_back_plan(plan), lines.PLAN_NOTED, record))

    async def _checked(self, check: Callable[..., Any], **terms: Any) -> Any:
        """What would be agreed; None when nothing is owed any more. A refusal is told to the model."""
        try:
            return await self.talk.ask(check, **terms)
        except Refused as refused:
            self.talk.proposal = None
            raise ToolError(str(refused)) from None
        except NothingOwed:
            self.talk.nothing_owed()
            return None

    @function_tool
    async def confirm(self, context: RunContext, confirmed: bool) -> Close | None:
        """The customer has answered the question whether what was read back is right.

        Args:
            confirmed: true for a yes, false for a no.
        """
        proposal = self.talk.proposal
        if proposal is None:
            raise ToolError("Nothing was read back. Please say the amount and the date.")
        answer = answer_to(self._last_said()) if confirmed else "no"
        if answer == "no":
            self._denied()
            return None
        context.disallow_interruptions()
        if answer == "unclear":
            # The model takes it for a yes, and nobody has said so.
            self.talk.read_back(proposal)
            return None
        return await self._confirmed(proposal)

    def _last_said(self) -> str:
        said = (item.text_content for item in reversed(self.chat_ctx.messages()) if item.role == "user")
        return next(said, None) or ""

    def _denied(self) -> None:
        self.talk.proposal = None
        self.speak(lines.ASK_AMOUNT_AND_DATE)

    async def _confirmed(self, proposal: Proposal) -> Close | None:
        if not self.talk.was_answered(proposal):
            # A yes before the end of the sentence is a yes to something else.
            self.talk.read_back(proposal)
            return None
        self.talk.proposal = None
        return await self._note(proposal.record(), proposal.noted)

    async def _note(self, recording: Awaitable[Any], said: str) -> Close | None:
        """Record something; then say so and ask for more. What can't be recorded is not said to be."""
        try:
            async with self.talk.recording:
                await recording
        except NothingOwed:
            self.talk.nothing_owed()
        except Refused as refused:
            # The balance has changed since it was read back, or the model named what does not exist.
            raise ToolError(str(refused)) from None
        except Exception as error:
            self.talk.not_recorded(error)
        else:
            return Close(self.talk, self._debts, self.history(), noted=said, back=self._back)
        return None

    def _back(self, history: ChatContext) -> Phase:
        return Debt(self.talk, self._debts, history)

    @function_tool
    async def take_back(self, context: RunContext) -> Close | None:
        """The customer takes back what they have agreed to in this call, and agrees to nothing else instead."""
        self.talk.proposal = None
        return await self._note(self._taken_back(), lines.TAKEN_BACK)

    async def _taken_back(self) -> None:
        if not await self.talk.ask(agreement_withdraw):
            raise Refused("Nothing that could be taken back was agreed in this call.")

    @function_tool
    async def claim_paid(
        self,
        context: RunContext,
        amount: str | None = None,
        paid_on: str | None = None,
        method: str | None = None,
    ) -> Close | None:
        """The customer says that it is paid already. The system looks into the ledger.

        Args:
            amount: What they say they paid, as a decimal number, if they said it.
            paid_on: When, as YYYY-MM-DD, if they said it.
            method: How, in their words, if they said it.
        """
        claim = None

        async def look() -> None:
            nonlocal claim
            claim = await self.talk.ask(payment_claim, amount=amount, paid_on=paid_on, method=method)

        closing = await self._note(look(), lines.PAID_NOTED)
        if closing is not None and claim is not None and claim.found != "nothing":
            closing.noted = lines.PAID_FOUND
        return closing

    @function_tool
    async def open_dispute(
        self, context: RunContext, reason: str, amount: str | None = None, invoice: int = 1
    ) -> Close | None:
        """The customer says that the invoice, or a part of it, is wrong or not theirs to pay.

        Args:
            reason: Why, in their words.
            amount: The amount that is disputed, as a decimal number; leave it out for all of it.
            invoice: The position of the invoice.
        """
        noting = self.talk.ask(dispute_open, position=invoice, amount=amount, reason=reason)
        return await self._note(noting, lines.DISPUTE_NOTED)

    @function_tool
    async def report_hardship(self, context: RunContext, what: str) -> Close | None:
        """The customer can't pay because of an illness, a loss of work or another hardship.

        Args:
            what: What they said, in a few words.
        """
        noting = self.talk.ask(hardship_report, wording=what)
        return await self._note(noting, lines.HARDSHIP_NOTED)

    @function_tool
    async def send_copy(self, context: RunContext, invoice: int = 1) -> Close | None:
        """The customer wants a copy of an invoice.

        Args:
            invoice: The position of the invoice.
        """
        return await self._note(self.talk.ask(copy_request, position=invoice), lines.COPY_NOTED)

    @function_tool
    async def note_complaint(self, context: RunContext, what: str) -> Close | None:
        """The customer complains about us or about this call.

        Args:
            what: What they said, in a few words.
        """
        noting = self.talk.ask(complaint_note, wording=what)
        return await self._note(noting, lines.COMPLAINT_NOTED)

    @function_tool
    async def ask_callback(self, context: RunContext, when: str | None = None) -> None:
        """The customer wants to be called another time.

        Args:
            when: The day and time where they are, as YYYY-MM-DDTHH:MM, if they named one.
        """
        context.disallow_interruptions()
        if when is None:
            self.talk.end(Disposition.CALLBACK, line=lines.CALLBACK)
            return
        try:
            callback = await self.talk.ask(callback_check, when=when)
            await self.talk.ask(callback_agree, when=when)
        except CallbackRefused as refused:
            raise ToolError(str(refused)) from None
        self.talk.end(Disposition.CALLBACK, line=lines.callback_at(callback.at))

    @function_tool
    async def transfer_to_human(self, context: RunContext) -> None:
        """The customer wants to speak to a human."""
        context.disallow_interruptions()
        await wishes.transfer(self.talk)

    @function_tool
    async def report_language(self, context: RunContext, language: str) -> None:
        """The customer wants to speak a language that you do not speak.

        Args:
            language: The language, in English.
        """
        context.disallow_interruptions()
        await wishes.other_language(self.talk, language)

    @function_tool
    async def end_call(self, context: RunContext, reason: EndReason) -> None:
        """End the call without more being agreed.

        Args:
            reason: done (nothing more to say), refused (will not pay), callback (wants to be called another time),
                stop_calling (wants no more calls), or other.
        """
        context.disallow_interruptions()
        await end_for(self.talk, reason)
