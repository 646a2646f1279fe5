"""How calls are written on pages."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from itertools import zip_longest
from typing import Any

from django import template
from django.utils.formats import date_format

from calls.models import Call, Disposition
from calls.policy.places import city_of
from calls.states import Status
from invoices.models import Customer
from invoices.money import amount_text

register = template.Library()

STEP_TEXTS = {
    "call_requested": "Requested",
    "call_blocked": "Blocked by the policy",
    "call_placing": "Getting the agent ready",
    "call_unknown": "The carrier's answer is awaited",
    "call_dialling": "Dialling",
    "call_ringing": "Ringing",
    "call_in_progress": "Answered",
    "call_completed": "Phone down",
    "call_busy": "Busy",
    "call_no_answer": "No answer",
    "call_failed": "Failed",
    "call_canceled": "Cancelled",
    "call_concluded": "Outcome noted",
    "call_waiting": "Waiting in our queue",
    "carrier_error": "The carrier answered with an error",
    "carrier_accepted": "Taken by the carrier",
    "stream_opened": "Connected to the agent",
    "stream_closed": "Audio closed",
    "agent_ready": "Agent ready in the room",
    "identity_verified": "Right party verified",
    "identity_failed": "An answer was wrong",
    "promise_agreed": "Promise confirmed",
    "plan_agreed": "Plan confirmed",
    "agreement_withdrawn": "What was agreed is taken back",
    "payment_claimed": "Says it is paid",
    "dispute_reported": "Dispute",
    "hardship_reported": "Hardship",
    "callback_agreed": "Callback agreed",
    "copy_requested": "Asks for a copy",
    "language_barrier": "Speaks another language",
    "message_declined": "No message left",
    "complaint_noted": "Complaint",
    "call_reviewed": "Looked at by the rules",
    "call_corrected": "Corrected",
    "announcement_begun": "The scripted announcement speaks",
    "opted_out": "Wants no more calls; kept",
    "restricted": "Gave a reason for no contact; kept",
    "hours_restricted": "Asked not to be called at such a time; kept",
    "callback_wanted": "Wants a human to ring back",
    "transfer_started": "A colleague is being rung",
    "confirmation_asked": "A message is to be sent",
    "confirmation_queued": "Message taken by the carrier",
    "confirmation_sent": "Message sent",
    "confirmation_delivered": "Message delivered",
    "confirmation_undelivered": "Message not delivered",
    "confirmation_failed": "Message refused by the carrier",
    "confirmation_unknown": "The message may have been sent",
    "dial_asked": "The carrier is asked to dial",
    "retry_planned": "Another call planned",
    "retry_postponed": "The other call waits",
    "retry_made": "Rung again",
    "retry_withdrawn": "No other call",
}

# The way of a call that is answered; the first four are passed in this order.
TRACK = (
    (Status.REQUESTED, "Requested"),
    (Status.PLACING, "Getting ready"),
    (Status.DIALLING, "Dialling"),
    (Status.RINGING, "Ringing"),
    (Status.IN_PROGRESS, "Connected"),
)

GOOD = {
    Disposition.PROMISE_TO_PAY,
    Disposition.PARTIAL_PROMISE,
    Disposition.PAYMENT_PLAN,
    Disposition.LINK_SENT,
    Disposition.TRANSFERRED,
    Disposition.CALLBACK,
}
STOPPED = {
    Disposition.FAILED,
    Disposition.BLOCKED_BY_POLICY,
    Disposition.INVALID_NUMBER,
    Disposition.STOP_CALLING,
    Disposition.ATTORNEY,
    Disposition.BANKRUPTCY,
    Disposition.DECEASED,
}

USAGE_TEXTS = {
    "seconds": ("Time of the agent", "s"),
    "llm_input_tokens": ("Language model, tokens read", ""),
    "llm_cached_tokens": ("of these from its cache", ""),
    "llm_output_tokens": ("Language model, tokens written", ""),
    "stt_seconds": ("Speech recognised", "s"),
    "tts_characters": ("Speech made, characters", ""),
    "tts_seconds": ("Speech made", "s"),
}


@register.filter
def clock(ms: int) -> str:
    """Milliseconds of the recording as m:ss."""
    return f"{ms // 60000}:{ms // 1000 % 60:02d}"


@register.filter
def step_text(kind: str) -> str:
    if kind.startswith("sweep_"):
        return "Found by the sweep"
    return STEP_TEXTS.get(kind, kind.replace("_", " ").capitalize())


@register.filter
def track(call: Call) -> Iterator[tuple[str, str]]:
    """(label, "done" | "now" | "todo") for each station, the last being the end."""
    states = [state for state, _ in TRACK]
    at = {**{state: n for n, state in enumerate(states)}, Status.UNKNOWN: 2}.get(Status(call.status))
    if at is None:
        reached = 5 if call.answered_at else 4 if call.carrier_sid else 2 if call.placed_at else 1
        for number, (_, label) in enumerate(TRACK):
            yield label, "done" if number < reached else "skipped"
        yield call.get_status_display(), "now"
        return
    for number, (_, label) in enumerate(TRACK):
        yield label, "done" if number < at else "now" if number == at else "todo"
    yield "Outcome", "todo"


@register.filter
def tone(call: Call) -> str:
    """Colour of a call's badge: live, good, stopped or plain."""
    if call.is_live:
        return "live"
    if call.disposition in GOOD:
        return "good"
    return "stopped" if call.disposition in STOPPED else "plain"


@register.filter
def outcome(call: Call) -> str:
    """What a list says of a call: its disposition, or where it is."""
    if call.is_live or not call.disposition:
        return call.get_status_display()
    return call.get_disposition_display()


@register.filter
def talk_time(call: Call) -> str:
    if call.answered_at is None or call.ended_at is None:
        return ""
    return duration((call.ended_at - call.answered_at).total_seconds())


def duration(seconds: float) -> str:
    whole = max(0, round(seconds))
    return f"{whole // 60} min {whole % 60:02d} s" if whole >= 60 else f"{whole} s"


@register.filter
def since(at: datetime, now: datetime) -> str:
    """How long that is ago, in the largest two units that matter."""
    seconds = max(0.0, (now - at).total_seconds())
    return (
        duration(seconds) if seconds < 3600 else f"{seconds // 3600:.0f} h {seconds % 3600 // 60:02.0f} min"
    )


@register.filter
def agreed_text(entry: Mapping[str, Any]) -> str:
    """One thing that was agreed, as a sentence; what can't be read is left out, never guessed."""
    kind = str(entry.get("kind", "")).replace("_", " ").capitalize()
    try:
        amount = amount_text(Decimal(str(entry["amount"])), str(entry["currency"]))
    except (KeyError, InvalidOperation):
        amount = ""
    try:
        by = f"{_day_word(entry)} " + date_format(date.fromisoformat(str(entry["date"])), "l j F Y")
    except (KeyError, ValueError):
        by = ""
    about = f"for {entry['invoice']}" if entry.get("invoice") else ""
    return " ".join([f"{kind}:", *filter(None, [amount, by, about])])


def _day_word(entry: Mapping[str, Any]) -> str:
    parts = entry.get("instalments")
    if isinstance(parts, list):
        return f"in {len(parts)} instalments from"
    return "on" if entry.get("kind") == "callback" else "by"


@register.filter
def usage_rows(usage: Mapping[str, Any]) -> list[tuple[str, str]]:
    rows = []
    for key, value in usage.items():
        label, unit = USAGE_TEXTS.get(key, (key.replace("_", " ").capitalize(), ""))
        rows.append((label, f"{_number(value)} {unit}".strip()))
    return rows


@register.filter
def counter_rows(media: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(key.replace("_", " ").capitalize(), _number(value)) for key, value in media.items()]


def _number(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


@register.filter
def slot_text(at: datetime, zone_now: datetime) -> str:
    """A coming time on the customer's clock, with its weekday; a week and more ahead with its date too."""
    near = at.date() - zone_now.date() < timedelta(days=7)
    return f"{date_format(at, 'l' if near else 'l j F')} {at:%H:%M}"


@register.filter
def town(customer: Customer) -> str:
    """Whose clock it is, in a word: the customer's city, or that of the stated zone."""
    return customer.city or city_of(customer.time_zone)


@register.filter
def clause(sentence: str) -> str:
    """A reason's sentence as it stands after “because”."""
    plain = sentence[1:2].islower() or sentence[1:2] == " "
    return (sentence[:1].lower() + sentence[1:] if plain else sentence).rstrip(".")


@register.filter
def clocks_read(facts: Mapping[str, Any]) -> list[tuple[str, datetime | None]]:
    """(zone, local time) for each zone that a stored decision considered."""
    zones = facts.get("zones", [])
    times = [datetime.fromisoformat(each).replace(tzinfo=None) for each in facts.get("local_times", [])]
    return list(zip_longest(zones, times[: len(zones)]))


@register.filter
def instant(at: datetime | str | None) -> datetime | None:
    """An instant as a decision has it, or as it was stored."""
    return datetime.fromisoformat(at) if isinstance(at, str) else at
