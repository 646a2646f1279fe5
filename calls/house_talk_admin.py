"""What staff set for the conversation, in the admin: a form of its own, and how it is shown with the house's rules."""

from typing import Any

from django.contrib import admin
from django.utils.html import format_html_join

from calls.house import house_rules_change
from calls.house_talk import agent_voice, talk_limits
from calls.house_talk_fields import LANGUAGES, LONGEST_LINE
from calls.models import HouseRules
from invoices.addresses import phone_text
from invoices.admin import form_fields as fields
from invoices.admin.acts import Act, ActForm

OPENING = "opening_"


class ConversationForm(ActForm):
    agent_voice_name = fields.text(
        "The voice’s name",
        longest=40,
        required=False,
        help_text="Empty: the name from the installation’s settings.",
    )
    tts_voice = fields.text(
        "The voice’s sound",
        longest=40,
        required=False,
        help_text="A voice of the speech service, such as alloy. Empty: as installed.",
    )
    callback_number = fields.text(
        "Callback number",
        longest=40,
        required=False,
        help_text="Said in calls; with its country, and never the number that dials.",
    )
    payment_instructions = fields.text(
        "How to pay",
        longest=500,
        required=False,
        rows=3,
        help_text="Said to verified customers who ask. The only bank details that the voice ever names.",
    )
    promise_within_days = fields.whole("Days ahead for a promise", help_text="1 to 180.")
    plan_most_instalments = fields.whole("Instalments at most", help_text="2 to 60.")
    plan_longest_days = fields.whole("Days until the last instalment, at most", help_text="7 to 1830.")
    plan_least_instalment = fields.amount("Least instalment", help_text="In the invoice’s currency.")
    reason = fields.reason()

    # The service has the lines together.
    shown_at = {"opening_lines": f"{OPENING}en"}

    def prepare(self) -> None:
        for name in self.fields.keys() & {field.name for field in HouseRules._meta.fields}:
            self.fields[name].initial = getattr(self.row, name)
        self.fields["plan_least_instalment"].initial = f"{self.row.plan_least_instalment.normalize():f}"
        for code, language in LANGUAGES.items():
            self.fields[OPENING + code] = fields.text(
                f"First words, {language.name}",
                longest=LONGEST_LINE,
                required=False,
                rows=2,
                help_text="With {agent}, {business} and {customer}. It says that a machine speaks and that the call is"
                " recorded, and nothing of what it is about. Empty: as installed.",
                initial=self.row.opening_lines.get(code, ""),
            )
        first = ["agent_voice_name", "tts_voice", *(OPENING + code for code in LANGUAGES)]
        self.order_fields([*first, *(name for name in self.fields if name not in (*first, "reason"))])

    def post(self, **who: Any) -> HouseRules:
        given = dict(self.cleaned_data)
        lines = {code: given.pop(OPENING + code) for code in LANGUAGES}
        return house_rules_change(opening_lines=lines, **given, **who)


CONVERSATION = Act(
    name="conversation",
    title="Change the conversation",
    form=ConversationForm,
    permissions=("calls.change_houserules",),
    done="The conversation is as you have set it.",
    intro="How the voice speaks, and what it may agree to. It holds for calls that begin from now on.",
)


class ConversationShown:
    """The columns of the conversation on the page of the house's rules."""

    @admin.display(description="The voice’s name and sound")
    def voice(self, rules: HouseRules) -> str:
        return f"{agent_voice().name}, {rules.tts_voice or 'as installed'}"

    @admin.display(description="Callback number")
    def callback(self, rules: HouseRules) -> str:
        return phone_text(rules.callback_number) or "None"

    @admin.display(description="First words")
    def openings(self, rules: HouseRules) -> str:
        lines = [
            (LANGUAGES[code].name, line) for code, line in rules.opening_lines.items() if code in LANGUAGES
        ]
        return format_html_join("\n", "<p>{}: {}</p>", lines) or "As installed"

    @admin.display(description="How to pay")
    def instructions(self, rules: HouseRules) -> str:
        return talk_limits().payment_instructions or "Not said"

    @admin.display(description="Promises")
    def promises(self, rules: HouseRules) -> str:
        return f"Within {rules.promise_within_days} days"

    @admin.display(description="Plans")
    def plans(self, rules: HouseRules) -> str:
        least = f"{rules.plan_least_instalment.normalize():f}"
        return (
            f"At most {rules.plan_most_instalments} instalments within {rules.plan_longest_days} days,"
            f" each at least {least}"
        )
