"""Switches that make the carrier misbehave as real ones do (docs/architecture.md, "The pretended world")."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal, get_args

CreateMode = Literal[
    "accept_then_timeout", "accept_then_500", "reject_429", "reject_500", "reject_400", "hang", "hold"
]
HoldPoint = Literal["before_entry", "after_entry", "after_headers"]
HELD_LIMIT = 120.0  # seconds
# After a release: the end of a client that died meanwhile may stand in the same batch of news as the release itself.
NEWS_SECONDS = 0.1
CallbackMode = Literal["late", "twice", "out_of_order", "never"]
# What a mix draws from; each is one that a product must survive without anybody's help.
MIXED_CREATES: tuple[CreateMode, ...] = ("accept_then_timeout", "accept_then_500", "reject_429")
MIXED_CALLBACKS: tuple[CallbackMode, ...] = ("late", "twice", "never")


@dataclass(frozen=True)
class Misbehaviour:
    """What one create request meets; `at` belongs to "hold"."""

    mode: CreateMode
    at: HoldPoint = "before_entry"


@dataclass
class CreateFault:
    mode: CreateMode
    times: int | None = None  # None: until deleted
    at: HoldPoint = "before_entry"


@dataclass(frozen=True)
class CallbackFault:
    mode: CallbackMode
    seconds: float = 5.0  # of "late"


@dataclass(frozen=True)
class Mix:
    """A `share` of all requests meets one of the mixed faults. Which, `seed` says, whatever the order they come in."""

    share: float
    seed: int


class Faults:
    """The switches as they stand; `holding` counts the requests that a fault holds."""

    def __init__(self) -> None:
        self.create: CreateFault | None = None
        self.callbacks: CallbackFault | None = None
        self.queue_seconds = 0.0
        self.mix: Mix | None = None
        self._asked: Counter[str] = Counter()
        self._released = asyncio.Event()
        self.holding = 0

    async def hold(self) -> None:
        """Until released, or no client can be waiting any more."""
        self.holding += 1
        try:
            async with asyncio.timeout(HELD_LIMIT):
                await self._released.wait()
            await asyncio.sleep(NEWS_SECONDS)
        except TimeoutError:
            return
        finally:
            self.holding -= 1

    def switch(self, wanted: object) -> None:
        """Replaces all switches; ValueError says what is wrong with `wanted`."""
        if not isinstance(wanted, dict) or set(wanted) - {"create", "callbacks", "queue", "mix"}:
            raise ValueError("faults are an object with create, callbacks, queue and mix")
        create, callbacks = _create(wanted.get("create")), _callbacks(wanted.get("callbacks"))
        queue_seconds, mix = _queue(wanted.get("queue")), _mix(wanted.get("mix"))
        self.clear()
        self.create, self.callbacks = create, callbacks
        self.queue_seconds, self.mix = queue_seconds, mix

    def clear(self) -> None:
        """Back to good behaviour; requests that are being held go on."""
        self.create = self.callbacks = self.mix = None
        self.queue_seconds = 0.0
        self._asked.clear()
        self.release()

    def release(self) -> None:
        """Requests that are being held go on; the switches stay."""
        self._released.set()
        self._released = asyncio.Event()

    def take(self, to: str) -> tuple[Misbehaviour | None, CallbackFault | None]:
        """What the next create request, one to `to`, and the callbacks of its call meet; counts it."""
        if self.mix is not None:
            return self._drawn(self.mix, to)
        return self._take_create(), self.callbacks

    def _take_create(self) -> Misbehaviour | None:
        fault = self.create
        if fault is None:
            return None
        if fault.times is not None:
            fault.times -= 1
            if fault.times <= 0:
                self.create = None
        return Misbehaviour(fault.mode, fault.at)

    def _drawn(self, mix: Mix, to: str) -> tuple[Misbehaviour | None, CallbackFault | None]:
        self._asked[to] += 1
        chance = random.Random(f"{mix.seed} {to} {self._asked[to]}")
        if chance.random() >= mix.share:
            return None, None
        if chance.random() < 0.5:
            return Misbehaviour(chance.choice(MIXED_CREATES)), None
        return None, CallbackFault(chance.choice(MIXED_CALLBACKS))

    def as_json(self) -> dict[str, Any]:
        return {
            "create": self.create and vars(self.create),
            "callbacks": self.callbacks and vars(self.callbacks),
            "queue": {"seconds": self.queue_seconds},
            "mix": self.mix and vars(self.mix),
            "holding": self.holding,
        }


def _create(value: Any) -> CreateFault | None:
    if value is None:
        return None
    if not isinstance(value, dict) or value.get("mode") not in get_args(CreateMode):
        raise ValueError(f"create.mode is one of {', '.join(get_args(CreateMode))}")
    times = value.get("times")
    if times is not None and not (type(times) is int and times > 0):
        raise ValueError("create.times is a positive number or null")
    at = value.get("at", "before_entry")
    if at not in get_args(HoldPoint):
        raise ValueError(f"create.at is one of {', '.join(get_args(HoldPoint))}")
    return CreateFault(value["mode"], times, at)


def _callbacks(value: Any) -> CallbackFault | None:
    if value is None:
        return None
    if not isinstance(value, dict) or value.get("mode") not in get_args(CallbackMode):
        raise ValueError(f"callbacks.mode is one of {', '.join(get_args(CallbackMode))}")
    return CallbackFault(value["mode"], _number(value.get("seconds", 5.0), "callbacks.seconds", 3600))


def _queue(value: Any) -> float:
    if value is None:
        return 0.0
    if not isinstance(value, dict):
        raise ValueError("queue is an object with seconds")
    return _number(value.get("seconds"), "queue.seconds", 86_400)


def _mix(value: Any) -> Mix | None:
    if value is None:
        return None
    if not isinstance(value, dict) or type(value.get("seed")) is not int:
        raise ValueError("mix is an object with share and seed")
    return Mix(_number(value.get("share"), "mix.share", 1), value["seed"])


def _number(value: Any, name: str, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise ValueError(f"{name} is 0 to {most}")
    return float(value)
