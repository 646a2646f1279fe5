"""How the agent listens and takes turns: livekit's options for a telephone call, each with its reason."""

from typing import Any

from livekit.agents import AgentSession, APIConnectOptions
from livekit.agents.voice.agent_session import SessionConnectOptions
from livekit.agents.voice.room_io import AudioInputOptions, RoomOptions

from agent_worker.phone import IDENTITY
from agent_worker.providers import END_OF_SPEECH_SECONDS, INTERRUPTION_SECONDS, Models
from agent_worker.talk import Talk

# Nobody speaks for this long: ask whether they are there.
AWAY_SECONDS = 8.0
# Speech was heard and no words came of it: ask them to say it again.
NO_WORDS_SECONDS = 5.0
# A request to a model is tried four times in all before the call is given up.
_CONNECT = APIConnectOptions(max_retry=3, retry_interval=0.5, timeout=6.0)


def session_build(models: Models, talk: Talk) -> AgentSession[Talk]:
    """A session for one call. Needs a running event loop."""
    session: AgentSession[Talk] = AgentSession(
        stt=models.stt,
        llm=models.llm,
        tts=models.tts,
        vad=models.vad,
        userdata=talk,
        turn_handling={
            "turn_detection": "vad",
            # Counted from the last sound, as the voice detector's own silence is: no wait on top of it.
            "endpointing": {"mode": "fixed", "min_delay": END_OF_SPEECH_SECONDS, "max_delay": 3.0},
            # The default mode asks a hosted service. A cough that leaves no words lets the agent go on after a second.
            "interruption": {
                "enabled": True,
                "mode": "vad",
                "min_duration": INTERRUPTION_SECONDS,
                "resume_false_interruption": True,
                "false_interruption_timeout": 1.0,
            },
            "preemptive_generation": {"enabled": True},
        },
        # The default is deaf to barge-in while the agent speaks its first three seconds.
        aec_warmup_duration=None,
        user_away_timeout=AWAY_SECONDS,
        transcription_timeout=NO_WORDS_SECONDS,
        # The default adds two seconds of dead air at the end.
        session_close_transcript_timeout=0,
        conn_options=SessionConnectOptions(
            stt_conn_options=_CONNECT, llm_conn_options=_CONNECT, tts_conn_options=_CONNECT
        ),
        stt_context_options={"forward_chat_context": False},
    )
    talk.watch(session)
    return session


def start_options() -> dict[str, Any]:
    """For `session.start`: audio with `phone` and nothing else, nothing recorded or shown by the framework."""
    return {
        "room_options": RoomOptions(
            audio_input=AudioInputOptions(
                sample_rate=16000, frame_size_ms=20, auto_gain_control=False, pre_connect_audio=False
            ),
            text_input=False,
            text_output=False,
            participant_identity=IDENTITY,
            # The job concludes the call first, then closes.
            close_on_disconnect=False,
        ),
        # No remote control or observation of the conversation through the room.
        "session_host": False,
        "record": False,
    }
