"""The moment to speak: once the other side has spoken for a while, or has spoken and fallen silent."""

import asyncio
from dataclasses import dataclass, field
from typing import Self

from .line import FRAME_MS

BREATH_MS = 600  # a shorter silence is a pause between sentences


class MomentGone(Exception):
    """The call ended before the moment came."""


@dataclass(frozen=True)
class Moment:
    """Milliseconds of the other side's voice, its breaths included, or of its silence after it has spoken."""

    voice_ms: int = 0
    quiet_ms: int = 0

    @classmethod
    def from_json(cls, value: object) -> Self:
        """`{"voice_ms": n}` or `{"quiet_ms": n}`; ValueError for anything else."""
        if not isinstance(value, dict) or len(value) != 1 or not value.keys() <= {"voice_ms", "quiet_ms"}:
            raise ValueError("a moment is voice_ms or quiet_ms")
        ((name, number),) = value.items()
        if type(number) is not int or not 0 < number <= 60_000:
            raise ValueError(f"{name} must be 1 to 60000")
        return cls(**{name: number})


@dataclass(eq=False)
class _Wait:
    moment: Moment
    spoke: bool = False
    come: "asyncio.Future[bool]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def look(self, voice_ms: int, quiet_ms: int) -> bool:
        self.spoke = self.spoke or voice_ms > 0
        if self.moment.voice_ms:
            return quiet_ms == 0 and voice_ms >= self.moment.voice_ms
        return self.spoke and quiet_ms >= self.moment.quiet_ms

    def settle(self, came: bool) -> None:
        if not self.come.done():
            self.come.set_result(came)


class OtherSide:
    """What comes out of a handset, by its loudness alone. `heard` is called with every frame of 20 ms."""

    def __init__(self) -> None:
        self._voice_ms = 0
        self._quiet_ms = 0
        self._waits: list[_Wait] = []
        self._closed = False

    def heard(self, loud: bool) -> None:
        self._quiet_ms = 0 if loud else self._quiet_ms + FRAME_MS
        if self._quiet_ms >= BREATH_MS:
            self._voice_ms = 0
        elif loud or self._voice_ms:
            self._voice_ms += FRAME_MS
        for wait in [wait for wait in self._waits if wait.look(self._voice_ms, self._quiet_ms)]:
            self._waits.remove(wait)
            wait.settle(True)

    def begin_anew(self) -> None:
        """What was heard until now belongs to something else."""
        self._voice_ms = 0

    async def moment(self, moment: Moment) -> None:
        """Waits for it; what was heard before counts for a voice that still sounds. MomentGone."""
        if self._closed:
            raise MomentGone
        wait = _Wait(moment)
        self._waits.append(wait)
        if not await wait.come:
            raise MomentGone

    def close(self) -> None:
        self._closed = True
        for wait in self._waits:
            wait.settle(False)
