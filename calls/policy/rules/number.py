"""Whether the number may be rung, and whether the person allowed it."""

import phonenumbers
from phonenumbers import PhoneNumberType

from calls.policy.consent import opted_out, voice_consent
from calls.policy.places import parse, region_of, whereabouts
from calls.policy.rule import HOUSE, Because, rule
from calls.policy.snapshot import Snapshot

ORDINARY = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.VOIP,
    }
)
# The exchange of premium numbers in every area code of +1.
NANP_PREMIUM_EXCHANGE = "976"


@rule(HOUSE)
def number_ordinary(facts: Snapshot) -> str | None:
    """A valid number of an ordinary line: neither emergency, premium, shared cost, toll-free nor personal."""
    parsed = parse(facts.number.value)
    if parsed is None or not phonenumbers.is_valid_number(parsed):
        return "The number is not a valid telephone number."
    premium = parsed.country_code == 1 and str(parsed.national_number)[3:6] == NANP_PREMIUM_EXCHANGE
    if premium or phonenumbers.number_type(parsed) not in ORDINARY:
        return "The number is not that of an ordinary telephone line."
    return None


@rule("47 CFR 64.1200(a)(1); 12 CFR 1006.14(h)")
def number_theirs(facts: Snapshot) -> str | None:
    return "The number belongs to somebody else." if facts.number.wrong else None


@rule(HOUSE)
def country_served(facts: Snapshot) -> str | None:
    countries = (facts.person.country, region_of(facts.number.value))
    for country in countries:
        if country not in facts.house.countries:
            return f"The business rings nobody in {country or 'a country that is not known'}."
    return None


@rule("12 CFR 1006.14(h); 47 CFR 64.1200(a)(10)", timed=True)
def not_opted_out(facts: Snapshot) -> str | None:
    if not facts.number.allows_voice:
        return "The number is not to be rung."
    return "The customer has asked us to stop calling." if opted_out(facts) else None


@rule("47 CFR 64.1200(a)(1), (a)(3); FCC 24-17", timed=True)
def consent_given(facts: Snapshot) -> str | Because | None:
    """An AI voice is an artificial voice. A line that is not surely a landline counts as mobile."""
    if voice_consent(facts) is not None:
        return None
    text = (
        "There is no record that the customer gave this number or agreed to be rung by an artificial voice."
    )
    packs = whereabouts(facts).packs
    always = next((pack for pack in packs if pack.consent == "always"), None)
    if always is not None:
        return Because(text, always.source)
    mobile = facts.number.line_type != "landline"
    return text if mobile and any(pack.consent == "mobile" for pack in packs) else None
