"""The network's half of a line, for tests: moves frames, keeps what the person said, and knows when they hung up."""

import asyncio
import time

import numpy as np

from rehearsal.carrier.ledger import CallRecord
from rehearsal.carrier.line import FRAME, FRAME_MS, SILENCE, Line
from rehearsal.carrier.mulaw import RATE, decode, encode
from rehearsal.customers.speech import SpeechClient, SpeechError

PATIENCE_MS = 60_000


class Phone:
    """An answered call with one person on it. `pace` is the real time of one 20 ms frame, in seconds."""

    def __init__(self, person, speech=None, pace=0.0):
        self.record = CallRecord(sid="CA1", to="+1", from_="+2", persona="test")
        self.record.answered(time.monotonic())
        self.hung_up = False
        self.line = Line(self.record, on_press=lambda digit: None, on_hang_up=self._hang_up)
        self.person = person
        self.speech = speech
        self.position_ms = 0
        self.spoken = []  # (position, frame) of everything the person said
        self._pace = pace

    async def __aenter__(self):
        self.talk = asyncio.create_task(self.person.talk(self.line))
        return self

    async def __aexit__(self, *_):
        self.line.close()
        self.talk.cancel()
        await asyncio.gather(self.talk, return_exceptions=True)

    def _hang_up(self):
        self.hung_up = True

    async def tick(self, frame=SILENCE):
        said = self.line.next_spoken()
        if said is not None:
            self.spoken.append((self.position_ms, said))
        self.line.deliver(self.position_ms, frame)
        self.position_ms += FRAME_MS
        for _ in range(4):  # hops between the tasks of one frame
            await asyncio.sleep(0)
        if self._pace:
            await asyncio.sleep(self._pace)
        return said

    async def play(self, audio):
        for start in range(0, len(audio), FRAME):
            await self.tick(audio[start : start + FRAME].ljust(FRAME, b"\xff"))

    async def quiet(self, ms):
        await self.play(SILENCE * (ms // FRAME_MS))

    async def until(self, condition, patience_ms=PATIENCE_MS * 20):
        """Silence on the line until something has come about."""
        for _ in range(patience_ms // FRAME_MS):
            if condition():
                return
            await self.tick()
        raise TimeoutError("it never came about")

    async def reply(self, patience_ms=PATIENCE_MS):
        """The audio of what the person says next, to its end; nothing when they stay silent for that long."""
        audio = b""
        for _ in range(patience_ms // FRAME_MS):
            said = await self.tick()
            if said is None and audio:
                return audio
            audio += said or b""
        return audio

    def said(self):
        return [line["text"] for line in self.record.said]

    def heard(self):
        return [line["text"] for line in self.record.heard]

    def kinds(self):
        return [event["kind"] for event in self.record.events]


class Tones(SpeechClient):
    """Ears and a mouth without a server: each text is a tone of its own, so audio still is all that a person gets."""

    def __init__(self, *, deaf=False, mute=False):
        super().__init__("http://127.0.0.1:9/v1")
        self.deaf, self.mute = deaf, mute
        self.texts = []

    async def speak(self, text, voice=""):
        if self.mute:
            raise SpeechError("audio/speech: HTTP 500")
        if text not in self.texts:
            self.texts.append(text)
        at = np.arange(RATE * 3 // 5) / RATE
        pitch = 300 + 50 * self.texts.index(text)
        return encode((6000 * np.sin(2 * np.pi * pitch * at)).astype(np.int16))

    async def understand(self, ulaw):
        if self.deaf:
            raise SpeechError("audio/transcriptions: HTTP 500")
        spectrum = np.abs(np.fft.rfft(decode(ulaw).astype(float)))
        pitch = np.argmax(spectrum) * RATE / (2 * (len(spectrum) - 1))
        number = round((pitch - 300) / 50)
        return self.texts[number] if 0 <= number < len(self.texts) else ""
