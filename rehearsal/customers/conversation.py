"""One conversation on the phone: turns heard and lines said, each noted in the carrier's ledger."""

from __future__ import annotations

import asyncio
from types import TracebackType

from rehearsal.carrier.line import Line

from .endpointer import Endpointer, Utterance
from .speech import SpeechClient, SpeechError


class Conversation:
    """Used as an async context manager around the whole call. It listens all the time, so that a person who is
    about to speak knows whether the other side has begun again."""

    def __init__(self, line: Line, speech: SpeechClient, voice: str) -> None:
        self.line = line
        self._speech = speech
        self._voice = voice
        self._endpointer = Endpointer()
        self._utterances: asyncio.Queue[Utterance | None] = asyncio.Queue()
        self._listener: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Conversation:
        await self._speech.__aenter__()
        self._listener = asyncio.create_task(self._listen())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.gather(self._listener, return_exceptions=True)
        await self._speech.__aexit__(kind, error, trace)

    async def turn(self) -> str | None:
        """What the other side said in its next turn, "" for speech that was not understood, None when the call is over.
        The turn has ended when the answer is about to begin and the other side is still silent."""
        heard: list[str] = []
        while True:
            utterance = await self._utterances.get()
            if utterance is None:
                return None
            text = await self._understand(utterance)
            if text is not None:
                heard.append(text)
            if heard and self._utterances.empty() and not self._endpointer.speaking:
                return " ".join(filter(None, heard))

    async def say(self, text: str) -> None:
        """Speaks; returns when it has gone into the phone. A mouth that fails is noted and says nothing."""
        try:
            audio = await self._speech.speak(text, self._voice)
        except SpeechError as error:
            self.line.note("mouth_failed", why=str(error))
            return
        start_ms = self.line.now_ms
        try:
            await self.line.say(audio)
        finally:
            self.line.said(text, start_ms, self.line.now_ms)

    async def _understand(self, utterance: Utterance) -> str | None:
        """None when the ears failed: a person who heard nothing has nothing to answer."""
        try:
            text = await self._speech.understand(utterance.audio)
        except SpeechError as error:
            self.line.note("ears_failed", why=str(error))
            return None
        self.line.heard_text(text, utterance.start_ms, utterance.end_ms)
        return text

    async def _listen(self) -> None:
        async for frame in self.line.heard():
            utterance = self._endpointer.feed(self.line.heard_ms, frame)
            if utterance is not None:
                self._utterances.put_nowait(utterance)
        self._utterances.put_nowait(None)
