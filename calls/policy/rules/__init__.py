"""The rules, by family: each takes the facts and answers None or why the call is not allowed."""

from calls.policy.rule import Rule
from calls.policy.rules import agreements, frequency, holds, hours, ledger, number, place, traffic, wishes

RULES: tuple[Rule, ...] = (
    traffic.kill_switch,
    traffic.registered_name,
    traffic.no_other_live_call,
    traffic.line_free,
    traffic.budget_left,
    ledger.invoice_open,
    ledger.one_currency,
    ledger.above_tolerance,
    ledger.no_payment_pending,
    ledger.not_excluded,
    agreements.promise_due,
    agreements.plan_behind,
    holds.no_hold,
    holds.something_undisputed,
    holds.validation_notice,
    number.number_ordinary,
    number.number_theirs,
    number.country_served,
    place.place_supported,
    place.place_open,
    place.owner_confirmed,
    number.not_opted_out,
    number.consent_given,
    wishes.place_welcome,
    wishes.number_welcome,
    wishes.voice_welcome,
    wishes.wish_understood,
    wishes.callback_reached,
    hours.lawful_hour,
    hours.lawful_day,
    hours.workplace_hours,
    hours.house_hours,
    hours.house_holiday,
    wishes.time_welcome,
    frequency.debt_calls,
    frequency.after_conversation,
    frequency.place_cap,
    frequency.person_calls,
    frequency.days_between,
    frequency.attempts_left,
)

__all__ = ["RULES"]
