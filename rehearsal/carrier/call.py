"""One outbound call, from the queue to its end."""

import asyncio
import contextlib
import time
from dataclasses import dataclass
from typing import Literal

from .callbacks import StatusCallbacks
from .dialled import Place
from .equipment import Equipment
from .faults import CallbackFault
from .handset import Handset
from .interpreter import Interpreter, Program
from .ledger import CallRecord
from .people import Outcome, Person

Status = Literal[
    "queued", "initiated", "ringing", "in-progress", "completed", "busy", "no-answer", "failed", "canceled"
]
ENDED: frozenset[Status] = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})
SIP_CODES: dict[Status, str] = {
    "completed": "200",
    "busy": "486",
    "no-answer": "480",
    "failed": "404",
    "canceled": "487",
}
UNKNOWN_PLACES = {
    f"{leg}{part}": ""
    for leg in ("From", "To", "Caller", "Called")
    for part in ("City", "State", "Zip", "Country")
}
"""Twilio sends where numbers are, blank when it does not know; blank parameters are signed like others."""


@dataclass(frozen=True)
class Order:
    """What the REST request asked for; times in seconds."""

    to: str
    from_: str
    program: Program | None
    """None: a leg that another call's <Dial> holds."""
    status_callback: str | None
    status_callback_method: str
    status_callback_events: frozenset[str]
    timeout: int
    time_limit: int
    parent_sid: str | None = None


class Call:
    """`run` takes the call to its end, whoever ends it: the person, the TwiML, the REST API or the time
    limit."""

    def __init__(
        self,
        order: Order,
        record: CallRecord,
        person: Person,
        equipment: Equipment,
        place: Place,
        callback_fault: CallbackFault | None = None,
    ) -> None:
        """`place` dials another leg."""
        self.order = order
        self.record = record
        self.sid = record.sid
        self.queue_seconds = 0.0
        self.created_at = self.updated_at = time.time()
        self.dialled_at: float | None = None
        self.ended_at: float | None = None
        self.status: Status = "queued"
        self.callbacks = StatusCallbacks(
            equipment.webhooks,
            callback_fault,
            record,
            url=order.status_callback,
            method=order.status_callback_method,
            events=order.status_callback_events,
        )
        self._person = person
        self._equipment = equipment
        self._program = order.program
        self._cut = asyncio.Event()  # the REST API ends the call
        self._redirected = asyncio.Event()
        self._place = place
        self.handset: Handset | None = None  # while it is answered
        self.connected = asyncio.Event()
        self.over = asyncio.Event()
        record.event("status", status="queued")

    @property
    def ended(self) -> bool:
        return self.status in ENDED

    @property
    def direction(self) -> str:
        return "outbound-dial" if self.order.parent_sid else "outbound-api"

    @property
    def duration(self) -> int | None:
        """Whole seconds of a completed call."""
        if self.status != "completed" or self.ended_at is None or self.record.answered_at is None:
            return None
        return max(0, round(self.ended_at - self.record.answered_at))

    # What the REST API may do

    def cut(self) -> None:
        self._cut.set()

    def redirect(self, program: Program) -> None:
        self._program = program
        self._redirected.set()

    # The call's life

    async def run(self) -> None:
        try:
            await self._live()
        except Exception:
            self._enter("failed")  # a fault of this network; nobody is to wait for a call that is dead
            raise
        finally:
            self.over.set()

    async def _live(self) -> None:
        if await self._interrupted(self.queue_seconds):
            self._enter("canceled")
            return
        self.dialled_at = time.time()
        self._enter("initiated", "initiated")
        outcome = await self._ring()
        if outcome == "answer":
            await self._answered()
        else:
            self._enter(outcome)

    async def _ring(self) -> Outcome | Literal["canceled"]:
        """A phone that is busy or cannot be reached does not ring."""
        ringing = self._person.ring()
        if ringing.outcome in ("answer", "no-answer"):
            self._enter("ringing", "ringing")
        patience = float(self.order.timeout)
        if await self._interrupted(min(ringing.after, patience)):
            return "canceled"
        return "no-answer" if ringing.after > patience else ringing.outcome

    async def _interrupted(self, seconds: float) -> bool:
        """Waits; true as soon as the REST API ends the call."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._cut.wait(), max(0.0, seconds))
        return self._cut.is_set()

    async def _answered(self) -> None:
        zero = time.monotonic()
        self.record.answered(zero)
        self._enter("in-progress", "answered")
        handset = self.handset = Handset(self.record, zero=zero)
        self.connected.set()
        clock = asyncio.create_task(handset.run())
        talk = asyncio.create_task(self._person.talk(handset.line))
        talk.add_done_callback(self._talked)
        try:
            self.record.event("hung_up", by=await self._until_over(handset))
        finally:
            self.handset = None
            handset.close()
            for task in (talk, clock):
                task.cancel()
            await asyncio.wait({talk, clock}, timeout=1.0)
        self._enter("completed")

    def _talked(self, talk: "asyncio.Task[None]") -> None:
        """A person whose code breaks falls silent; the ledger says so, for a silent person proves nothing."""
        if not talk.cancelled() and (error := talk.exception()) is not None:
            self.record.event("person_failed", error=f"{type(error).__name__}: {error}")

    async def _until_over(self, handset: Handset) -> str:
        """Runs TwiML, again from the start at each redirection; who ended the call: person, rest, time_limit,
        or the interpreter's hangup, end, error."""
        interpreter = Interpreter(self._equipment, handset, self.params, self._place)
        deadline = asyncio.get_running_loop().time() + self.order.time_limit
        while True:
            self._redirected.clear()
            program = asyncio.create_task(interpreter.run(self._program) if self._program else _held())
            others = {
                "person": asyncio.create_task(handset.hung_up.wait()),
                "rest": asyncio.create_task(self._cut.wait()),
                "redirect": asyncio.create_task(self._redirected.wait()),
            }
            left = deadline - asyncio.get_running_loop().time()
            try:
                await asyncio.wait(
                    {program, *others.values()}, timeout=left, return_when=asyncio.FIRST_COMPLETED
                )
                first = next((name for name, task in others.items() if task.done()), None)
                if first is None:
                    return program.result() if program.done() else "time_limit"
            finally:
                await _cancel(program, *others.values())
            if first != "redirect":
                return first

    def _enter(self, status: Status, event: str = "completed") -> None:
        """The only writer of the status; fires the callback of `event`."""
        self.status = self.record.status = status
        self.updated_at = time.time()
        if self.ended:
            self.ended_at = self.updated_at
        self.record.event("status", status=status)
        params = self.params()
        if self.ended:
            if self.dialled_at is not None:
                params["SipResponseCode"] = SIP_CODES[status]
            params["CallDuration"] = str(self.duration or 0)
            if self.duration is not None:
                params["Duration"] = str(-(-self.duration // 60))  # minutes begun, as billed
        self.callbacks.announce(event, params)

    def params(self) -> dict[str, str]:
        """What every webhook about this call carries."""
        return {
            "CallSid": self.sid,
            "AccountSid": self._equipment.config.account_sid,
            "From": self.order.from_,
            "To": self.order.to,
            "Caller": self.order.from_,
            "Called": self.order.to,
            "CallStatus": self.status,
            "Direction": self.direction,
            "ApiVersion": "2010-04-01",
            **({"ParentCallSid": self.order.parent_sid} if self.order.parent_sid else {}),
            **UNKNOWN_PLACES,
        }


async def _held() -> str:
    """What a leg without a program of its own does until it is cut."""
    await asyncio.Event().wait()
    return "end"


async def _cancel(*tasks: "asyncio.Task") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
