"""Refuses to start without what a real installation needs.

A system check, so `manage.py` commands that serve ask it by themselves; the ASGI application and Celery ask it too.
"""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured

NEEDED = (
    "DJANGO_SECRET_KEY",
    "LIVEKIT_URL",
    "LIVEKIT_API_KEY",
    "LIVEKIT_API_SECRET",
    "TWILIO_ACCOUNT_SID",
    "TWILIO_AUTH_TOKEN",
    "TWILIO_PHONE_NUMBER",
    "OPENAI_API_KEY",
    "BUSINESS_LEGAL_NAME",
)
SHORTEST = {"DJANGO_SECRET_KEY": 50, "LIVEKIT_API_SECRET": 32}
PLACEHOLDERS = ("django-insecure", "changeme", "change-me")


MODES = ("voice", "announce")
LONGEST_INSTRUCTIONS = 300


@register()
def settings_are_understood(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """One error for each setting whose value nothing can be made of."""
    problems = {
        f"AGENT_MODE is one of {', '.join(MODES)}": settings.AGENT_MODE in MODES,
        f"PAYMENT_INSTRUCTIONS has more than {LONGEST_INSTRUCTIONS} characters": (
            len(settings.PAYMENT_INSTRUCTIONS) <= LONGEST_INSTRUCTIONS
        ),
    }
    return [
        Error(f"{text}.", hint="See .env.example.", id="phantompay.E002")
        for text, fine in problems.items()
        if not fine
    ]


@register(Tags.security)
def secrets_are_set(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """One error for each setting that is missing or weak. With DEBUG nothing is demanded."""
    if settings.DEBUG:
        return []
    problems = [(name, _problem(name, getattr(settings, name, ""))) for name in NEEDED]
    return [
        Error(f"{name} {problem}.", hint="See .env.example.", id="phantompay.E001")
        for name, problem in problems
        if problem
    ]


def refuse_unsafe_start() -> None:
    """Raise ImproperlyConfigured naming every setting that is missing, weak or not understood."""
    if errors := [*settings_are_understood(), *secrets_are_set()]:
        raise ImproperlyConfigured(
            "Not starting: " + " ".join(error.msg for error in errors) + " See .env.example."
        )


def _problem(name: str, value: str) -> str:
    if not value:
        return "is not set"
    if len(value) < SHORTEST.get(name, 1):
        return f"is shorter than {SHORTEST[name]} characters"
    if value.lower().startswith(PLACEHOLDERS):
        return "is a placeholder"
    return ""
