"""What staff set for the conversation: what it may be, who set it, and that the voice and the services keep to it."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from calls.conversation import (
    PlanRefused,
    PromiseRefused,
    debts,
    opening_facts,
    plan_check,
    promise_check,
    voice_facts,
)
from calls.house import house_rules_change
from calls.models import HouseRules
from invoices.models import Event
from tests.calls.talks import talk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]

PAGE = "/admin/calls/houserules/1"
GOOD = "Hello, {agent} here, an AI assistant of {business}. This is recorded. May I speak with {customer}?"
FORM = {
    "agent_voice_name": "Wilma",
    "tts_voice": "nova",
    "callback_number": "+44 20 7946 0200",
    "payment_instructions": "By transfer to the account on the invoice.",
    "promise_within_days": "30",
    "plan_most_instalments": "4",
    "plan_longest_days": "90",
    "plan_least_instalment": "25.50",
    "opening_en": GOOD,
    "reason": "A new voice",
}


def change(**changes):
    return house_rules_change(source="staff", actor=None, reason="Because", **changes)


def test_staff_set_the_conversation_and_the_next_call_keeps_to_it(browser, admin_user):
    page = browser(admin_user)
    answer = page.post(f"{PAGE}/act/conversation/", FORM)
    assert answer.status_code == 302, answer.context["form"].errors
    call = talk()
    assert opening_facts(call_id=call.pk).agent_name == "Wilma"
    voice = voice_facts(call_id=call.pk)
    assert (voice.tts_voice, voice.opening_lines, voice.callback_number) == (
        "nova",
        {"en": GOOD},
        "+442079460200",
    )
    known = debts(call_id=call.pk)
    assert known.payment_instructions == "By transfer to the account on the invoice."
    assert (known.callback_number, known.promise_within_days) == ("+442079460200", 30)
    assert (known.plan_limits.most_instalments, known.plan_limits.least_instalment) == (4, Decimal("25.5"))
    with pytest.raises(PromiseRefused, match="too far"):
        promise_check(call_id=call.pk, amount="1", due_date="2026-12-25")
    with pytest.raises(PlanRefused, match="2 to 4"):
        plan_check(call_id=call.pk, instalments=5, every="week", first_date="2026-12-01")
    text = page.get(f"{PAGE}/change/").text
    for said in ("Wilma", "+44 20 7946 0200", "English: Hello, {agent}", "agent voice name", "A new voice"):
        assert said in text, said
    event = Event.objects.get(object_type="house_rules")
    assert (event.actor, event.after["opening_line_en"]) == (admin_user, GOOD)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("callback_number", "+442079460107"),
        ("callback_number", "12"),
        ("agent_voice_name", "R2D2"),
        ("agent_voice_name", "x{customer}"),
        ("tts_voice", "nova; drop"),
        ("promise_within_days", 0),
        ("promise_within_days", 181),
        ("plan_most_instalments", 1),
        ("plan_longest_days", 6),
        ("plan_least_instalment", "-1"),
        ("payment_instructions", "x" * 501),
        (
            "opening_lines",
            {"en": "This is {agent}, an AI assistant. This call is recorded. Is {customer} there?"},
        ),
        ("opening_lines", {"en": GOOD.replace("an AI assistant", "a friend")}),
        ("opening_lines", {"en": GOOD.replace("This is recorded.", "")}),
        ("opening_lines", {"en": GOOD + " It is about an unpaid invoice."}),
        ("opening_lines", {"en": GOOD + " It is about your account."}),
        ("opening_lines", {"en": GOOD + " 120"}),
        ("opening_lines", {"en": GOOD + " {balance}"}),
        ("opening_lines", {"en": GOOD + " {agent.__class__}"}),
        ("opening_lines", {"en": GOOD + " {agent!r:>99}"}),
        ("opening_lines", {"en": GOOD + " {"}),
        ("opening_lines", {"es": GOOD}),
        ("opening_lines", {"xx": GOOD}),
    ],
)
def test_what_the_conversation_can_not_be(settings, field, value):
    settings.TWILIO_PHONE_NUMBER = "+442079460107"
    with pytest.raises(ValidationError) as refused:
        change(**{field: value})
    assert set(refused.value.message_dict) == {field}
    assert not Event.objects.filter(object_type="house_rules").exists()


def test_first_words_in_a_language_that_the_voice_does_not_speak_are_not_offered(browser, admin_user):
    line = "Soy {agent}, asistente de inteligencia artificial de {business}. La llamada se graba. ¿Está {customer}?"
    with pytest.raises(ValidationError) as refused:
        change(opening_lines={"es": line})
    assert set(refused.value.message_dict) == {"opening_lines"}
    form = browser(admin_user).get(f"{PAGE}/act/conversation/").text
    assert "First words, English" in form and "Spanish" not in form


def test_a_refused_opening_is_told_at_its_field(browser, admin_user):
    page = browser(admin_user)
    answer = page.post(f"{PAGE}/act/conversation/", {**FORM, "opening_en": "Pay your debt!"})
    assert answer.status_code == 200
    assert "opening_en" in answer.context["form"].errors
    assert not HouseRules.objects.get().opening_lines


def test_the_number_that_dials_is_never_the_one_to_call_back(settings):
    change(callback_number="+442079460200")
    settings.TWILIO_PHONE_NUMBER = "+442079460200"
    assert voice_facts(call_id=talk().pk).callback_number == ""


def test_a_collector_may_not_change_it(browser, collector):
    assert browser(collector).post(f"{PAGE}/act/conversation/", FORM).status_code == 403


def test_without_a_word_of_staff_the_settings_say_how_to_pay(settings):
    settings.PAYMENT_INSTRUCTIONS = "At pay.example.com."
    assert debts(call_id=talk().pk).payment_instructions == "At pay.example.com."
