"""Eyes on a running conversation: silence, speech without words, models that fail, and calls without end."""

import asyncio
import logging

from django.conf import settings
from livekit import rtc
from livekit.agents import AgentSession, ErrorEvent, UserStateChangedEvent
from livekit.agents.voice.events import (
    AgentStateChangedEvent,
    UserInputTranscribedEvent,
    UserTranscriptionTimeoutEvent,
)

from agent_worker import lines, wishes
from agent_worker.providers import INTERRUPTION_SECONDS
from agent_worker.sound import replay
from agent_worker.talk import Talk
from calls.models import Disposition

logger = logging.getLogger(__name__)

# How often to ask into a silence before giving up.
SILENCE_PROMPTS = 2
# How often in a row to ask for words that were not understood; after that silence has its turn.
REPEAT_PROMPTS = 3
# Attempts of one model in a row that fail before the call is given up.
FAILURES = 4
TURNS = 60
# The conversation ends before the carrier's limit cuts it off.
LIMIT_MARGIN_SECONDS = 30


class Watch:
    """Ends the talk in words, through `Talk.end`, when it can't go on by itself."""

    def __init__(self, talk: Talk, session: AgentSession) -> None:
        self._talk = talk
        self._session = session
        self._silences = 0
        self._turns_before = 0
        self._repeats = 0
        self._failures: dict[str, int] = {}
        # The models have failed for good.
        self._gone = False
        self._limit: asyncio.TimerHandle | None = None
        # When the agent last fell silent.
        self._agent_spoke_at = 0.0
        # Sound made beforehand: when the speech service is what fails, it can still be said.
        self.apology: list[rtc.AudioFrame] = []

    def start(self) -> None:
        session = self._session
        session.on("user_state_changed", self._user_state)
        session.on("agent_state_changed", self._agent_state)
        session.on("user_input_transcribed", self._transcribed)
        session.on("user_transcription_timeout", self._no_words)
        session.on("error", self._error)
        seconds = max(LIMIT_MARGIN_SECONDS, settings.CALL_LIMIT_SECONDS - LIMIT_MARGIN_SECONDS)
        self._limit = asyncio.get_running_loop().call_later(seconds, self._too_long)

    def stop(self) -> None:
        if self._limit is not None:
            self._limit.cancel()

    def _user_state(self, event: UserStateChangedEvent) -> None:
        if event.new_state != "away" or self._talk.ending:
            return
        if self._talk.caller_turns != self._turns_before:
            # Keys are no silence.
            self._turns_before, self._silences = self._talk.caller_turns, 0
        self._silences += 1
        if self._silences > SILENCE_PROMPTS:
            self._give_up()
            return
        hint = getattr(self._session.current_agent, "keys_hint", "") if self._talk.is_disclosed else ""
        handle = self._session.say(f"{lines.ARE_YOU_THERE} {hint}".strip())
        handle.add_done_callback(lambda _: self._session.reset_away_timer())

    def _give_up(self) -> None:
        if self._talk.verified:
            self._talk.end(Disposition.UNRESOLVED, line=lines.NO_RESPONSE, reason="The customer fell silent.")
        else:
            self._talk.end(Disposition.NO_RESPONSE, line=lines.NO_RESPONSE, reason="Nobody answered.")

    def _transcribed(self, event: UserInputTranscribedEvent) -> None:
        if not event.is_final:
            return
        self._silences = self._repeats = 0
        self._failures.pop("stt_error", None)
        if self._talk.caller_turns >= TURNS:
            self._too_long()

    def _agent_state(self, event: AgentStateChangedEvent) -> None:
        if event.old_state == "speaking":
            self._agent_spoke_at = event.created_at
        if event.new_state == "speaking":
            self._failures.pop("llm_error", None)
            self._failures.pop("tts_error", None)

    def _no_words(self, event: UserTranscriptionTimeoutEvent) -> None:
        over_agent = event.vad_speech_started_at < self._agent_spoke_at
        if not over_agent or event.speech_duration >= INTERRUPTION_SECONDS:
            self._ask_again()

    def _ask_again(self) -> None:
        if self._talk.ending or self._repeats >= REPEAT_PROMPTS or self._session.current_speech is not None:
            return
        self._repeats += 1
        self._session.say(lines.SAY_AGAIN)

    def _error(self, event: ErrorEvent) -> None:
        kind = getattr(event.error, "type", "error")
        self._failures[kind] = self._failures.get(kind, 0) + 1
        logger.warning("call %s: %s, attempt %d", self._talk.records.call_id, kind, self._failures[kind])
        if self._failures[kind] >= FAILURES:
            self._models_away()
        elif not getattr(event.error, "recoverable", True) and kind != "tts_error":
            self._ask_again()

    def _models_away(self) -> None:
        """A phone is left neither in silence nor with half a talk: keys go on, or an apology ends the call. Once."""
        if not self._gone and not self._talk.ending:
            self._gone = True
            self._talk.spawn(self._go_on_without())

    async def _go_on_without(self) -> None:
        if not await wishes.by_keys(self._talk, "The voice models did not answer."):
            self._apologize()

    def _apologize(self) -> None:
        reason = "The speech service did not answer."
        if self.apology:
            self._talk.end(
                Disposition.UNRESOLVED, line=lines.APOLOGY, audio=replay(self.apology), reason=reason
            )
        else:
            self._talk.end(Disposition.UNRESOLVED, reason=reason)

    def _too_long(self) -> None:
        self._talk.end(Disposition.UNRESOLVED, line=lines.TOO_LONG, reason="The call had become too long.")
