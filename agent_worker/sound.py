"""Speech as frames: made ahead of time, and followed on its way to the phone."""

import asyncio
from collections.abc import AsyncIterator, Callable

from livekit import rtc
from livekit.agents import AgentSession, tts
from livekit.agents.voice import io
from livekit.agents.voice.transcription import TranscriptSynchronizer

from agent_worker.pace import PARTS, Words, parts


async def synthesize(voice: tts.TTS, text: str) -> list[rtc.AudioFrame]:
    """The whole of `text` as frames. Raises livekit's APIError when the speech service does not answer."""
    async with voice.synthesize(text) as stream:
        return [audio.frame async for audio in stream]


async def replay(frames: list[rtc.AudioFrame]) -> AsyncIterator[rtc.AudioFrame]:
    """The frames as a stream; yields to the loop, so that an interruption is noticed between them."""
    for frame in frames:
        yield frame
        await asyncio.sleep(0)


class PhoneAudio(io.AudioOutput):
    """Passes the agent's speech on, and says at once when it is cut off while it sounds.

    The room has no way to take back what was sent; `on_cut` is where the phone is asked to drop it.
    """

    def __init__(self, sink: io.AudioOutput, on_cut: Callable[[], None]) -> None:
        super().__init__(
            label="PhoneAudio",
            capabilities=io.AudioOutputCapabilities(pause=True),
            next_in_chain=sink,
            sample_rate=sink.sample_rate,
        )
        self._on_cut = on_cut
        self._sounding = False

    @property
    def _sink(self) -> io.AudioOutput:
        assert self.next_in_chain is not None
        return self.next_in_chain

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await super().capture_frame(frame)
        await self._sink.capture_frame(frame)

    def flush(self) -> None:
        super().flush()
        self._sink.flush()

    def clear_buffer(self) -> None:
        self._cut()
        self._sink.clear_buffer()

    def pause(self) -> None:
        super().pause()
        self._cut()

    def resume(self) -> None:
        super().resume()
        # What was paused goes on and can be cut again; if nothing is left, this is of no consequence.
        self._sounding = self._pending_playback_count > 0

    def on_playback_started(self, *, created_at: float) -> None:
        self._sounding = True
        super().on_playback_started(created_at=created_at)

    def on_playback_finished(
        self, *, playback_position: float, interrupted: bool, synchronized_transcript: str | None = None
    ) -> None:
        self._sounding = False
        super().on_playback_finished(
            playback_position=playback_position,
            interrupted=interrupted,
            synchronized_transcript=synchronized_transcript,
        )

    def _cut(self) -> None:
        if self._sounding:
            self._sounding = False
            self._on_cut()


def attach(session: AgentSession, on_cut: Callable[[], None]) -> TranscriptSynchronizer:
    """Put PhoneAudio before the room's output, and before that the clock that knows how far a text was heard.

    The clock's text goes nowhere: the room carries sound only. Close what is returned after the session.
    """
    sink = session.output.audio
    assert sink is not None
    clock = TranscriptSynchronizer(
        next_in_chain_audio=PhoneAudio(sink, on_cut),
        next_in_chain_text=None,
        # Livekit's own pace is in syllables.
        speed=PARTS,
        hyphenate_word=parts,
        word_tokenizer=Words(),
    )
    session.output.audio = clock.audio_output
    session.output.transcription = clock.text_output
    return clock
