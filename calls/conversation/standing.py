"""What stands agreed in a call: one promise or plan, and one callback. A later one takes the place of an earlier."""

from typing import Any

from calls.models import Call

Entry = dict[str, Any]
AGREEMENTS = ("promise_to_pay", "payment_plan")
CALLBACK = "callback"


def agreement_standing(call: Call) -> Entry | None:
    """The promise or plan, as `Call.agreed` has it."""
    return next((entry for entry in call.agreed if entry.get("kind") in AGREEMENTS), None)


def callback_standing(call: Call) -> Entry | None:
    return next((entry for entry in call.agreed if entry.get("kind") == CALLBACK), None)


def agreement_stands(call: Call, entry: Entry | None) -> None:
    """Put this promise or plan, or none, in the place of what stood. The call is under lock."""
    _set(
        call, [*filter(None, [entry]), *(each for each in call.agreed if each.get("kind") not in AGREEMENTS)]
    )


def callback_stands(call: Call, entry: Entry) -> None:
    _set(call, [*(each for each in call.agreed if each.get("kind") != CALLBACK), entry])


def _set(call: Call, entries: list[Entry]) -> None:
    call.agreed = entries
    Call.objects.filter(pk=call.pk).update(agreed=entries)
