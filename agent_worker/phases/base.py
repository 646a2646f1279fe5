"""What the phases share: every utterance goes to the transcript, and a call that is ending answers nothing."""

import time
from collections.abc import AsyncGenerator, AsyncIterable
from typing import Any

from livekit import rtc
from livekit.agents import Agent, ModelSettings, StopResponse, stt
from livekit.agents.llm import ChatContext, ChatMessage

from agent_worker.providers import SPEECH_SECONDS
from agent_worker.talk import Talk


class Phase(Agent):
    """A phase of the conversation held by `talk`."""

    def __init__(self, talk: Talk, *, instructions: str) -> None:
        super().__init__(instructions=instructions)
        self.talk = talk

    async def stt_node(
        self, audio: AsyncIterable[rtc.AudioFrame], model_settings: ModelSettings
    ) -> AsyncGenerator[stt.SpeechEvent, None]:
        """The recogniser's events as they are; what was said is noted with the times of the voice itself."""
        start = end = time.time()
        async for event in Agent.default.stt_node(self, audio, model_settings):
            if event.type == stt.SpeechEventType.START_OF_SPEECH:
                start = time.time() - SPEECH_SECONDS
            elif event.type == stt.SpeechEventType.END_OF_SPEECH:
                end = event.speech_end_time or time.time()
            elif event.type == stt.SpeechEventType.FINAL_TRANSCRIPT and self.talk.turns is not None:
                text = event.alternatives[0].text.strip()
                if text:
                    self.talk.turns.caller_said(text, start=start, end=end, recognised=time.time())
            yield event

    async def on_user_turn_completed(self, turn_ctx: ChatContext, new_message: ChatMessage) -> None:
        if self.talk.ending:
            raise StopResponse

    def speak(self, text: str, **options: Any) -> None:
        """Say a fixed line; the tool that says it returns None, so that the model adds nothing."""
        self.session.say(text, **options)
