"""Takes orders for calls, dials them at the account's rate and knows them all."""

import logging
import secrets
import time

from .call import Call, Order
from .equipment import Equipment
from .faults import CallbackFault
from .ledger import CALL_LIMIT, Ledger
from .messages import Messages
from .people import Directory, Person, PersonEntry, PersonFactory
from .twiml import Dial

logger = logging.getLogger("carrier")


class Exchange:
    def __init__(self, equipment: Equipment, directory: Directory, person_factory: PersonFactory) -> None:
        self.equipment = equipment
        self.directory = directory
        self.ledger = Ledger()
        self.messages = Messages(equipment, directory)
        self._person_factory = person_factory
        self._calls: dict[str, Call] = {}
        self._next_slot = 0.0

    def place(self, order: Order, callback_fault: CallbackFault | None = None) -> Call:
        """Accepts the call. More than the account's calls per second wait in the queue (Twilio docs: "Calls
        per second"); they are never refused. `callback_fault` is how its callbacks misbehave."""
        call = self._open(order, callback_fault)
        call.queue_seconds = self._wait_for_slot() + self.equipment.faults.queue_seconds
        self._start(call)
        return call

    def place_leg(self, verb: Dial, parent_sid: str, caller: str) -> Call:
        """The second leg of a call, dialled at once: the account's rate is that of its own requests."""
        order = Order(
            to=verb.number,
            from_=verb.caller_id or caller,
            program=None,
            status_callback=verb.status_callback,
            status_callback_method=verb.status_callback_method,
            status_callback_events=verb.status_callback_events,
            timeout=verb.timeout,
            time_limit=verb.time_limit,
            parent_sid=parent_sid,
        )
        call = self._open(order)
        self._start(call)
        return call

    def _open(self, order: Order, callback_fault: CallbackFault | None = None) -> Call:
        entry = self.directory.look_up(order.to)
        person = self._person_for(entry)
        record = self.ledger.open(
            sid="CA" + secrets.token_hex(16),
            to=order.to,
            from_=order.from_,
            persona=entry.persona,
            parent_sid=order.parent_sid,
        )
        return Call(order, record, person, self.equipment, self.place_leg, callback_fault)

    def _start(self, call: Call) -> None:
        self._calls[call.sid] = call
        if len(self._calls) > CALL_LIMIT:
            del self._calls[next(iter(self._calls))]
        self.equipment.background.start(self._carry(call))
        self.equipment.background.start(call.callbacks.run())

    def register(self, number: str, entry: PersonEntry) -> None:
        """From now on `entry` answers `number`; ValueError when nobody can play that person."""
        self._person_for(entry)
        self.directory.register(number, entry)

    def find(self, sid: str) -> Call | None:
        return self._calls.get(sid)

    def newest_first(self) -> list[Call]:
        return list(reversed(self._calls.values()))

    def _person_for(self, entry: PersonEntry) -> Person:
        return self._person_factory(entry, self.equipment.config.models_url)

    def _wait_for_slot(self) -> float:
        now = time.monotonic()
        slot = max(now, self._next_slot)
        self._next_slot = slot + 1 / self.equipment.config.calls_per_second
        return slot - now

    async def _carry(self, call: Call) -> None:
        logger.info("%s queued", call.sid)
        try:
            await call.run()
        finally:
            logger.info("%s %s", call.sid, call.status)
