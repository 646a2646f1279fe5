"""How the findings of a review are named on pages."""

from django import template

register = template.Library()

DISCLOSURES = {
    "ai": "Said that a machine speaks",
    "business": "Named the business",
    "recorded": "Said that the call is recorded",
    "callback_number": "Gave the number to call back",
}
CHECKS = {
    "debt_after_verification": "Nothing of the debt before verification",
    "promise_read_back": "What was agreed was read back and confirmed",
    "no_threat": "No threat",
    "no_human_claim": "Did not claim to be human",
    "no_discount": "No discount offered",
    "no_card_request": "Asked for no card or account number",
}


@register.filter
def disclosure_text(name: str) -> str:
    return DISCLOSURES.get(name, name)


@register.filter
def check_text(name: str) -> str:
    return CHECKS.get(name, name)
