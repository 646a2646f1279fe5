"""One call's audio between the carrier's socket and the room, from `start` to the last row written.

`now` is milliseconds since `start`: the clock of the recording.
"""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from django.conf import settings

from calls.bridge import protocol
from calls.bridge.allowance import Allowance
from calls.bridge.closing import Closing
from calls.bridge.counters import Counters
from calls.bridge.echoes import Echoes
from calls.bridge.intake import Intake
from calls.bridge.level import audible
from calls.bridge.mulaw import FRAME_MS, Samples, decode, encode
from calls.bridge.offload import in_database, on_disk
from calls.bridge.playout import LIMIT_LEAD_MS, PlayHead
from calls.bridge.recorder import AGENT, CALLER, Recorder, Spool
from calls.bridge.room import RoomLeg
from calls.log_context import about_call, call_is
from calls.models import Call
from calls.stream import stream_open

logger = logging.getLogger(__name__)

START_SECONDS = 5.0
IDLE_MS = 10_000
AGENT_MS = 10_000  # how long the room may be without an agent after it was joined
MARK_MS = 1_000
MARK_OVERDUE_MS = 10_000
RECONNECT_SECONDS = 5.0
AGENT_LEFT_SECONDS = 1.0
QUIET_MS = 160
TAIL_MS = 1_500
ECHO_SECONDS = 2.0
MAX_BAD = 500

SendText = Callable[[str], Awaitable[None]]
CloseSocket = Callable[[int], Awaitable[None]]


class Session:
    """Made when the socket is accepted. `receive` never waits; `close` may be called by anyone, any number of times."""

    def __init__(self, send_text: SendText, close_socket: CloseSocket) -> None:
        self._send_text = send_text
        self.counters = Counters()
        self._zero = time.monotonic()
        self._zero_unix_ms = 0
        self._sid = ""
        self._call_id: UUID | None = None
        self._room: RoomLeg | None = None
        self._intake = Intake(self.counters)
        self._head = PlayHead(self.counters)
        self.recorder = Recorder()
        self.spool = Spool()
        self._tasks: set[asyncio.Task[None]] = set()
        self._opening: asyncio.Task[None] | None = None
        self._allowance = Allowance()
        self._mark_seq = 0
        self._marked_at = 0.0
        self._sent_since_mark = False
        self._joined = False
        self._agent_awaited_since = 0.0
        self._agent_seen = False
        self._last_voice = 0.0
        self._hanging_up = False
        self._echoes = Echoes(self._send_mark)
        self._lost_timer: asyncio.TimerHandle | None = None
        self._closing = Closing(self, close_socket)
        self._start_timer = asyncio.get_running_loop().call_later(START_SECONDS, self._no_start)

    def now(self) -> float:
        return (time.monotonic() - self._zero) * 1000

    # From the carrier

    def receive(self, text: str | None) -> None:
        """One frame of the socket; None for a binary one. Never waits."""
        if self._closing.begun:
            return
        now = self.now()
        if not self._allowance.take(now):
            self.counters.flooded += 1
            if self.counters.flooded > MAX_BAD:
                self.close("protocol")
            return
        try:
            if text is None:
                raise protocol.Invalid("binary")
            self._handle(protocol.parse(text), now)
        except protocol.Invalid:
            self.counters.invalid += 1
            if not self._sid or self.counters.invalid > MAX_BAD:
                self.close("protocol")
        except protocol.Violation as error:
            with about_call(self._call_id or ""):
                logger.warning("call %s: stream closed: %s", self._call_id, error)
            self.close("protocol")

    def _handle(self, message: protocol.Message, now: float) -> None:
        if isinstance(message, protocol.Media) and message.stream_sid == self._sid:
            self._media(message, now)
        elif isinstance(message, protocol.Connected):
            return
        elif isinstance(message, protocol.Start):
            self._start(message)
        elif not self._sid:
            raise protocol.Violation("something before start")
        elif message.stream_sid != self._sid:
            raise protocol.Violation("another stream's SID")
        elif isinstance(message, protocol.Mark):
            self._mark(message.name, now)
        elif isinstance(message, protocol.Dtmf):
            self._dtmf(message.digit)
        elif isinstance(message, protocol.Stop):
            self.close("caller_hung_up")

    def _media(self, message: protocol.Media, now: float) -> None:
        samples = decode(message.ulaw)
        self.counters.frames_in += 1
        at = self._intake.offer(message.at_ms, samples, now)
        self.recorder.write(CALLER, at, samples, now)

    def _mark(self, name: str, now: float) -> None:
        self._head.mark_echoed(name, now, self._intake.lateness)
        self._echoes.came(name)

    def _dtmf(self, digit: str) -> None:
        self.counters.dtmf += 1
        if self._room is not None and self._joined and len(self._tasks) < 32:
            self.spawn(self._room.dtmf(protocol.DTMF_CODES[digit], digit), "dtmf")

    def _start(self, message: protocol.Start) -> None:
        if self._sid:
            raise protocol.Violation("a second start")
        if message.account_sid != settings.TWILIO_ACCOUNT_SID:
            raise protocol.Violation("another account")
        self._start_timer.cancel()
        self._sid = message.stream_sid
        self._zero, self._zero_unix_ms = time.monotonic(), int(time.time() * 1000)
        self._allowance.clock_begins()
        self._intake.last_arrival = 0.0
        self._opening = asyncio.create_task(self._open(message))

    def _no_start(self) -> None:
        logger.warning("a stream was opened and never started")
        self.close("protocol")

    # Opening

    async def _open(self, start: protocol.Start) -> None:
        try:
            self._call_id = await in_database(stream_open, token=start.token, call_sid=start.call_sid)
        except Exception:
            logger.exception("a stream's token could not be checked")
        if self._call_id is None:
            logger.warning("a stream was refused: its token opens no call")
            self.close("protocol")
        elif not self._closing.begun:
            call_is(self._call_id)  # and so is all that is begun from here on
            await self._join(self._call_id)

    async def _join(self, call_id: UUID) -> None:
        room = self._room = RoomLeg(self, str(call_id))
        methods = {
            "recording.release": self._rpc_release,
            "recording.stop": self._rpc_stop_recording,
            "playback.clear": self._rpc_clear,
            "playback.heard": self._rpc_heard,
            "call.hang_up": self._rpc_hang_up,
        }
        try:
            await room.open(
                Call(id=call_id).room_name, {"recording.zero_ms": str(self._zero_unix_ms)}, methods
            )
        except Exception as error:
            if not self._closing.begun:
                logger.warning("call %s: the room could not be joined: %r", call_id, error)
                self.close("join_failed")
            return
        if self._closing.begun:
            return
        self._joined = True
        self._agent_awaited_since = self.now()
        self.counters.join_ms = int(self.now())
        self._intake.begin()
        self.spawn(self._feed(room), "feeding the room")
        self.spawn(self._watch(), "watching")
        self.spawn(self._keep_recording(), "recording")

    async def _feed(self, room: RoomLeg) -> None:
        while True:
            frame = await self._intake.take()
            if self._intake.interrupted:
                self.counters.resyncs += 1
                await room.resync_out()
                self._intake.begin_again()
            else:
                await room.capture(frame)

    # From the room

    async def agent_frame(self, samples: Samples) -> None:
        if self._closing.begun:
            return
        now = self.now()
        if self._head.lead(now) > LIMIT_LEAD_MS:
            await self._clear(now)
        out = self._head.offer(samples, now)
        if out is None:
            return
        at = self._head.sent(out, now)
        self.recorder.write(AGENT, at, out, now)
        if audible(out):
            self._last_voice = now
            if self.counters.first_voice_ms is None:
                self.counters.first_voice_ms = int(now)
        self.counters.frames_out += 1
        self._sent_since_mark = True
        await self._send_text(protocol.media(self._sid, encode(out)))

    def agent_interrupted(self, seconds: float) -> None:
        self.counters.resyncs += 1
        self.counters.dropped_out += int(seconds * 1000 / FRAME_MS)

    def agent_joined(self) -> None:
        self._agent_seen = True

    def agent_left(self) -> None:
        if self._lost_timer is not None:
            # Not the agent left but we: a room that is joined anew lists everybody anew.
            self._agent_seen = False
        elif not self._hanging_up:
            # A lost room shows as everybody leaving it first: its own news is waited for.
            self._agent_seen, self._agent_awaited_since = False, self.now()
            asyncio.get_running_loop().call_later(AGENT_LEFT_SECONDS, self._agent_gone)

    def _agent_gone(self) -> None:
        if not self._agent_seen and self._lost_timer is None:
            self.close("agent_lost")

    def room_state(self, connected: bool | None) -> None:
        if self._lost_timer is not None:
            self._lost_timer.cancel()
            self._lost_timer = None
        if connected:
            self._agent_awaited_since = self.now()
            return
        # Nobody is there to take back what is said now.
        self.spawn(self._clear(self.now()), "clear")
        if connected is None:
            self.counters.reconnects += 1
            loop = asyncio.get_running_loop()
            self._lost_timer = loop.call_later(RECONNECT_SECONDS, self.close, "room_lost")
        else:
            self.close("room_lost")

    async def _clear(self, now: float, *, mute: bool = False) -> None:
        self._head.cut(now, mute=mute)
        self.recorder.cut(now)
        self.counters.clears += 1
        await self._send_text(protocol.clear(self._sid))

    # What the agent may ask for

    async def _rpc_release(self, payload: str) -> str:
        try:
            span = json.loads(payload)
            start, end = span["from_ms"], span.get("to_ms")
        except (ValueError, TypeError, KeyError, AttributeError):
            return json.dumps({"ok": False})
        good = type(start) is int and start >= 0 and (end is None or (type(end) is int and end >= start))
        return json.dumps({"ok": good and self.recorder.release(start, end)})

    async def _rpc_stop_recording(self, payload: str) -> str:
        """Nothing is kept from now on, whatever was released or will be."""
        self.recorder.stop(self.now())
        return json.dumps({"ok": True})

    async def _rpc_heard(self, payload: str) -> str:
        """Whether the ear has had everything that was sent until now: a mark came back, and nothing was cut before."""
        cut_before = self.counters.clears
        echoed = await self._echoes.back(self._head.lead(self.now()) / 1000 + ECHO_SECONDS)
        return json.dumps({"heard": echoed and self.counters.clears == cut_before})

    async def _rpc_clear(self, payload: str) -> str:
        now = self.now()
        await self._clear(now, mute=True)
        return json.dumps({"heard_ms": int(now)})

    async def _rpc_hang_up(self, payload: str) -> str:
        if not self._hanging_up:
            self._hanging_up = True
            self.spawn(self._hang_up(), "hanging up")
        return json.dumps({"ok": True})

    async def _hang_up(self) -> None:
        """The last words are still on their way here when the agent has said them, and then to the ear."""
        asked_at = self.now()
        while True:
            now = self.now()
            quiet_in = max(self._last_voice, asked_at) + QUIET_MS - now
            if quiet_in <= 0 or now - asked_at > TAIL_MS:
                break
            await asyncio.sleep(quiet_in / 1000)
        if not await self._echoes.back(ECHO_SECONDS):
            logger.info("call %s: the goodbye's mark did not come back", self._call_id)
        self.close("agent_hung_up")

    # Keeping watch

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(0.5)
            now = self.now()
            oldest = self._head.oldest_mark()
            if now - self._intake.last_arrival > IDLE_MS:
                self.close("idle")
            elif oldest is not None and now - oldest > MARK_OVERDUE_MS:
                self.close("protocol")
            elif self._agent_overdue(now):
                self.close("agent_lost")
            elif self._sent_since_mark and now - self._marked_at > MARK_MS:
                self._sent_since_mark = False
                self._marked_at = now
                self._mark_seq += 1
                await self._send_mark(f"m{self._mark_seq}")

    def _agent_overdue(self, now: float) -> bool:
        """The room has been without an agent for too long; while the room itself is lost nobody can be seen in it."""
        waited = now - self._agent_awaited_since
        return not self._agent_seen and self._lost_timer is None and waited > AGENT_MS

    async def _send_mark(self, name: str) -> None:
        self.counters.marks += 1
        self._head.mark_sent(name, self.now())
        await self._send_text(protocol.mark(self._sid, name))

    async def _keep_recording(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            pieces = self.recorder.settled(self.now())
            if pieces:
                await on_disk(self.spool.write, pieces)

    # Ending

    def close(self, reason: str) -> None:
        """Begin to end, for the first reason that comes. See `Closing`."""
        self._start_timer.cancel()
        self._closing.begin(reason)

    async def closed(self) -> None:
        await self._closing.done()

    async def stop_work(self) -> None:
        """Cancel everything that runs for this call but what is opening it."""
        if self._lost_timer is not None:
            self._lost_timer.cancel()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=1)

    async def leave_room(self) -> None:
        if self._room is not None:
            await self._room.close()

    async def opened(self) -> UUID | None:
        """Which call this was, once that is known; None if it never was one."""
        if self._opening is not None:
            await asyncio.wait([self._opening])
        return self._call_id

    def spawn(self, work: Any, name: str) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._task_done(done, name))

    def _task_done(self, task: asyncio.Task[None], name: str) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None and not self._closing.begun:
            logger.error("call %s: %s failed", self._call_id, name, exc_info=task.exception())
