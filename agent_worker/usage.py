"""What a conversation consumed, summed over its models."""

from livekit.agents.metrics import AgentSessionUsage, LLMModelUsage, STTModelUsage, TTSModelUsage


def usage_of(usage: AgentSessionUsage, *, seconds: float) -> dict[str, float]:
    """Tokens, seconds of listening, characters spoken, and the seconds that the phone was in the room."""
    models = usage.model_usage
    llm = [model for model in models if isinstance(model, LLMModelUsage)]
    return {
        "llm_input_tokens": sum(model.input_tokens for model in llm),
        "llm_output_tokens": sum(model.output_tokens for model in llm),
        "stt_seconds": round(sum(m.audio_duration for m in models if isinstance(m, STTModelUsage)), 1),
        "tts_characters": sum(m.characters_count for m in models if isinstance(m, TTSModelUsage)),
        "seconds": round(seconds, 1),
    }
