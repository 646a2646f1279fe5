"""<Gather>: what a caller presses or says, cut as Twilio cuts it (Twilio docs: "TwiML Voice: Gather")."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable

from .equipment import Equipment
from .handset import VOICE_LEVEL, Handset
from .line import FRAME_MS
from .mulaw import level
from .speech import SpeechFailed
from .twiml import Gather

ONSET, ONSET_WINDOW = 3, 5  # loud frames within a window: a click is no speech
LEAD = 200 // FRAME_MS  # frames kept from before the onset
LONGEST = 60_000 // FRAME_MS  # Twilio docs: speech is cut after 60 seconds
CONFIDENCE = "0.9"


class Gathering:
    """One <Gather> on one handset. The first input wins: a key ends listening, speech ends waiting for keys."""

    def __init__(self, verb: Gather, equipment: Equipment, handset: Handset) -> None:
        self._verb = verb
        self._equipment = equipment
        self._handset = handset
        self._digits = ""
        self._finished_on = ""
        self._begun = asyncio.Event()  # the first key, or the onset of speech
        self._stirred = asyncio.Event()  # another key
        self._complete = asyncio.Event()
        self._recent: deque[tuple[bytes, bool]] = deque(maxlen=LEAD + ONSET_WINDOW)
        self._speech: list[bytes] = []
        self._quiet = 0

    async def run(self, prompt: Callable[[], Awaitable[None]]) -> dict[str, str]:
        """Plays the prompt, which the first input cuts off, then waits; the parameters of the action, Digits or
        SpeechResult; empty when nothing came."""
        self._handset.listener = self
        self._handset.record.event("gather", input=" ".join(sorted(self._verb.inputs)))
        try:
            await self._play(prompt)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._begun.wait(), self._verb.timeout)
            if self._digits or self._finished_on:
                return await self._keys()
            return await self._words() if self._speech else {}
        finally:
            self._handset.listener = None

    async def _play(self, prompt: Callable[[], Awaitable[None]]) -> None:
        playing = asyncio.ensure_future(prompt())
        begun = asyncio.create_task(self._begun.wait())
        try:
            await asyncio.wait({playing, begun}, return_when=asyncio.FIRST_COMPLETED)
            if playing.done():
                playing.result()  # what can't be played is the application's error
        finally:
            for task in (playing, begun):
                task.cancel()
            await asyncio.gather(playing, begun, return_exceptions=True)

    async def _keys(self) -> dict[str, str]:
        """Each key gives the next one the whole timeout."""
        while not self._complete.is_set():
            self._stirred.clear()
            try:
                await asyncio.wait_for(self._stirred.wait(), self._verb.timeout)
            except TimeoutError:
                break
        if not self._digits:
            return {}
        return {"Digits": self._digits, "FinishedOnKey": self._finished_on}

    async def _words(self) -> dict[str, str]:
        await self._complete.wait()
        self._handset.listener = None
        try:
            said = await self._equipment.speech.understand(b"".join(self._speech))
        except SpeechFailed as failure:
            self._handset.record.event("ears_failed", why=str(failure))
            return {}
        return {"SpeechResult": said, "Confidence": CONFIDENCE} if said else {}

    # What the handset tells

    def pressed(self, digit: str) -> None:
        if "dtmf" not in self._verb.inputs or self._speech or self._complete.is_set():
            return
        if digit == self._verb.finish_on_key:
            self._finished_on = digit
            self._complete.set()
        else:
            self._digits += digit
            if len(self._digits) == self._verb.num_digits:
                self._complete.set()
        self._begun.set()
        self._stirred.set()

    def spoken(self, frame: bytes) -> None:
        if "speech" not in self._verb.inputs or self._digits or self._complete.is_set():
            return
        loud = level(frame) > VOICE_LEVEL
        if not self._speech:
            self._recent.append((frame, loud))
            if sum(loud for _, loud in list(self._recent)[-ONSET_WINDOW:]) >= ONSET:
                self._speech = [each for each, _ in self._recent]
                self._begun.set()
            return
        self._speech.append(frame)
        self._quiet = 0 if loud else self._quiet + 1
        if self._quiet * FRAME_MS >= self._verb.speech_timeout * 1000 or len(self._speech) >= LONGEST:
            self._complete.set()
