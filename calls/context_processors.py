"""What every page may show."""

from typing import Any

from django.http import HttpRequest

from calls.house import calls_stopped


def house(request: HttpRequest) -> dict[str, Any]:
    """`calls_stopped` asks the database when a template names it, so that fragments cost nothing."""
    return {"calls_stopped": calls_stopped}
