"""When the announcement speaks in the agent's place."""

from django.conf import settings

from calls.house import house_rules

ANNOUNCE = "announce"


def announces_always() -> bool:
    """AGENT_MODE: no agent is asked for, in any call."""
    return bool(settings.AGENT_MODE == ANNOUNCE)


def announcement_stands_in() -> bool:
    """Whether a call without an agent (none free, the models away or their budget spent, the audio server down) is
    announced."""
    return announces_always() or house_rules().announcement_fallback
