"""The house's rules in the admin: one page, what may be done there, and who changed what."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from calls.house import OBJECT_TYPE, house_rules_change, kill_switch_set, legal_name
from calls.house_fields import confirmations_known, countries_open
from calls.house_talk_admin import CONVERSATION, ConversationShown
from calls.models import HouseRules
from calls.pace import limits
from invoices.addresses import phone_text
from invoices.admin import form_fields as fields
from invoices.admin.acts import Act, ActForm
from invoices.admin.base import LedgerAdmin

MAY_CHANGE = ("calls.change_houserules",)
AMOUNTS = (
    "tolerance",
    "daily_budget",
    "cost_per_minute",
    "models_budget",
    "models_cost_per_minute",
    "most_calls_per_second",
)


def _countries() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label="Countries we ring",
        choices=lambda: countries_open().items(),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="None chosen: nobody is rung.",
    )


class RulesForm(ActForm):
    legal_name = fields.text(
        "Registered legal name",
        longest=200,
        required=False,
        help_text="Every call begins with it. Empty: the name from the installation’s settings.",
    )
    mode = fields.choice("Whose invoices", HouseRules.Mode.choices, initial=HouseRules.Mode.CREDITOR)
    hours_from = fields.hour("Ring from")
    hours_until = fields.hour("Ring until")
    keeps_holidays = fields.switch("No calls on public holidays of the customer’s country")
    holidays = fields.text(
        "Days on which we are closed",
        longest=6000,
        required=False,
        rows=3,
        help_text="Such as 2026-12-25; one on each line.",
    )
    calls_per_person = fields.whole("Calls to one person in 7 days", help_text="1 to 7.")
    days_between = fields.whole("Days between two attempts", help_text="0 to 31.")
    most_attempts = fields.whole(
        "Attempts before a human takes over",
        help_text="1 to 50; calls without a conversation.",
    )
    retries = fields.whole(
        "Retries of an unanswered call",
        help_text="0 to 10. Made by themselves, at another time of the day; 0: none.",
    )
    retry_after_days = fields.whole("Days before a retry", help_text="1 to 31.")
    tolerance = fields.amount(
        "Amount not worth a call", help_text="Up to this, in the invoice’s currency, nobody is rung."
    )
    countries = _countries()
    daily_budget = fields.amount(
        "Budget for calls, each day (UTC)", required=False, help_text="Empty: no limit. 0: no calls."
    )
    budget_currency = fields.text("Currency of the budget", longest=3)
    cost_per_minute = fields.amount(
        "What a minute costs, about", help_text="Each begun minute of a call counts against the budget."
    )
    models_budget = fields.amount(
        "Budget for the voice models, each day (UTC)",
        required=False,
        help_text="Once it is spent, calls are announced. Empty: no limit. 0: every call is announced.",
    )
    models_cost_per_minute = fields.amount(
        "What a minute of them costs, about",
        help_text="Each begun minute of a conversation counts against their budget.",
    )
    most_calls_at_once = fields.whole(
        "Calls at the same time",
        required=False,
        help_text="What comes on top waits. Empty: as many as the agents can hold.",
    )
    most_calls_per_second = fields.amount(
        "Calls placed in a second", required=False, help_text="Empty: as many as the installation allows."
    )
    transfer_number = fields.text(
        "Number of a colleague",
        longest=64,
        required=False,
        help_text="Whoever asks for a human is connected to it. Empty: somebody rings back.",
    )
    transfer_from = fields.hour("Colleagues answer from")
    transfer_until = fields.hour("Colleagues answer until")
    transfer_zone = fields.text(
        "Time zone of these hours", longest=64, help_text="Such as Europe/London or America/New_York."
    )
    announcement_fallback = fields.switch("Without a voice agent, the scripted announcement speaks")
    reason = fields.reason()

    def prepare(self) -> None:
        for name in self.fields.keys() & {field.name for field in HouseRules._meta.fields}:
            self.fields[name].initial = getattr(self.row, name)
        for name in ("hours_from", "hours_until"):
            self.fields[name].required = True
            self.fields[name].help_text = "By the customer’s clock; from 08:00 to 21:00 at the widest."
        for name in ("transfer_from", "transfer_until"):
            self.fields[name].required = True
        for name in AMOUNTS:
            amount = getattr(self.row, name)
            self.fields[name].initial = None if amount is None else f"{amount.normalize():f}"
        self.fields["holidays"].initial = "\n".join(self.row.holidays)
        for name, what in confirmations_known().items():
            self.fields[name] = fields.text(
                _label(name),
                longest=100,
                required=False,
                help_text=f"{what[:1].upper()}{what[1:]}. Empty: nobody is rung there.",
                initial=self.row.confirmations.get(name, ""),
            )
        self.order_fields([name for name in self.fields if name != "reason"])

    def post(self, **who: Any) -> HouseRules:
        given = dict(self.cleaned_data)
        confirmations = {name: given.pop(name) for name in confirmations_known()}
        given["holidays"] = given["holidays"].replace(",", " ").split()
        return house_rules_change(confirmations=confirmations, **given, **who)


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()


class StopForm(ActForm):
    reason = fields.reason(help_text="Shown on every page while calls are stopped.")

    def post(self, **who: Any) -> HouseRules:
        return _turned(on=True, already="All calls are stopped already.", **self.cleaned_data, **who)


class AllowForm(ActForm):
    reason = fields.reason()

    def post(self, **who: Any) -> HouseRules:
        return _turned(on=False, already="Calls are allowed already.", **self.cleaned_data, **who)


def _turned(*, already: str, **how: Any) -> HouseRules:
    if not kill_switch_set(**how):
        raise ValidationError(already)
    return HouseRules.objects.get(pk=HouseRules.ONLY)


CHANGE = Act(
    name="change",
    title="Change the house rules",
    form=RulesForm,
    permissions=MAY_CHANGE,
    done="The house rules are as you have set them.",
    intro="They hold for every call, beside the law. They can be stricter than the law, never looser.",
)
STOP = Act(
    name="stop",
    title="Stop all calls",
    form=StopForm,
    permissions=MAY_CHANGE,
    done="All calls are stopped.",
    offered=lambda row: not row.kill_switch,
    intro="Nobody is rung any more, and phones that ring are put down. Conversations under way go on.",
    danger=True,
)
ALLOW = Act(
    name="allow",
    title="Allow calls again",
    form=AllowForm,
    permissions=MAY_CHANGE,
    done="Calls are allowed again.",
    offered=lambda row: row.kill_switch,
)


def _budget_text(budget: Decimal | None, rules: HouseRules) -> str:
    return "No limit" if budget is None else f"{budget.normalize():f} {rules.budget_currency}"


@admin.register(HouseRules)
class HouseRulesAdmin(ConversationShown, LedgerAdmin):
    object_type = OBJECT_TYPE
    only_row = HouseRules.ONLY
    acts = [CHANGE, CONVERSATION, STOP, ALLOW]
    fieldsets = [
        (
            "The switch",
            {"fields": [("stopped", "kill_switch_since"), ("kill_switch_by", "kill_switch_reason")]},
        ),
        ("Who rings", {"fields": [("name_shown", "mode"), ("countries_shown", "confirmed")]}),
        ("When", {"fields": [("hours", "public_holidays"), "closed_days"]}),
        (
            "How often",
            {
                "fields": [
                    ("calls_per_person", "days_between"),
                    ("most_attempts", "tolerance_shown"),
                    ("retries", "retry_after_days"),
                ]
            },
        ),
        ("What it may cost", {"fields": [("budget", "minute"), ("voice_budget", "voice_minute")]}),
        ("How fast", {"fields": [("at_once", "per_second")]}),
        (
            "The conversation",
            {"fields": [("voice", "callback"), "openings", "instructions", ("promises", "plans")]},
        ),
        (
            "Humans and machines",
            {"fields": ["announced", ("colleague", "colleague_hours")]},
        ),
    ]

    @admin.display(description="All calls stopped")
    def stopped(self, rules: HouseRules) -> str:
        return "Yes" if rules.kill_switch else "No"

    @admin.display(description="Registered legal name")
    def name_shown(self, rules: HouseRules) -> str:
        return legal_name()

    @admin.display(description="Countries we ring")
    def countries_shown(self, rules: HouseRules) -> str:
        names = countries_open()
        return ", ".join(names.get(code, code) for code in rules.countries) or "None"

    @admin.display(description="Confirmed by the owner")
    def confirmed(self, rules: HouseRules) -> str:
        return ", ".join(f"{_label(name)}: {text}" for name, text in rules.confirmations.items())

    @admin.display(description="Hours, by the customer’s clock")
    def hours(self, rules: HouseRules) -> str:
        return f"{rules.hours_from:%H:%M} to {rules.hours_until:%H:%M}"

    @admin.display(description="No calls on public holidays")
    def public_holidays(self, rules: HouseRules) -> str:
        return "Yes" if rules.keeps_holidays else "No"

    @admin.display(description="Days on which we are closed")
    def closed_days(self, rules: HouseRules) -> str:
        return ", ".join(rules.holidays)

    @admin.display(description="Amount not worth a call")
    def tolerance_shown(self, rules: HouseRules) -> str:
        return f"{rules.tolerance.normalize():f}"

    @admin.display(description="Budget for calls, each day")
    def budget(self, rules: HouseRules) -> str:
        return _budget_text(rules.daily_budget, rules)

    @admin.display(description="Budget for the voice models, each day")
    def voice_budget(self, rules: HouseRules) -> str:
        return _budget_text(rules.models_budget, rules)

    @admin.display(description="What a minute of them costs, about")
    def voice_minute(self, rules: HouseRules) -> str:
        return f"{rules.models_cost_per_minute.normalize():f} {rules.budget_currency}"

    @admin.display(description="Calls at the same time, at most")
    def at_once(self, rules: HouseRules) -> str:
        return str(limits().at_once)

    @admin.display(description="Calls placed in a second, at most")
    def per_second(self, rules: HouseRules) -> str:
        return f"{limits().per_second:g}"

    @admin.display(description="What a minute costs, about")
    def minute(self, rules: HouseRules) -> str:
        return f"{rules.cost_per_minute.normalize():f} {rules.budget_currency}"

    @admin.display(description="Without a voice agent")
    def announced(self, rules: HouseRules) -> str:
        return "The scripted announcement speaks" if rules.announcement_fallback else "Nobody is rung"

    @admin.display(description="Number of a colleague")
    def colleague(self, rules: HouseRules) -> str:
        return phone_text(rules.transfer_number) or "None: somebody rings back"

    @admin.display(description="Colleagues answer")
    def colleague_hours(self, rules: HouseRules) -> str:
        return f"{rules.transfer_from:%H:%M} to {rules.transfer_until:%H:%M}, {rules.transfer_zone}"
