"""Refuses to start without what a real installation needs."""

from collections.abc import Mapping

from django.core.exceptions import ImproperlyConfigured

SHORTEST = {"DJANGO_SECRET_KEY": 50, "LIVEKIT_API_SECRET": 32}
WEAK = ("django-insecure", "changeme", "change-me")


def refuse_weak_secrets(*, debug: bool, values: Mapping[str, str]) -> None:
    """Raise ImproperlyConfigured naming every setting that is missing or weak. With `debug` nothing is demanded."""
    if debug:
        return
    problems = [f"{name} {problem}" for name, value in values.items() if (problem := _problem(name, value))]
    if problems:
        raise ImproperlyConfigured("Not starting: " + "; ".join(problems) + ". See .env.example.")


def _problem(name: str, value: str) -> str:
    if not value:
        return "is not set"
    if len(value) < SHORTEST.get(name, 1):
        return f"is shorter than {SHORTEST[name]} characters"
    if value.lower().startswith(WEAK):
        return "is a placeholder"
    return ""
