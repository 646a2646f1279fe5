"""What staff have set for the conversation: how the voice speaks, and what it may agree to."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings

from calls.house import house_rules


@dataclass(frozen=True)
class Voice:
    """`tts_voice` and `opening_lines` are empty where the installation's own are to be used."""

    name: str
    tts_voice: str
    opening_lines: Mapping[str, str]
    callback_number: str


@dataclass(frozen=True)
class PlanLimits:
    """What a plan may be at most; `least_instalment` is in the invoice's currency."""

    most_instalments: int
    longest_days: int
    least_instalment: Decimal


@dataclass(frozen=True)
class TalkLimits:
    promise_within_days: int
    plan: PlanLimits
    payment_instructions: str


def agent_voice() -> Voice:
    rules = house_rules()
    return Voice(
        name=rules.agent_voice_name or settings.AGENT_VOICE_NAME,
        tts_voice=rules.tts_voice,
        opening_lines=rules.opening_lines,
        # The number that dials may have changed since this one was set; it is never said.
        callback_number=""
        if rules.callback_number == settings.TWILIO_PHONE_NUMBER
        else rules.callback_number,
    )


def talk_limits() -> TalkLimits:
    rules = house_rules()
    return TalkLimits(
        promise_within_days=rules.promise_within_days,
        plan=PlanLimits(
            most_instalments=rules.plan_most_instalments,
            longest_days=rules.plan_longest_days,
            least_instalment=rules.plan_least_instalment,
        ),
        payment_instructions=rules.payment_instructions or settings.PAYMENT_INSTRUCTIONS,
    )
