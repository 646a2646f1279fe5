"""What the bridge costs and how long audio takes through it: `python -m bench.bridge [--calls N] [--stall]`.

Everything is real but the ends: Daphne, LiveKit, WebSocket, room. Latency is from the waveform: a tone begins in the
frame that one end hands over, and is looked for in what the other end hears. Towards the phone that is the moment at
which a phone playing at 1x lets it out. One line of JSON on standard output.
"""

import argparse
import asyncio
import json
import os
import signal
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.calls.bridge.ends import RATE, Agent, Phone, Samples, onsets, tone
from tests.calls.bridge.rig import Bridge, running

BURST_MS, EVERY_SECONDS, STALL_SECONDS = 100, 1.0, 0.5
Said = list[tuple[float, Samples]]


def latencies(said: list[float], heard: list[float]) -> list[float]:
    """Milliseconds from each onset said to the first one heard within 0.9 s of it."""
    found = []
    for at in said:
        later = [other - at for other in heard if 0 <= other - at < 0.9]
        if later:
            found.append(min(later) * 1000)
    return found


def quantiles(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {
        "n": len(ordered),
        "p50": round(statistics.median(ordered), 1),
        "p99": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))], 1),
    }


def at_rate(said: Said, rate: int) -> Said:
    """Onsets are looked for at 8 kHz."""
    return [(end, samples[:: rate // RATE]) for end, samples in said]


class Talk:
    """One call on which both ends beep."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    async def begin(self) -> "Talk":
        self.call = await asyncio.to_thread(self._bridge.ask, "call")
        self.agent = await Agent(self._bridge, self.call["room"]).join()
        self.phone = await Phone(self._bridge, self.call).open()
        await asyncio.wait_for(self.agent.phone_here.wait(), 10)
        await asyncio.sleep(1)
        return self

    async def beep(self, seconds: float, offset: float) -> None:
        await asyncio.sleep(offset)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.phone.say(tone(900, BURST_MS))
            self.agent.say(tone(700, BURST_MS, Agent.RATE))
            await asyncio.sleep(EVERY_SECONDS)

    def measure(self, since: float, until: float = float("inf")) -> tuple[list[float], list[float]]:
        def inside(moments: list[float]) -> list[float]:
            return [moment for moment in moments if since <= moment < until]

        to_room = latencies(inside(onsets(self.phone.spoken)), onsets(self.agent.heard))
        said = inside(onsets(at_rate(self.agent.said, Agent.RATE)))
        return to_room, latencies(said, onsets(self.phone.heard))

    async def end(self) -> dict[str, Any]:
        await self.phone.hang_up()
        await self.phone.close()
        await self.agent.leave()
        for _ in range(100):
            row: dict[str, Any] = await asyncio.to_thread(self._bridge.ask, "read", call_id=self.call["id"])
            if row["closed"]:
                return dict(row["media"])
            await asyncio.sleep(0.05)
        raise TimeoutError("the stream's end was not stored")


async def steady(bridge: Bridge, calls: int, seconds: float) -> dict[str, Any]:
    talks = [await Talk(bridge).begin() for _ in range(calls)]
    cpu, since = bridge.cpu_seconds(), time.monotonic()
    beeps = (talk.beep(seconds, index * EVERY_SECONDS / calls) for index, talk in enumerate(talks))
    await asyncio.gather(*beeps)
    used = (bridge.cpu_seconds() - cpu) / (time.monotonic() - since)
    measured = [talk.measure(since) for talk in talks]
    memory = bridge.memory_mb()
    media = [await talk.end() for talk in talks]
    return {
        "calls": calls,
        "to_room_ms": quantiles([ms for one, _ in measured for ms in one]),
        "to_phone_ms": quantiles([ms for _, one in measured for ms in one]),
        "cpu_seconds_per_call_minute": round(used * 60 / calls, 2),
        "memory_mb": round(memory),
        "join_ms": [one["join_ms"] for one in media],
        "media": media[0],
    }


async def stall(bridge: Bridge) -> dict[str, Any]:
    """The bridge is stopped for half a second in mid-call; 2 s later everything should be as before."""
    talk = await Talk(bridge).begin()
    begun = time.monotonic()
    beeping = asyncio.create_task(talk.beep(13, 0))
    await asyncio.sleep(5)
    stopped = time.monotonic()
    os.kill(bridge.web.pid, signal.SIGSTOP)
    await asyncio.sleep(STALL_SECONDS)
    os.kill(bridge.web.pid, signal.SIGCONT)
    waiting = []
    for _ in range(15):
        await asyncio.sleep(0.2)
        waiting.append(round(talk.phone.waiting_ms))
    await beeping
    before, after = talk.measure(begun, stopped - 0.5), talk.measure(stopped + STALL_SECONDS + 2)
    return {
        "before": {"to_room_ms": quantiles(before[0]), "to_phone_ms": quantiles(before[1])},
        "after": {"to_room_ms": quantiles(after[0]), "to_phone_ms": quantiles(after[1])},
        "waiting_at_the_phone_ms": waiting,
        "media": await talk.end(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--stall", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-bridge-") as folder, running(Path(folder)) as bridge:
        work = stall(bridge) if options.stall else steady(bridge, options.calls, options.seconds)
        print(json.dumps(asyncio.run(work)))


if __name__ == "__main__":
    main()
