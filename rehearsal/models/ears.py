"""A few listening processes: pocketsphinx keeps the GIL while it decodes, so it works outside the server's process."""

from __future__ import annotations

import asyncio
import ctypes
import logging
import multiprocessing
import os
import signal
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from .recogniser import Recogniser
from .sound import Samples

log = logging.getLogger(__name__)

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>

_recogniser: Recogniser | None = None  # one a process, built by `_prepare`


class EarLost(RuntimeError):
    """A listening process died under an utterance; another has taken its place."""


class Ears:
    """*count* recognisers, each in a process of its own, each hearing one utterance at a time."""

    def __init__(self, count: int) -> None:
        self._ears = [_new_ear() for _ in range(count)]
        self._free: asyncio.Queue[ProcessPoolExecutor] = asyncio.Queue()
        self.ready = False

    async def open(self) -> None:
        """Starts the processes; returns when all can listen."""
        loop = asyncio.get_running_loop()
        await asyncio.gather(*(loop.run_in_executor(ear, _is_prepared) for ear in self._ears))
        for ear in self._ears:
            self._free.put_nowait(ear)
        self.ready = True

    async def transcribe(self, samples: Samples, rate: int, grammar: str) -> str:
        """What *samples* say, written; "" for nothing. Waits for a free ear. Raises `EarLost`."""
        ear = await self._free.get()
        try:
            return await asyncio.get_running_loop().run_in_executor(ear, _transcribe, samples, rate, grammar)
        except BrokenProcessPool:
            log.warning("a listening process died; starting another")
            self._ears.remove(ear)
            ear.shutdown(wait=False)
            ear = _new_ear()
            self._ears.append(ear)
            raise EarLost from None
        finally:
            self._free.put_nowait(ear)

    def close(self) -> None:
        """Ends the processes, after what they are doing."""
        self.ready = False
        for ear in self._ears:
            ear.shutdown(cancel_futures=True)


def _new_ear() -> ProcessPoolExecutor:
    # spawn: the server has threads, and a fork would copy their locks
    return ProcessPoolExecutor(
        1, mp_context=multiprocessing.get_context("spawn"), initializer=_prepare, initargs=(os.getpid(),)
    )


def _prepare(parent: int) -> None:
    """In the child: ends with its parent, leaves Ctrl-C to it, loads the model."""
    global _recogniser
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _recogniser = Recogniser()


def _is_prepared() -> bool:
    return _recogniser is not None


def _transcribe(samples: Samples, rate: int, grammar: str) -> str:
    assert _recogniser is not None, "the initializer has run"
    return _recogniser.transcribe(samples, rate, grammar)
