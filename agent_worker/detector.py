"""Who speaks, and for how long: livekit's voice detector, which counts the silence after a voice as voice too."""

from dataclasses import replace

from livekit import rtc
from livekit.agents import inference, vad


class VoiceDetector(inference.VAD):
    """Its events' `speech_duration` leaves out the silence that the voice may have ended with.

    Livekit interrupts the agent by that duration, and counts half a second of silence into it before it knows that
    somebody has stopped: with that, the shortest “mhm” would cut a sentence off.
    """

    def stream(self) -> vad.VADStream:
        return _VoiceAlone(super().stream())


class _VoiceAlone(vad.VADStream):
    """Another stream, with its events put right."""

    def __init__(self, stream: vad.VADStream) -> None:
        self._stream = stream

    async def _main_task(self) -> None:
        """The other stream has its own."""

    def push_frame(self, frame: rtc.AudioFrame) -> None:
        self._stream.push_frame(frame)

    def flush(self) -> None:
        self._stream.flush()

    def end_input(self) -> None:
        self._stream.end_input()

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def __anext__(self) -> vad.VADEvent:
        event = await self._stream.__anext__()
        if event.type != vad.VADEventType.INFERENCE_DONE:
            return event
        return replace(event, speech_duration=max(0.0, event.speech_duration - event.raw_accumulated_silence))
