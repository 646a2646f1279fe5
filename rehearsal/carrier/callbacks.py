"""Status callbacks of one call (Twilio docs: "Call resource", StatusCallback), with their faults."""

import asyncio
import time
from collections.abc import Mapping
from email.utils import formatdate

from .faults import CallbackFault
from .ledger import CallRecord
from .webhooks import Webhooks

EVENTS = ("initiated", "ringing", "answered", "completed")


class StatusCallbacks:
    """Sent one after the other, in the order of the events unless a fault says otherwise; `run` ends when the
    last one has been delivered or given up."""

    def __init__(
        self,
        webhooks: Webhooks,
        fault: CallbackFault | None,
        record: CallRecord,
        *,
        url: str | None,
        method: str,
        events: frozenset[str],
    ) -> None:
        self._webhooks = webhooks
        self._fault = fault
        self._record = record
        self._url = url
        self._method = method
        self._events = events
        self._sequence = 0
        self._held: list[tuple[float, dict[str, str]]] = []
        self._queue: asyncio.Queue[tuple[float, dict[str, str]] | None] = asyncio.Queue()

    def announce(self, event: str, params: Mapping[str, str]) -> None:
        """Fires `event` if it was subscribed to. `params` are the call's own, as they are now."""
        if self._url is not None and event in self._events:
            stamped = {
                **params,
                "Timestamp": formatdate(time.time()),
                "CallbackSource": "call-progress-events",
                "SequenceNumber": str(self._sequence),
            }
            self._sequence += 1
            self._arrange(stamped, last=event == "completed")
        if event == "completed":
            self._queue.put_nowait(None)

    def _arrange(self, params: dict[str, str], *, last: bool) -> None:
        fault = self._fault
        mode = fault.mode if fault else None
        item = (time.monotonic() + (fault.seconds if fault and mode == "late" else 0.0), params)
        outgoing = [item]
        if mode == "never":
            outgoing = []
        elif mode == "twice":
            outgoing = [item, item]
        elif mode == "out_of_order" and not self._held and not last:
            self._held, outgoing = [item], []
        if outgoing or last:
            outgoing, self._held = outgoing + self._held, []
        for each in outgoing:
            self._queue.put_nowait(each)

    async def run(self) -> None:
        while (item := await self._queue.get()) is not None:
            due, params = item
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            assert self._url is not None
            status, attempts = await self._webhooks.deliver(self._method, self._url, params)
            self._record.event(
                "callback",
                status=params["CallStatus"],
                sequence=params["SequenceNumber"],
                http=status,
                attempts=attempts,
            )
            if status is None or status >= 400:
                self._record.error(11200, f"status callback: HTTP {status}")
