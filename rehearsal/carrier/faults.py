"""Switches that make the carrier misbehave as real ones do (docs/architecture.md, "The pretended world")."""

import asyncio
from dataclasses import dataclass
from typing import Any, Literal, get_args

CreateMode = Literal[
    "accept_then_timeout", "accept_then_500", "reject_429", "reject_500", "reject_400", "hang"
]
HELD_LIMIT = 120.0  # seconds
CallbackMode = Literal["late", "twice", "out_of_order", "never"]


@dataclass
class CreateFault:
    mode: CreateMode
    times: int | None = None  # None: until deleted


@dataclass(frozen=True)
class CallbackFault:
    mode: CallbackMode
    seconds: float = 5.0  # of "late"


class Faults:
    """The switches as they stand; `holding` counts the requests that a fault holds."""

    def __init__(self) -> None:
        self.create: CreateFault | None = None
        self.callbacks: CallbackFault | None = None
        self._released = asyncio.Event()
        self.holding = 0

    async def hold(self) -> None:
        """Until the switches are cleared, or no client can be waiting any more."""
        self.holding += 1
        try:
            async with asyncio.timeout(HELD_LIMIT):
                await self._released.wait()
        except TimeoutError:
            return
        finally:
            self.holding -= 1

    def switch(self, wanted: object) -> None:
        """Replaces all switches; ValueError says what is wrong with `wanted`."""
        if not isinstance(wanted, dict) or set(wanted) - {"create", "callbacks"}:
            raise ValueError("faults are an object with create and callbacks")
        create, callbacks = _create(wanted.get("create")), _callbacks(wanted.get("callbacks"))
        self.clear()
        self.create, self.callbacks = create, callbacks

    def clear(self) -> None:
        """Back to good behaviour; requests that are being held go on."""
        self.create = self.callbacks = None
        self._released.set()
        self._released = asyncio.Event()

    def take_create(self) -> CreateMode | None:
        """The fault that the next create request meets; counts it."""
        fault = self.create
        if fault is None:
            return None
        if fault.times is not None:
            fault.times -= 1
            if fault.times <= 0:
                self.create = None
        return fault.mode

    def as_json(self) -> dict[str, Any]:
        return {
            "create": self.create and {"mode": self.create.mode, "times": self.create.times},
            "callbacks": self.callbacks and {"mode": self.callbacks.mode, "seconds": self.callbacks.seconds},
        }


def _create(value: Any) -> CreateFault | None:
    if value is None:
        return None
    if not isinstance(value, dict) or value.get("mode") not in get_args(CreateMode):
        raise ValueError(f"create.mode is one of {', '.join(get_args(CreateMode))}")
    times = value.get("times")
    if times is not None and not (type(times) is int and times > 0):
        raise ValueError("create.times is a positive number or null")
    return CreateFault(value["mode"], times)


def _callbacks(value: Any) -> CallbackFault | None:
    if value is None:
        return None
    if not isinstance(value, dict) or value.get("mode") not in get_args(CallbackMode):
        raise ValueError(f"callbacks.mode is one of {', '.join(get_args(CallbackMode))}")
    seconds = value.get("seconds", 5.0)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= 3600:
        raise ValueError("callbacks.seconds is 0 to 3600")
    return CallbackFault(value["mode"], float(seconds))
